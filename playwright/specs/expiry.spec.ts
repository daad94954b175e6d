// Time: the window runs out under the record. It is short here.

import { accessible } from "../support/axe.ts";
import { expectNoTrace, expectRecordInMemory } from "../support/memory.ts";
import { openRecord, opened } from "../support/path.ts";
import { AuditPage } from "../support/pages/audit.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { RequestPage } from "../support/pages/request.ts";
import { expect, test } from "../support/test.ts";

const WINDOW = 10;
test.use({ limits: { window: WINDOW } });

test("the countdown runs to its end and erases the record", async ({ people }) => {
  const { responder, record, desk } = await opened(people);
  await expect(record.countdown).toHaveText(/^0:(10|0[1-9])$/);
  await expectRecordInMemory(responder);
  await expect(record.erased).toBeVisible({ timeout: (WINDOW + 2) * 1_000 });
  await expect(responder.page.getByText("The time is over.")).toBeVisible();
  await expectNoTrace(responder);
  await expect(new RequestPage(responder.page).openAgain).toHaveCount(0);
  await accessible(responder.page, "a record whose time is over");
  await expect(desk.live(responder.name)).toHaveCount(0);
  await new RequestPage(responder.page).askAgain.click();
  await expect(responder.page.getByRole("heading", { name: "Why do you need it?" })).toBeVisible();
  await expect(responder.page.getByLabel("Ticket or incident number")).not.toHaveValue("");
});

test("the viewer erases itself at the end, though the page around it hears nothing", async ({ people }) => {
  const { responder } = await opened(people);
  const viewer = responder.page.frames().find((frame) => frame.url().endsWith("/viewer"));
  if (!viewer) throw new Error("No frame shows the record.");
  let heard = false;
  const stuck = responder.page
    .evaluate((milliseconds) => {
      const end = performance.now() + milliseconds;
      while (performance.now() < end);
    }, (WINDOW + 5) * 1_000)
    .then(() => (heard = true));
  await viewer.waitForFunction(() => document.querySelector("article") === null, undefined, { polling: 100, timeout: (WINDOW + 3) * 1_000 });
  expect(heard, "the page stood still all the while").toBe(false);
  await stuck;
});

test("a second tab and a reload after the end are refused, and the log says how it ended", async ({ people }) => {
  const { responder, record } = await opened(people);
  const address = responder.page.url();
  await expect(record.erased).toBeVisible({ timeout: (WINDOW + 2) * 1_000 });
  const second = await responder.context.newPage();
  await second.goto(address);
  await expect(new RequestPage(second).title("Record closed")).toBeVisible();
  await expect(second.getByText("Its window is over. Nothing of it is left on this device.")).toBeVisible();
  await responder.page.reload();
  await expect(new RequestPage(responder.page).title("Record closed")).toBeVisible();
  await expect(new RequestPage(responder.page).openAgain).toHaveCount(0);

  const auditor = await people.joined("auditor");
  const audit = new AuditPage(auditor.page);
  await audit.open();
  await audit.filter({ kind: "Records opened, wiped, sealed", agencyId: responder.agencyId });
  await expect(audit.kinds).toHaveText(["record.wiped", "record.opened"]);
});

test("a tab that was offered the record before the end is refused after it", async ({ people }) => {
  const { responder, record } = await opened(people);
  await responder.page.reload();
  const request = new RequestPage(responder.page);
  await expect(request.openAgain).toBeVisible();
  responder.complaints.expectStatus(409, /\/release/);
  await expect(request.title("Record closed")).toBeVisible({ timeout: (WINDOW + 2) * 1_000 });
  await expect(record.sheet).toHaveCount(0);
  await expectNoTrace(responder);
});

test("an answer that is held up on its way prolongs nothing", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const left = new DeskPage(dispatcher.page).live(responder.name).getByRole("timer");
  await responder.context.route(
    (url) => url.pathname.endsWith("/release"),
    async (route) => {
      const answer = await route.fetch();
      await expect(left).toHaveText(/^0:0[0-6]$/);
      await route.fulfill({ response: answer });
    },
  );
  const record = await openRecord(responder, dispatcher);
  // Read once: a countdown that began anew would come down to this as well.
  expect(await record.countdown.innerText()).toMatch(/^0:0[0-6]$/);
});
