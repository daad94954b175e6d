// The backend is cut off and started again at each step: pages resume, and nothing accepted is lost.

import { accessible } from "../support/axe.ts";
import { arrive, ask, opened } from "../support/path.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { USUAL } from "../support/pages/justify.ts";
import { RecordPage } from "../support/pages/record.ts";
import { RecordsPage } from "../support/pages/records.ts";
import { RequestPage } from "../support/pages/request.ts";
import { drill, file, summary } from "../support/summary.ts";
import { expect, test as base, type People } from "../support/test.ts";
import type { Member } from "../support/member.ts";

/** People who do not mind that the portal goes away under their pages. */
const test = base.extend<{ steady: People }>({
  steady: async ({ people }, use) => {
    const calm: People = {
      invited: async (...who) => quiet(await people.invited(...who)),
      joined: async (...who) => quiet(await people.joined(...who)),
      add: (member) => quiet(people.add(member)),
    };
    await use(calm);
  },
});

/** How long pages may take to notice and resume: their longest pause is 15 seconds. */
const RESUMED = { timeout: 20_000 };

function quiet(member: Member): Member {
  member.complaints.expectLostConnection();
  return member;
}

test("signing in goes on after a restart, and the session outlives it", async ({ steady, portal }) => {
  const member = await steady.joined("responder");
  await portal.restart();
  await member.page.reload();
  await expect(member.page.getByRole("link", { name: "Scan bracelet" })).toBeVisible();
  await member.signOut();
  await portal.restart();
  await member.signIn();
});

test("a form keeps its answers while the portal is down, and is sent afterwards", async ({ steady, portal }) => {
  const responder = await steady.joined("responder");
  const form = await arrive(responder);
  const text = "Typed before the power cut";
  await form.fill({ ...USUAL, text });
  await portal.down();
  await form.ask.click();
  await expect(responder.page.getByText("The portal cannot be reached.")).toBeVisible();
  await expect(form.text).toHaveValue(text);
  await portal.up();
  await form.ask.click();
  await expect(new RequestPage(responder.page).title("Waiting for dispatch")).toBeVisible();
});

test("the waiting page and the desk say that the line is lost, and resume", async ({ steady, portal }) => {
  const [responder, dispatcher] = [await steady.joined("responder"), await steady.joined("dispatcher")];
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  const request = await ask(responder);
  await expect(desk.card(responder.name)).toBeVisible();
  // What a lost line cannot keep is not promised.
  const promise = responder.page.getByText("the record opens by itself.");
  await expect(promise).toBeVisible();
  await portal.down();
  await expect(request.lost).toContainText("Call dispatch by radio.");
  await expect(promise).toBeHidden();
  await expect(desk.lost).toBeVisible();
  await accessible(responder.page, "waiting without a connection");
  await desk.approve(responder.name);
  const unreachable = dispatcher.page.getByText("The portal cannot be reached.");
  await expect(unreachable).toBeVisible();
  await accessible(dispatcher.page, "a desk without a connection");
  await portal.up();
  await expect(request.lost).toBeHidden(RESUMED);
  await expect(desk.lost).toBeHidden(RESUMED);
  await expect(unreachable, "what was said for want of a connection").toBeHidden();
  await desk.approve(responder.name);
  await expect(new RecordPage(responder.page).sheet).toBeVisible(RESUMED);
});

test("a decision made while the responder's page was cut off reaches it after the restart", async ({ steady, portal }) => {
  const [responder, dispatcher] = [await steady.joined("responder"), await steady.joined("dispatcher")];
  const desk = new DeskPage(dispatcher.page);
  await ask(responder);
  await responder.page.getByRole("link", { name: "Halligan" }).click();
  await desk.open();
  await desk.deny(responder.name, "Already in hospital");
  await expect(dispatcher.page.getByText(`Denied: ${responder.name}`)).toBeVisible();
  await portal.restart();
  await responder.page.goBack();
  await expect(new RequestPage(responder.page).title("Denied")).toBeVisible(RESUMED);
});

test("an open record stays open through a restart, and its attachments with it", async ({ steady, portal }) => {
  const { responder, record, desk } = await opened(steady);
  await portal.down();
  await expect(new RequestPage(responder.page).lost).toBeVisible();
  await expect(record.sheet).toBeVisible();
  await expect(record.countdown).toHaveText(/^4:\d\d$/);
  await portal.up();
  await expect(new RequestPage(responder.page).lost).toBeHidden(RESUMED);
  await expect(record.sheet).toBeVisible();
  await record.show("Pacemaker card").click();
  await expect(record.sheet.getByRole("img", { name: "Pacemaker card" })).toBeVisible();
  await expect(desk.live(responder.name)).toBeVisible(RESUMED);

  await responder.page.reload();
  await new RequestPage(responder.page).openAgain.click();
  await expect(record.sheet).toBeVisible();
  await record.done.click();
  await expect(desk.live(responder.name)).toHaveCount(0, RESUMED);
});

test("a revocation after a restart still erases", async ({ steady, portal }) => {
  const { responder, record, desk } = await opened(steady);
  await portal.restart();
  await expect(desk.lost).toBeHidden(RESUMED);
  await expect(new RequestPage(responder.page).lost).toBeHidden(RESUMED);
  await desk.end(responder.name);
  await expect(record.erased).toBeVisible(RESUMED);
});

test("a sealing that the restart interrupts is sealed afterwards", async ({ steady, portal }) => {
  const registrar = await steady.joined("registrar");
  const page = new RecordsPage(registrar.page);
  await page.open();
  await page.newRecord.click();
  await page.summary.setInputFiles(file("testina.json", summary()));
  await page.attachments.setInputFiles([drill("ecg.pdf")]);
  await page.fileNumber.fill("F-300");
  await portal.down();
  await page.seal.click();
  await expect(registrar.page.getByText("The portal cannot be reached.")).toBeVisible();
  await portal.up();
  await page.seal.click();
  await expect(page.codes).toHaveCount(2);
});

test("the log holds through all of it", async ({ steady, portal }) => {
  const { record } = await opened(steady);
  await portal.restart();
  await expect(record.sheet).toBeVisible();
  await portal.down();
  expect(await portal.command("audit", "verify")).toMatch(/^The chain holds: \d+ events/);
  await portal.up();
});
