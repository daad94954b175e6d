// Notices: who has to know is told without a reload, and a device shows what is pushed to it, and its end in the same place.

import { accessible } from "../support/axe.ts";
import { register, tellHere, workers } from "../support/device.ts";
import { count } from "../support/offline.ts";
import { ask } from "../support/path.ts";
import { RecordPage } from "../support/pages/record.ts";
import { HASTY } from "../support/policies.ts";
import { expect, test } from "../support/test.ts";

test.use({ policies: HASTY });

test("a privacy officer is told of an override as it happens, and how it ended, and says that it is read", async ({ people }) => {
  const [responder, officer] = [await people.joined("responder"), await people.joined("privacy_officer")];
  const inbox = officer.page.getByRole("region", { name: /^Unread/ });
  await officer.page.goto("/");
  await expect(officer.page.getByRole("heading", { name: "Start" })).toBeVisible();
  const told = officer.page.getByText("2 notices wait for you.");
  await expect(told).toHaveCount(0);
  await ask(responder);
  await responder.page.getByRole("button", { name: "Open it alone…" }).click();
  await responder.page.getByRole("button", { name: "Sign this and open" }).click();
  const record = new RecordPage(responder.page);
  await expect(record.sheet).toBeVisible();
  // Of the opening, and of the review that is theirs.
  await expect(told).toBeVisible();
  await accessible(officer.page, "the start page with notices");
  await told.getByRole("link", { name: "Read" }).click();
  const notice = inbox.getByRole("listitem").filter({ hasText: "Record opened alone" });
  await expect(notice).toContainText(`Nobody had decided in time, and ${responder.name} opened a record alone.`);
  await accessible(officer.page, "notices");
  await expect(inbox.getByRole("link", { name: "To the reviews" })).toBeVisible();
  await responder.page.getByRole("button", { name: "Done" }).click();
  await expect(notice).toContainText("Closed again, by");
  await notice.getByRole("button", { name: /^Mark as read/ }).click();
  await expect(notice).toHaveCount(0);
  await expect(officer.page.getByRole("region", { name: "Read", exact: true }).getByRole("listitem")).toContainText("Closed again, by");
});

test("all that was shown is read at once, and a notice leads to where something can be done", async ({ people }) => {
  const [officer, one, two] = [await people.joined("privacy_officer"), await people.joined("responder"), await people.joined("responder")];
  for (const responder of [one, two]) {
    await ask(responder);
    await responder.page.getByRole("button", { name: "Open it alone…" }).click();
    await responder.page.getByRole("button", { name: "Sign this and open" }).click();
    await expect(new RecordPage(responder.page).sheet).toBeVisible();
  }
  await officer.page.goto("/notices");
  const unread = officer.page.getByRole("region", { name: /^Unread/ }).getByRole("listitem");
  await expect(unread.filter({ hasText: "Record opened alone" })).toHaveCount(2);
  await expect(unread.filter({ hasText: "To the reviews" })).not.toHaveCount(0);
  await officer.page.getByRole("button", { name: "Mark all as read" }).click();
  await expect(officer.page.getByText("You have read everything.")).toBeVisible();
  await expect(unread).toHaveCount(0);
  await expect(officer.page.getByRole("heading", { name: /^Unread/ })).toBeFocused();
  await officer.page.getByRole("link", { name: "To the reviews" }).first().click();
  await expect(officer.page.getByRole("heading", { name: "Reviews", level: 1 })).toBeVisible();
});

test("what is read leaves the focus at the next one, and a second press reads nothing", async ({ people }) => {
  const [responder, officer] = [await people.joined("responder"), await people.joined("privacy_officer")];
  const { clock, keyboard } = officer.page;
  await clock.install();
  await ask(responder);
  await responder.page.getByRole("button", { name: "Open it alone…" }).click();
  await responder.page.getByRole("button", { name: "Sign this and open" }).click();
  await expect(new RecordPage(responder.page).sheet).toBeVisible();
  await officer.page.goto("/notices");
  const rows = officer.page.getByRole("region", { name: /^Unread/ }).getByRole("listitem");
  await expect(rows).toHaveCount(2);
  const read = rows.getByRole("button", { name: /^Mark as read/ });
  const calls = count(officer.page, /\/notices\/read$/);
  await expect(read.first()).toBeEnabled();
  // The officer's time stands still, the portal's does not.
  await clock.pauseAt(Date.now() + 60_000);
  await read.first().press("Enter");
  await expect(rows).toHaveCount(1);
  await expect(read).toBeFocused();
  await expect(read, "held for a moment").toBeDisabled();
  await expect(rows.getByRole("link"), "and what leads away with it").toBeDisabled();
  await keyboard.press("Enter");
  await clock.fastForward(1_000);
  await expect(read).toBeEnabled();
  expect(calls(), "the other one is still unread").toBe(1);
  await clock.resume();
  await keyboard.press("Enter");
  await expect(rows).toHaveCount(0);
  await expect(officer.page.getByRole("heading", { name: /^Unread/ })).toBeFocused();
});

