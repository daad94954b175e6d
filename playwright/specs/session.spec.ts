// Time: a session that nobody uses, one that is used to its last second, one that its page alone goes on with. Its limits are short here.

import { accessible } from "../support/axe.ts";
import { ask } from "../support/path.ts";
import { RecordsPage } from "../support/pages/records.ts";
import { RequestPage } from "../support/pages/request.ts";
import { file, summary } from "../support/summary.ts";
import type { Member } from "../support/member.ts";
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

/** Cuts the line of events twice a second: each time the page looks whether its session still is. */
async function cutAgainAndAgain({ page }: Member): Promise<void> {
  const body = 'retry: 500\nevent: picture\ndata: {"unread":0}\n\n';
  await page.route("/api/v1/notices/unread/events", (route) => route.fulfill({ contentType: "text/event-stream", body }));
}

test("a line that is lost again and again keeps no tablet signed in that nobody touches", async ({ people }) => {
  const member = await people.joined("registrar");
  await cutAgainAndAgain(member);
  const looks: boolean[] = [];
  member.page.on("request", (call) => {
    if (call.url().endsWith("/api/v1/session")) looks.push("x-halligan-by-itself" in call.headers());
  });
  const began = Date.now();
  await member.page.goto("/");
  await expect(member.page.getByRole("heading", { name: "Start" })).toBeVisible();
  await expect(member.page.getByText(ENDED)).toBeVisible({ timeout: (SESSION - 4) * 1_000 });
  expect((Date.now() - began) / 1_000, "seconds until it was hidden").toBeLessThan(SESSION - 3);
  expect(looks.filter((byItself) => byItself).length, "looks of the page by itself").toBeGreaterThan(3);
  // A look of this test renews nothing either.
  const look = await member.page.request.get("/api/v1/session", { headers: { "x-halligan-by-itself": "1" } });
  expect(look.status(), "the backend says so too").toBe(401);
});

test("what a proxy answers in the portal's place keeps nothing on the page", async ({ people }) => {
  const member = await people.joined("registrar");
  await member.page.goto("/");
  await expect(member.page.getByRole("heading", { name: "Start" })).toBeVisible();
  member.complaints.expectStatus(502, /\/api\/v1\//);
  let answered = 0;
  await member.page.route("/api/v1/session", (route) => {
    answered += 1;
    return route.fulfill({ status: 502, contentType: "text/html", body: "<h1>Bad gateway</h1>" });
  });
  const began = Date.now();
  const ended = member.page.getByText(ENDED);
  // Touched all the while: each touch asks the portal, which cannot be reached.
  await expect
    .poll(
      async () => {
        await member.page.keyboard.press("Shift");
        return ended.isVisible();
      },
      { timeout: (SESSION + 5) * 1_000, intervals: [500] },
    )
    .toBe(true);
  expect((Date.now() - began) / 1_000, "seconds until it was hidden").toBeLessThan(SESSION - 5);
  expect(answered, "answers of the proxy").toBeGreaterThan(0);
});

test("a request whose sign-in ran out can be opened no more: the page says so, and asks again", async ({ people }) => {
  const responder = await people.joined("responder");
  responder.complaints.expectStatus(401, /\/api\/v1\//);
  await ask(responder);
  await expect(responder.page.getByText("You are no longer signed in, and your request ended with that")).toBeVisible({ timeout: (IDLE + 15) * 1_000 });
  // The page is never later than the portal; whoever signs in before that goes on with what they asked.
  const look = () => responder.page.request.get("/api/v1/session", { headers: { "x-halligan-by-itself": "1" } });
  await expect.poll(async () => (await look()).status()).toBe(401);
  await responder.signIn();
  const request = new RequestPage(responder.page);
  await expect(request.title("Cancelled")).toBeVisible();
  await expect(responder.page.getByText("Your sign-in ended, and the request with it")).toBeVisible();
  await expect(responder.page.getByText("If you cannot go back to that one")).toHaveCount(0);
  await request.askAgain.click();
  await responder.page.getByRole("button", { name: "Ask for access" }).click();
  await expect(request.title("Waiting for dispatch")).toBeVisible();
});
