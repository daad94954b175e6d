// The wipe: whatever ends the record, nothing of it is left, and the log has the receipt.

import { chromium } from "@playwright/test";

import { accessible } from "../support/axe.ts";
import { holdsBack } from "../support/hostile.ts";
import { expectNoTrace, expectRecordInMemory } from "../support/memory.ts";
import { Member } from "../support/member.ts";
import { cut } from "../support/offline.ts";
import { ask, openRecord, opened } from "../support/path.ts";
import { AuditPage } from "../support/pages/audit.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { PasskeysPage } from "../support/pages/passkeys.ts";
import { RecordPage } from "../support/pages/record.ts";
import { RequestPage } from "../support/pages/request.ts";
import { expectSeen } from "../support/sight.ts";
import { expect, test, type People } from "../support/test.ts";
import { launch } from "../launch.ts";

/** The log has this event of this member, and it says so. */
async function logged(people: People, member: Member, kind: string, ...facts: string[]): Promise<void> {
  const auditor = await people.joined("auditor");
  const audit = new AuditPage(auditor.page);
  await audit.open();
  await audit.filter({ agencyId: member.agencyId });
  const event = audit.events.filter({ hasText: kind }).first();
  await expect(event).toBeVisible();
  for (const fact of facts) await expect(event.locator("pre")).toContainText(fact);
}

test("Done erases the record from page, storages and memory, and ends the grant", async ({ people }) => {
  const { responder, record, desk } = await opened(people);
  await expectRecordInMemory(responder);
  await record.done.click();
  await expect(record.erased).toBeVisible();
  await expect(responder.page.locator("main"), "where keyboard and screen reader go on").toBeFocused();
  await expect(responder.page.getByText("You are done. The key, the documents and what was on screen are gone from this device.")).toBeVisible();
  await expectNoTrace(responder);
  await expect(desk.live(responder.name)).toHaveCount(0);
  await expect(new RequestPage(responder.page).openAgain).toHaveCount(0);
  await responder.page.reload();
  await expect(new RequestPage(responder.page).title("Record closed")).toBeVisible();
  await accessible(responder.page, "a closed record");
  await logged(people, responder, "record.wiped", '"cause": "done"');
});

test("before a record is opened there is nothing to find", async ({ people }) => {
  const responder = await people.joined("responder");
  await expectNoTrace(responder);
});

