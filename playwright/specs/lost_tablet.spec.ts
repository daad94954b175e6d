// A tablet is lost with a record open on it: dispatch or an admin ends the session, and the page forgets everything at once.

import type { Page } from "@playwright/test";

import { accessible } from "../support/axe.ts";
import type { Member } from "../support/member.ts";
import { expectNoTrace, expectRecordInMemory } from "../support/memory.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { MembersPage } from "../support/pages/members.ts";
import { RecordsPage } from "../support/pages/records.ts";
import { RequestPage } from "../support/pages/request.ts";
import { SignInPage } from "../support/pages/sign_in.ts";
import { arrive, ask, lookUp, opened } from "../support/path.ts";
import { file, summary } from "../support/summary.ts";
import { expect, test } from "../support/test.ts";

const ENDED = "The record was erased because your sign-in was ended. Call dispatch.";

/** Longest time from the word that ends a session to a tablet that shows nothing of the record, in milliseconds. */
const AT_ONCE = 1_000;

/**
 * That a word of somebody elsewhere is told to a tablet, and at once: no timer of its page runs, so that nothing but the line of events can bring
 * it, however soon the page would have asked by itself. `word`: the call by which the session is ended.
 */
async function toldAtOnce({ page }: Member, elsewhere: Page, word: RegExp, end: () => Promise<void>): Promise<void> {
  // The frame has the record, and nothing else has any of it.
  await goneAtOnce(page, () => page.waitForEvent("framedetached", { timeout: 30_000 }), elsewhere, word, end);
  await expect(page.getByText(ENDED)).toBeVisible();
}

async function goneAtOnce(page: Page, goes: () => Promise<unknown>, elsewhere: Page, word: RegExp, end: () => Promise<void>): Promise<void> {
  await page.clock.pauseAt(Date.now() + 2_000);
  const [begun, gone] = [elsewhere.waitForRequest(word).then(() => performance.now()), goes().then(() => performance.now())];
  await end();
  const took = Math.round((await gone) - (await begun));
  test.info().annotations.push({ type: "the page shows nothing more", description: `${took} ms after the session was ended` });
  expect(took, "milliseconds from the end of the session until nothing is shown").toBeLessThan(AT_ONCE);
}

/** Waits in the page, and looks at each change of it: whoever looks from outside does so now and then. */
async function isHidden(element: Element): Promise<void> {
  await new Promise<void>((done) => {
    const look = () => (element.checkVisibility() ? undefined : done());
    new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
    look();
  });
}

