// Time: a session that nobody uses, one that is used to its last second. Its limits are short here.

import { accessible } from "../support/axe.ts";
import { ask } from "../support/path.ts";
import { RecordsPage } from "../support/pages/records.ts";
import { RequestPage } from "../support/pages/request.ts";
import { file, summary } from "../support/summary.ts";
import { expect, test } from "../support/test.ts";

const IDLE = 5;
const SESSION = 16;
test.use({ limits: { idle: IDLE, session: SESSION } });

const ENDED = "You are no longer signed in. Sign in to go on; what you entered is kept.";

test("what stands on a page that nobody touches is hidden at the idle limit, and there again after sign-in", async ({ people }) => {
  const registrar = await people.joined("registrar");
  const page = new RecordsPage(registrar.page);
  await page.open();
  await page.newRecord.click();
  await page.summary.setInputFiles(file("testina.json", summary()));
  const patient = page.preview.getByRole("heading", { name: "Testina Drillmann" });
  await expect(patient).toBeVisible();
  await expect(registrar.page.getByText(ENDED)).toBeVisible({ timeout: (IDLE + 5) * 1_000 });
  await expect(patient).toBeHidden();
  await accessible(registrar.page, "a session that ran out");
  await registrar.signIn();
  await expect(patient).toBeVisible();
});

test("a key now and then keeps a session, to its absolute end", async ({ people }) => {
  const began = Date.now();
  const registrar = await people.joined("registrar");
  await new RecordsPage(registrar.page).open();
  const ended = registrar.page.getByText(ENDED);
  await expect
    .poll(
      async () => {
        await registrar.page.keyboard.press("Shift");
        return ended.isVisible();
      },
      { timeout: (SESSION + 10) * 1_000, intervals: [500] },
    )
    .toBe(true);
  expect((Date.now() - began) / 1_000, "neither idle, nor ended before its time").toBeGreaterThanOrEqual(SESSION - 1);
  // The page counts whole seconds, and ends the shorter for it.
  const backend = async () => (await registrar.page.request.get("/api/v1/session")).status();
  await expect.poll(backend, { message: "the backend says so too", timeout: 3_000 }).toBe(401);
});

test("a request whose sign-in ran out can be opened no more: the page says so, and asks again", async ({ people }) => {
  const responder = await people.joined("responder");
  responder.complaints.expectStatus(401, /\/api\/v1\//);
  await ask(responder);
  await expect(responder.page.getByText(ENDED)).toBeVisible({ timeout: (IDLE + 15) * 1_000 });
  await responder.signIn();
  const request = new RequestPage(responder.page);
  await expect(request.title("Cancelled")).toBeVisible();
  await expect(responder.page.getByText("Your sign-in ended, and the request with it")).toBeVisible();
  await expect(responder.page.getByText("If you cannot go back to that one")).toHaveCount(0);
  await request.askAgain.click();
  await responder.page.getByRole("button", { name: "Ask for access" }).click();
  await expect(request.title("Waiting for dispatch")).toBeVisible();
});