test("a lost line says so, and what was not done for want of it is said until it is back", async ({ people, portal }) => {
  const [responder, officer] = [await people.joined("responder"), await people.joined("privacy_officer")];
  for (const { complaints } of [responder, officer]) complaints.expectLostConnection();
  await ask(responder);
  await responder.page.getByRole("button", { name: "Open it alone…" }).click();
  await responder.page.getByRole("button", { name: "Sign this and open" }).click();
  await responder.page.getByRole("button", { name: "Done" }).click();
  const { page } = officer;
  await page.goto("/notices");
  const row = page.getByRole("region", { name: /^Unread/ }).getByRole("listitem").filter({ hasText: "Record opened alone" });
  const read = row.getByRole("button", { name: /^Mark as read/ });
  await expect(row).toContainText("Closed again, by");
  await responder.page.goto("/");
  await expect(responder.page.getByRole("link", { name: "Scan bracelet" })).toBeVisible();
  await portal.down();
  const start = responder.page.getByText("Connection lost. What is new may not show here; the page reconnects by itself.");
  await expect(start).toBeVisible();
  const lost = page.getByText("Connection lost. What you see may be out of date; the page reconnects by itself.");
  await expect(lost).toBeVisible();
  await read.click();
  const refused = page.getByRole("alert").filter({ hasText: "The portal cannot be reached." });
  await expect(refused).toBeVisible();
  await expect(read, "to be tried again from where one is").toBeFocused();
  await accessible(page, "notices on a lost line");
  await portal.up();
  // Pages try again at longest after 15 seconds.
  await expect(lost).toBeHidden({ timeout: 20_000 });
  await expect(start).toBeHidden({ timeout: 20_000 });
  await expect(refused).toBeHidden();
  await read.click();
  await expect(row).toHaveCount(0);
});

test("a device shows what is pushed to it, and its end in the same place", async ({ people }) => {
  const dispatcher = await people.joined("dispatcher");
  const { page } = dispatcher;
  await page.context().grantPermissions(["notifications"]);
  await page.goto("/passkeys");
  await expect(page.getByRole("heading", { name: "Notices on your devices" })).toBeVisible();
  await accessible(page, "devices");
  await register(page);
  const devtools = await page.context().newCDPSession(page);
  const registration = new Promise<string>((resolve) => {
    devtools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const [first] = registrations;
      if (first) resolve(first.registrationId);
    });
  });
  await devtools.send("ServiceWorker.enable");
  const registrationId = await registration;
  const push = (message: object): Promise<unknown> =>
    devtools.send("ServiceWorker.deliverPushMessage", {
      origin: new URL(page.url()).origin,
      registrationId,
      data: JSON.stringify(message),
    });
  const shown = (): Promise<string[]> =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      const notifications = await registration.getNotifications();
      return notifications.map(({ tag, title, body, silent }) => [tag, title, body, String(silent)].join(" | "));
    });
  // Chromium forgets a notification that is asked for while it is about to be shown: one that was lost so is pushed again, as the
  // tag makes them one.
  const shows = (message: object, line: string): Promise<void> =>
    expect(async () => {
      const lines = await shown();
      if (!lines.includes(line)) await push(message);
      expect(lines).toEqual([line]);
    }).toPass({ timeout: 10_000 });
  const notice = { tag: "one", title: "Request waits", url: "/desk" };
  await shows({ ...notice, body: "Ada Drill asks.", closed: false }, "one | Request waits | Ada Drill asks. | false");
  await shows({ ...notice, body: "Approved, by DSP-1.", closed: true }, "one | Request waits | Approved, by DSP-1. | true");
  const kept = await page.evaluate(async () => [(await caches.keys()).length, (await indexedDB.databases()).length, localStorage.length]);
  expect(kept, "the worker keeps nothing").toEqual([0, 0, 0]);
});

test("a device is known by what it is, and signing out at it ends its notices", async ({ people }) => {
  const dispatcher = await people.joined("dispatcher");
  const { page } = dispatcher;
  await page.goto("/passkeys");
  const devices = page.getByRole("region", { name: "Notices on your devices" });
  await expect(devices.getByRole("button", { name: "Tell this device" })).toBeVisible();
  await tellHere(page);
  await register(page);
  await page.reload();
  const line = devices.getByRole("listitem");
  await expect(line.getByRole("heading")).toHaveText(/^Chrome on \w+ This device$/);
  await accessible(page, "devices with one");
  expect(await workers(page), "what shows notices stays while its member is here").toBe(1);
  await dispatcher.signOut();
  expect(await workers(page), "nothing shows notices to whoever uses this browser next").toBe(0);
  await dispatcher.signIn();
  await page.goto("/passkeys");
  await expect(devices.getByRole("button", { name: "Tell this device" })).toBeVisible();
  await expect(line).toHaveCount(0);
});

test("what showed somebody else's notices is taken away by the next page", async ({ people }) => {
  const { page } = await people.joined("dispatcher");
  await expect(page.getByRole("link", { name: "Your notices" })).toBeVisible();
  await register(page);
  await page.goto("/notices");
  await expect.poll(() => workers(page)).toBe(0);
});

test("a device is told no more only after a question, and is offered again", async ({ people }) => {
  const { page } = await people.joined("dispatcher");
  await page.goto("/passkeys");
  const devices = page.getByRole("region", { name: "Notices on your devices" });
  const [line, tell] = [devices.getByRole("listitem"), devices.getByRole("button", { name: "Tell this device" })];
  await expect(tell).toBeVisible();
  await tellHere(page);
  await expect(line).toHaveCount(1);
  await expect(tell, "it is told already").toHaveCount(0);
  const question = line.getByText("It is told of nothing any more, until you sign in at it and have it told again.");
  await line.getByRole("button", { name: "Remove" }).press("Enter");
  await expect(question).toBeVisible();
  await accessible(page, "a device about to be removed");
  await line.getByRole("button", { name: "Keep it" }).press("Enter");
  await expect(question).toHaveCount(0);
  await expect(line.getByRole("group")).toBeFocused();
  await line.getByRole("button", { name: "Remove" }).press("Enter");
  await line.getByRole("button", { name: "Tell it no more" }).press("Enter");
  await expect(line).toHaveCount(0);
  await expect(devices.getByRole("heading", { name: "Notices on your devices" })).toBeFocused();
  await expect(tell).toBeVisible();
});