test("dispatch signs a responder out everywhere, and the open record is gone", async ({ people }) => {
  const { responder, record, dispatcher, desk } = await opened(people);
  await expectRecordInMemory(responder);
  responder.complaints.expectStatus(401, /\/api\/v1\//);
  const line = await desk.onDuty(responder.name);
  await line.getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(line.getByText(`This signs ${responder.name} out on every device.`)).toBeVisible();
  await accessible(dispatcher.page, "a question before the sign-out");
  await line.getByRole("button", { name: "No" }).click();
  await expect(record.sheet).toBeVisible();
  await line.getByRole("button", { name: "Sign out everywhere" }).click();
  await line.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(dispatcher.page.getByText(`${responder.name} is signed out on every device.`)).toBeVisible();
  await expect(record.sheet).toHaveCount(0);
  await expect(responder.page.getByText(ENDED)).toBeVisible();
  await expect(responder.page.getByText("what you entered is kept")).toHaveCount(0);
  await accessible(responder.page, "a record erased because the sign-in was ended");
  await expectNoTrace(responder);
  await expect(line).toHaveCount(0);
  await expect(desk.live(responder.name)).toHaveCount(0);
  await new SignInPage(responder.page).signIn();
  await expect(responder.signOutButton).toBeVisible();
  await expect(responder.page.getByText("Your sign-in was ended.")).toBeVisible();
  await expect(responder.page.getByText("You are no longer signed in")).toHaveCount(0);
});

test("dispatch signs out a responder who waits, and both are told what became of the request", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  responder.complaints.expectStatus(401, /\/api\/v1\//);
  await ask(responder);
  const line = await desk.onDuty(responder.name);
  await line.getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(line.getByText("and a request that waits is withdrawn.")).toBeVisible();
  await line.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(desk.card(responder.name)).toHaveCount(0);
  await new SignInPage(responder.page).signIn();
  await expect(new RequestPage(responder.page).title("Cancelled")).toBeVisible();
  await expect(responder.page.getByText("Your sign-in ended, and the request with it")).toBeVisible();
  await accessible(responder.page, "a request that ended with its sign-in");
});

test("an admin keeps a member out, and lets the member in again", async ({ people }) => {
  const { responder, record } = await opened(people);
  const admin = await people.joined("admin");
  responder.complaints.expectStatus(401, /\/api\/v1\//);
  responder.complaints.expectStatus(403, /\/api\/v1\/sign-in\/finish/);
  const page = new MembersPage(admin.page);
  await page.open();
  const line = page.line(responder.agencyId);
  await line.getByRole("button", { name: "Keep out" }).click();
  await accessible(admin.page, "a question before a member is kept out");
  await line.getByRole("button", { name: "Keep out", exact: true }).click();
  await expect(line.getByText("Kept out")).toBeVisible();
  await expect(record.sheet).toHaveCount(0);
  await expect(responder.page.getByText(ENDED)).toBeVisible();
  await expectNoTrace(responder);
  await responder.page.goto("/sign-in");
  await new SignInPage(responder.page).signIn();
  await expect(responder.page.getByText("An admin of your agency keeps you out. Ask them.")).toBeVisible();
  await line.getByRole("button", { name: "Let in again" }).click();
  await expect(line.getByText("Kept out")).toHaveCount(0);
  await responder.signIn();
});

test("a tablet is told at once that dispatch signed its responder out", async ({ people }) => {
  const { responder, dispatcher, desk } = await opened(people, { clock: true });
  responder.complaints.expectStatus(401, /\/api\/v1\//);
  const line = await desk.onDuty(responder.name);
  await line.getByRole("button", { name: "Sign out everywhere" }).click();
  await toldAtOnce(responder, dispatcher.page, /\/sign-out$/, () => line.getByRole("button", { name: "Sign out", exact: true }).click());
});

/** What an admin presses, twice, and what says that they are sure. */
const ADMINS_WORDS = { "signed its member out": ["Sign out everywhere", "Sign out"], "keeps its member out": ["Keep out", "Keep out"] } as const;

for (const [what, [first, second]] of Object.entries(ADMINS_WORDS)) {
  test(`a tablet is told at once that an admin ${what}`, async ({ people }) => {
    const { responder } = await opened(people, { clock: true });
    responder.complaints.expectStatus(401, /\/api\/v1\//);
    const admin = await people.joined("admin");
    const page = new MembersPage(admin.page);
    await page.open();
    const line = page.line(responder.agencyId);
    await line.getByRole("button", { name: first }).click();
    await toldAtOnce(responder, admin.page, /\/(sign-out|suspend)$/, () => line.getByRole("button", { name: second, exact: true }).click());
  });
}

test("a registrar's machine is told at once that an admin keeps its member out, whatever is on it", async ({ people }) => {
  const [registrar, admin] = [await people.joined("registrar"), await people.joined("admin")];
  const { page } = registrar;
  await page.clock.install();
  const records = new RecordsPage(page);
  await records.open();
  await records.newRecord.click();
  await records.summary.setInputFiles(file("testina.json", summary()));
  const patient = records.preview.getByRole("heading", { name: "Testina Drillmann" });
  await expect(patient).toBeVisible();
  const members = new MembersPage(admin.page);
  await members.open();
  const line = members.line(registrar.agencyId);
  await line.getByRole("button", { name: "Keep out" }).click();
  await goneAtOnce(page, () => patient.evaluate(isHidden), admin.page, /\/suspend$/, () => line.getByRole("button", { name: "Keep out", exact: true }).click());
  await expect(page.getByText(/^You are no longer signed in/)).toBeVisible();
  await expect(page).toHaveTitle("Signed out – Records – Halligan");
});

test("many bracelets alarm the desk, and the responder goes on when dispatch says so", async ({ people, portal }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  responder.complaints.expectStatus(404, /\/requests\/prepare/);
  responder.complaints.expectStatus(429, /\/requests\/prepare/);
  // As many strange bracelets as alarm; each is looked up as the page does it, and known to nobody.
  for (let strange = 0; strange < 6; strange += 1) expect(await lookUp(responder)).toBe(404);
  const alarm = desk.alarm(responder.name);
  await expect(alarm).toContainText("6 bracelets");
  await expect(desk.news).toHaveText(`Many bracelets: ${responder.name}`);
  expect(Number(await desk.tally())).toBeGreaterThan(0);
  await expect(dispatcher.page).toHaveTitle(`(${await desk.tally()}) Dispatch desk – Halligan`);
  await expect(dispatcher.page.getByText("Nobody is waiting.")).toHaveCount(0);
  await accessible(dispatcher.page, "an alarm on the desk");
  // Others' alarms may stand before it.
  await expect
    .poll(async () => {
      await dispatcher.page.keyboard.press("j");
      return alarm.evaluate((card) => card === document.activeElement);
    })
    .toBe(true);
  await responder.page.clock.install();
  const form = await arrive(responder, portal.bracelet());
  await form.fill();
  await form.ask.click();
  const slowed = responder.page.getByText(/You scanned 6 bracelets in a short time, so dispatch was told.* call dispatch, then ask again/);
  const wait = responder.page.locator(".actions .countdown");
  await expect(slowed).toBeVisible();
  await expect(wait).toHaveText(/^You can ask again in (0:\d\d|1:00)$/);
  await accessible(responder.page, "a form that has to wait");
  await responder.page.clock.fastForward(61_000);
  await expect(wait).toHaveCount(0);
  await expect(slowed).toHaveCount(0);
  await alarm.getByRole("button", { name: "In order" }).click();
  await expect(alarm).toHaveCount(0);
  await form.ask.click();
  await expect(desk.card(responder.name)).toBeVisible();
});

test("who signed out the responder of an alarm stands on its card, on every desk", async ({ people }) => {
  const [responder, first, second] = [await people.joined("responder"), await people.joined("dispatcher"), await people.joined("dispatcher")];
  responder.complaints.expectStatus(404, /\/requests\/prepare/);
  responder.complaints.expectStatus(401, /\/api\/v1\//);
  const [quick, slow] = [new DeskPage(first.page), new DeskPage(second.page)];
  await quick.open();
  await slow.open();
  for (let strange = 0; strange < 6; strange += 1) expect(await lookUp(responder)).toBe(404);
  const alarm = quick.alarm(responder.name);
  await alarm.getByRole("button", { name: "Sign out everywhere" }).click();
  await alarm.getByRole("button", { name: "Sign out", exact: true }).click();
  for (const desk of [quick, slow]) {
    await expect(desk.alarm(responder.name)).toContainText(new RegExp(`Signed out on every device by ${first.name}, \\d:\\d\\d ago\\.`));
  }
  await accessible(second.page, "an alarm whose responder is signed out");
  // Whoever has the keyboard on a card that a colleague takes away reads why, and is not left nowhere.
  await slow.alarm(responder.name).getByRole("button", { name: "In order" }).focus();
  await alarm.getByRole("button", { name: "In order" }).click();
  await expect(slow.alarm(responder.name)).toHaveCount(0);
  await expect(second.page.getByText(`${responder.name}: a colleague has said that the scans are in order.`)).toBeVisible();
  await expect(second.page.locator("body:focus")).toHaveCount(0);
});
