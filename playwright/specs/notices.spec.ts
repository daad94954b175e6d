// Notices: who has to know is told without a reload, and a device shows what is pushed to it, and its end in the same place.

import type { Page } from "@playwright/test";

import { accessible } from "../support/axe.ts";
import { ask } from "../support/path.ts";
import { RecordPage } from "../support/pages/record.ts";
import { HASTY } from "../support/policies.ts";
import { expect, test } from "../support/test.ts";

test.use({ policies: HASTY });

/** As the button does, but for the push service, which no test has. */
function register(page: Page): Promise<void> {
  return page.evaluate(async () => {
    const script = document.querySelector<HTMLMetaElement>("meta[name=halligan-push]")?.content ?? "";
    await navigator.serviceWorker.register(script);
    await navigator.serviceWorker.ready;
  });
}

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
  await officer.page.getByRole("link", { name: "To the reviews" }).first().click();
  await expect(officer.page.getByRole("heading", { name: "Reviews", level: 1 })).toBeVisible();
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
  // As the button does, with keys of the browser's own and an address at a push service, which no test has.
  const status = await page.evaluate(async () => {
    const bytes = (buffer: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
    const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
    const body = {
      endpoint: "https://fcm.googleapis.com/fcm/send/made-up",
      p256dh: bytes(await crypto.subtle.exportKey("raw", pair.publicKey)),
      auth: bytes(crypto.getRandomValues(new Uint8Array(16)).buffer),
    };
    const answer = await fetch("/api/v1/push-devices", { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    return answer.status;
  });
  expect(status).toBeLessThan(300);
  await register(page);
  const workers = (): Promise<number> => page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);
  await page.reload();
  const line = devices.getByRole("listitem");
  await expect(line.getByRole("heading")).toHaveText(/^Chrome on \w+ This device$/);
  await accessible(page, "devices with one");
  expect(await workers(), "what shows notices stays while its member is here").toBe(1);
  await dispatcher.signOut();
  await expect.poll(workers, "nothing shows notices to whoever uses this browser next").toBe(0);
  await dispatcher.signIn();
  await page.goto("/passkeys");
  await expect(devices.getByRole("button", { name: "Tell this device" })).toBeVisible();
  await expect(line).toHaveCount(0);
});