test("signing out erases the record first", async ({ people }) => {
  const { responder, record } = await opened(people);
  await expectRecordInMemory(responder);
  await responder.signOutButton.click();
  await expectSeen(responder.page.getByRole("alert").getByText("The open record is erased at once, and opens again only after another request."));
  await accessible(responder.page, "a question before the sign-out");
  await expect(record.sheet, "whoever walks away from the question leaves nothing to read").toBeHidden();
  await responder.page.getByRole("button", { name: "Stay signed in" }).click();
  await expect(record.sheet).toBeVisible();
  // The line of events ends with the session, maybe before the page hears that it is signed out.
  responder.complaints.expectStatus(401, /\/api\/v1\/requests\//);
  await responder.signOut("Erase and sign out");
  await expect(record.sheet).toHaveCount(0);
  await expectNoTrace(responder);
  await logged(people, responder, "record.wiped", '"cause": "signed_out"');
});

test("signing out without a connection erases the record all the same", async ({ people }) => {
  const { responder, record } = await opened(people);
  await cut(responder, /^\/api\//);
  await responder.signOutButton.click();
  await responder.page.getByRole("button", { name: "Erase and sign out" }).click();
  await expect(record.erased).toBeVisible();
  await expect(responder.page.getByText("It is not known whether you are signed out.")).toBeVisible();
  await expectNoTrace(responder);
});

test("signing out everywhere on another device erases the record here", async ({ browser, people }) => {
  const { responder, record } = await opened(people);
  await expectRecordInMemory(responder);
  responder.complaints.expectStatus(401, /\/api\/v1\//);
  const tablet = people.add(await responder.otherDevice(browser, { screen: "tablet" }));
  await tablet.page.goto("/sign-in");
  await tablet.signIn();
  await new PasskeysPage(tablet.page).open();
  await new PasskeysPage(tablet.page).signOutEverywhere.click();
  await expect(record.sheet).toHaveCount(0);
  await expect(responder.page.getByText("The record was erased because your sign-in was ended. Call dispatch.")).toBeVisible();
  await expectNoTrace(responder);
});

test("revocation from the desk erases the record", async ({ people }) => {
  const { responder, record, dispatcher, desk } = await opened(people);
  await expectRecordInMemory(responder);
  await desk.end(responder.name, "Wrong patient");
  await expect(record.erased).toBeVisible();
  await expect(responder.page.getByText("Dispatch ended it: Wrong patient")).toBeVisible();
  await expectNoTrace(responder);
  await expect(desk.live(responder.name)).toHaveCount(0);
  await expect(dispatcher.page.getByText(`Ended: ${responder.name}`)).toBeVisible();
  await accessible(dispatcher.page, "an ended record on the desk");
  await responder.page.reload();
  await expect(responder.page.getByText("Dispatch ended it: Wrong patient")).toBeVisible();
  await expect(responder.page.getByText("Nothing of it is left on this device.")).toBeVisible();
  await logged(people, dispatcher, "grant.ended", '"ending": "revoked"', "Wrong patient");
});

test("going to another page of the portal erases the record, and back does not bring it", async ({ people }) => {
  const { responder, record } = await opened(people);
  await expectRecordInMemory(responder);
  await responder.page.getByRole("link", { name: "Halligan" }).click();
  await expect(responder.page.getByRole("link", { name: "Scan bracelet" })).toBeVisible();
  await expectNoTrace(responder);
  await responder.page.goBack();
  await expect(record.sheet).toHaveCount(0);
  await expectNoTrace(responder);
  // The window goes on, and this session may open again.
  await new RequestPage(responder.page).openAgain.click();
  await expect(record.sheet).toBeVisible();
  await logged(people, responder, "record.opened_again");
});

for (const cached of [false, true]) {
  test(`leaving the portal erases the record, ${cached ? "also when the browser keeps the page for the way back" : "and back loads the page anew"}`, async ({ people, portal }) => {
    const dispatcher = await people.joined("dispatcher");
    const options = launch([]);
    const browser = await chromium.launch(cached ? { ...options, ignoreDefaultArgs: ["--disable-back-forward-cache"] } : options);
    try {
      const responder = people.add(await Member.arrive(browser, portal, await portal.invite("responder")));
      await responder.join();
      const record = await openRecord(responder, dispatcher);
      await expectRecordInMemory(responder);
      await responder.page.goto("about:blank");
      // A page that was kept is not loaded again.
      await responder.page.goBack({ waitUntil: "commit" });
      await expect(new RequestPage(responder.page).openAgain).toBeVisible();
      await expect(record.sheet).toHaveCount(0);
      await expectNoTrace(responder);
      await logged(people, responder, "record.wiped", '"cause": "left"');
      expect(responder.complaints.unexpected()).toEqual([]);
    } finally {
      await browser.close();
    }
  });
}

test("closing the tab sends the receipt", async ({ people }) => {
  const { responder } = await opened(people);
  await responder.page.close({ runBeforeUnload: true });
  await logged(people, responder, "record.wiped", '"cause": "left"');
});

test("an attachment on its way is not shown after the wipe", async ({ people }) => {
  const { responder, record } = await opened(people);
  let send = () => {};
  const held = new Promise<void>((done) => (send = done));
  responder.complaints.expectStatus(409, /\/documents\//);
  await responder.page.route(/\/documents\//, async (route) => {
    await held;
    await route.continue();
  });
  const asked = responder.page.waitForRequest(/\/documents\//);
  await record.show("Pacemaker card").click();
  await asked;
  await record.done.click();
  const answered = responder.page.waitForResponse(/\/documents\//);
  send();
  await answered;
  await expect(record.erased).toBeVisible();
  await expect(responder.page.getByRole("img", { name: "Pacemaker card" })).toHaveCount(0);
  await expectNoTrace(responder);
});

test("shown attachments go with the record", async ({ people }) => {
  const { responder, record } = await opened(people);
  await record.show("Pacemaker card").click();
  await expect(record.sheet.getByRole("img", { name: "Pacemaker card" })).toBeVisible();
  await record.show("ECG").click();
  await expect(record.sheet.getByRole("img", { name: "ECG" })).toBeVisible();
  await record.done.click();
  await expect(record.erased).toBeVisible();
  await expectNoTrace(responder);
});

test("a receipt that does not arrive leaves nothing here either", async ({ people }) => {
  const { responder, record } = await opened(people);
  await cut(responder, /\/wiped$/);
  await record.done.click();
  await expect(new RecordPage(responder.page).erased).toBeVisible();
  await expectNoTrace(responder);
});

test("Done without a connection is told to dispatch when there is one again, and nothing is offered meanwhile", async ({ people }) => {
  const { responder, record, desk } = await opened(people);
  const untold = responder.page.getByText("Dispatch has not been told yet.");
  const mend = await cut(responder, /\/wiped$/);
  await record.done.click();
  await expect(record.erased).toBeVisible();
  await expect(untold).toBeVisible();
  await accessible(responder.page, "a record whose end nobody was told of");
  await expect(desk.live(responder.name), "dispatch takes it for open").toBeVisible();
  const listed = responder.page.waitForResponse(/\/api\/v1\/requests$/);
  await responder.page.getByRole("link", { name: "Halligan" }).click();
  await (await listed).finished();
  await responder.page.evaluate(() => new Promise(requestAnimationFrame));
  await expect(responder.page.getByRole("link", { name: "Scan bracelet" })).toBeVisible();
  await expect(responder.page.getByRole("heading", { name: "Your open requests" })).toHaveCount(0);
  await mend();
  await responder.context.setOffline(true);
  await responder.context.setOffline(false);
  await expect(desk.live(responder.name)).toHaveCount(0);
  await expect(responder.page.getByRole("heading", { name: "Your open requests" })).toHaveCount(0);
  await logged(people, responder, "record.wiped", '"cause": "done"');
});

test("what a proxy answers in the portal's place is no receipt", async ({ people }) => {
  const { responder, record, desk } = await opened(people);
  const untold = responder.page.getByText("Dispatch has not been told yet.");
  responder.complaints.expectStatus(404, /\/wiped$/);
  const answers = [
    { status: 404, contentType: "text/html", body: "<h1>Not Found</h1>" },
    { status: 200, contentType: "text/html", body: "<h1>Sign in</h1>" },
  ];
  let given = 0;
  await responder.context.route(/\/wiped$/, async (route) => {
    const answer = answers[given];
    given += 1;
    await (answer === undefined ? route.continue() : route.fulfill(answer));
  });
  await record.done.click();
  await expect(untold).toBeVisible();
  await expect.poll(() => given, { timeout: 30_000 }).toBeGreaterThan(answers.length);
  await expect(untold).toHaveCount(0);
  await expect(desk.live(responder.name)).toHaveCount(0);
});

test("a receipt that leaving took along in vain is sent when the page comes back", async ({ people, portal }) => {
  const dispatcher = await people.joined("dispatcher");
  const browser = await chromium.launch({ ...launch([]), ignoreDefaultArgs: ["--disable-back-forward-cache"] });
  try {
    const responder = people.add(await Member.arrive(browser, portal, await portal.invite("responder")));
    await responder.join();
    const record = await openRecord(responder, dispatcher);
    const desk = new DeskPage(dispatcher.page);
    await desk.open();
    const mend = await cut(responder, /\/wiped$/);
    // The browser may have brought it after all: then a second one is refused.
    responder.complaints.expectStatus(404, /\/wiped$/);
    await record.done.click();
    const untold = responder.page.getByText("Dispatch has not been told yet.");
    await expect(untold).toBeVisible();
    await responder.page.goto("about:blank");
    await responder.page.goBack({ waitUntil: "commit" });
    await expect(untold, "the very page, and not one loaded anew").toBeVisible();
    await expect(new RequestPage(responder.page).openAgain, "what was ended is not offered").toHaveCount(0);
    await mend();
    await expect(untold).toHaveCount(0);
    await expect(desk.live(responder.name)).toHaveCount(0);
  } finally {
    await browser.close();
  }
});

test("signing out asks too where a record can still be opened", async ({ people }) => {
  const { responder, desk } = await opened(people);
  await responder.page.reload();
  await expect(new RequestPage(responder.page).openAgain).toBeVisible();
  await responder.signOut("Give up and sign out");
  await expect(desk.live(responder.name)).toHaveCount(0);
});

test("the page that says what dispatch does not know says so no longer than it is true", async ({ people }) => {
  const { responder, record, desk } = await opened(people);
  const mend = await cut(responder, /\/wiped$/);
  await record.done.click();
  const untold = responder.page.getByText("Dispatch has not been told yet.");
  await expect(untold).toBeVisible();
  await mend();
  // No word of the browser's that the connection is back: the page asks by itself.
  await expect(untold).toHaveCount(0);
  await expect(record.erased).toBeVisible();
  await expect(desk.live(responder.name)).toHaveCount(0);
});

test("a window that ends while the summary is on its way leaves no key behind", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const arrive = await holdsBack(responder.page, /\/documents\//);
  await ask(responder);
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  const asked = responder.page.waitForRequest(/\/documents\//);
  await desk.approve(responder.name);
  await asked;
  await desk.end(responder.name);
  const record = new RecordPage(responder.page);
  await expect(record.erased).toBeVisible();
  await expect(responder.page.getByText("Dispatch ended the window.")).toBeVisible();
  const came = responder.page.waitForEvent("requestfinished", (request) => /\/documents\//.test(request.url()));
  arrive();
  await came;
  await expect(record.sheet).toHaveCount(0);
  await expectNoTrace(responder);
  await logged(people, responder, "record.wiped", '"cause": "revoked"');
});
