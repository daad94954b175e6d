// Who may open the record again, and who may not: reload, a second tab, another device, a lost connection.

import type { Route } from "@playwright/test";

import { accessible } from "../support/axe.ts";
import { expectNoTrace } from "../support/memory.ts";
import { count, cut, loseAnswers } from "../support/offline.ts";
import { ask, opened } from "../support/path.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { RecordPage } from "../support/pages/record.ts";
import { RequestPage } from "../support/pages/request.ts";
import { expect, test } from "../support/test.ts";

test("after a reload the same session opens again inside the same window, at a tap", async ({ people }) => {
  const { responder, record } = await opened(people);
  await responder.page.reload();
  const request = new RequestPage(responder.page);
  await expect(request.openAgain).toBeVisible();
  await expect(request.countdown).toHaveText(/^4:\d\d$/);
  await expect(record.sheet).toHaveCount(0);
  await expectNoTrace(responder);
  await accessible(responder.page, "a record that can be opened again");
  await request.openAgain.click();
  await expect(record.sheet).toBeVisible();
  await expect(record.countdown, "the window has not begun anew").toHaveText(/^4:\d\d$/);
});

test("another device of the same member is refused", async ({ browser, people }) => {
  const { responder } = await opened(people);
  const tablet = people.add(await responder.otherDevice(browser, { screen: "tablet" }));
  await tablet.page.goto("/sign-in");
  await tablet.signIn();
  await tablet.page.goto(responder.page.url());
  await expect(new RequestPage(tablet.page).title("Open elsewhere")).toBeVisible();
  await expect(tablet.page.getByText("Only the browser and the sign-in that asked for this record can open it.")).toBeVisible();
  await expect(new RequestPage(tablet.page).openAgain).toHaveCount(0);
  await accessible(tablet.page, "a record that is open elsewhere");
});

test("another member sees nothing of a request", async ({ people }) => {
  const { responder } = await opened(people);
  const other = await people.joined("responder");
  other.complaints.expectStatus(404, /\/requests\//);
  await other.page.goto(responder.page.url());
  await expect(other.page.getByText("There is no such request, or it is another member’s.")).toBeVisible();
  await accessible(other.page, "a request of somebody else");
});

test("a second tab shows nothing by itself, and is refused once the record is closed", async ({ people }) => {
  const { responder, record } = await opened(people);
  const second = await responder.context.newPage();
  await second.goto(responder.page.url());
  const request = new RequestPage(second);
  await expect(request.openAgain).toBeVisible();
  await expect(new RecordPage(second).sheet).toHaveCount(0);
  await record.done.click();
  await expect(request.title("Record closed")).toBeVisible();
  await expect(request.openAgain).toHaveCount(0);
});

test("a lost connection costs nothing at any step of opening", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  const request = await ask(responder);
  const record = new RecordPage(responder.page);
  const unreachable = responder.page.getByText("The portal cannot be reached.");

  let mend = await cut(responder, /\/release$/);
  await desk.approve(responder.name);
  await expect(unreachable).toBeVisible();
  await accessible(responder.page, "a record that could not be opened");
  await mend();

  // The release takes place, and its answer is lost: the window has begun.
  mend = await loseAnswers(responder, /\/release$/);
  await request.tryAgain.click();
  await expect(desk.live(responder.name)).toBeVisible();
  await expect(unreachable).toBeVisible();
  await mend();

  mend = await cut(responder, /\/documents\//);
  await request.tryAgain.click();
  await expect(unreachable).toBeVisible();
  await expect(record.sheet).toHaveCount(0);
  await mend();
  await request.tryAgain.click();
  await expect(record.sheet).toBeVisible();
});

/** From a frame's page that does not come to the button that tries again: far less than anybody waits without one. */
const SOON = { timeout: 6_000 };

for (const [what, lose] of [
  ["cannot be reached", (route: Route) => route.abort("internetdisconnected")],
  ["does not answer", () => Promise.resolve()],
] as const) {
  test(`an approval whose frame ${what} can be tried again soon, and opens by itself once the connection is back`, async ({ people }) => {
    const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
    const desk = new DeskPage(dispatcher.page);
    await desk.open();
    const request = await ask(responder);
    const record = new RecordPage(responder.page);
    responder.complaints.expectLostConnection();
    await responder.page.route("/viewer", lose);
    const asked = responder.page.waitForRequest("/viewer");
    await desk.approve(responder.name);
    await asked;
    await expect(request.tryAgain).toBeVisible(SOON);
    await responder.page.unroute("/viewer", lose);
    await responder.context.setOffline(true);
    await responder.context.setOffline(false);
    await expect(record.sheet).toBeVisible();
  });
}

test("an approval that a lost connection kept shut opens with the next picture of the request", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  const request = await ask(responder);
  const mend = await cut(responder, "/viewer");
  await desk.approve(responder.name);
  await expect(request.tryAgain).toBeVisible(SOON);
  await mend();
  // Whatever changes at the portal, every page gets a picture.
  await ask(await people.joined("responder"));
  await expect(new RecordPage(responder.page).sheet).toBeVisible();
});

test("what was given up while the connection was lost does not open by itself when it is back", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  const request = await ask(responder);
  const mendViewer = await cut(responder, "/viewer");
  await desk.approve(responder.name);
  await expect(request.tryAgain).toBeVisible(SOON);
  const mendSignOut = await cut(responder, /\/sign-out$/);
  await responder.signOutButton.click();
  await responder.page.getByRole("button", { name: "Withdraw and sign out" }).click();
  await expect(responder.page.getByText("It is not known whether you are signed out.")).toBeVisible();
  await mendSignOut();
  await mendViewer();
  const loaded = count(responder.page, /^\/viewer$/);
  const back = responder.page.evaluate(() => new Promise<void>((done) => addEventListener("online", () => done(), { once: true })));
  await responder.context.setOffline(true);
  await responder.context.setOffline(false);
  await back;
  // The next picture of the request comes over it, as one does to the desk.
  const other = await people.joined("responder");
  await ask(other);
  await expect(desk.card(other.name)).toBeVisible();
  await expect(request.tryAgain).toBeVisible();
  expect(loaded(), "a frame was loaded for it").toBe(0);
  await request.tryAgain.click();
  await expect(new RecordPage(responder.page).sheet, "at a tap it opens").toBeVisible();
});

test("a request page without a connection says so and comes back by itself", async ({ people }) => {
  const responder = await people.joined("responder");
  await ask(responder);
  const mend = await cut(responder, /\/api\/v1\/requests\//);
  await responder.page.reload();
  await expect(new RequestPage(responder.page).lost).toBeVisible();
  await accessible(responder.page, "a request without a connection");
  await mend();
  await expect(new RequestPage(responder.page).title("Waiting for dispatch")).toBeVisible({ timeout: 20_000 });
  await expect(new RequestPage(responder.page).lost).toBeHidden();
});
