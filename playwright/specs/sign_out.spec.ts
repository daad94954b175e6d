// What a sign-out leaves in the browser, for whoever uses it next: by the page, and by the answer that has the browser forget (Clear-Site-Data).
//
// Chromium does both. So that each is seen by itself, one test takes that header away, and another one the page's means.

import type { Page } from "@playwright/test";

import { register, tellHere, workers } from "../support/device.ts";
import type { Member } from "../support/member.ts";
import { PasskeysPage } from "../support/pages/passkeys.ts";
import { expect, test } from "../support/test.ts";

/** How long the page waits for a worker to go, in milliseconds (frontend/src/browser/push.rs). */
const LEAVING = 1_000;

/** Each way of a member to sign out at their own browser. */
const WAYS: Record<string, (member: Member) => Promise<void>> = {
  "signing out": (member) => member.signOut(),
  "signing out everywhere": async ({ page }) => {
    await new PasskeysPage(page).signOutEverywhere.click();
    await expect(page.getByRole("heading", { name: "Sign in", level: 1 })).toBeVisible();
  },
};

/** Somebody at the page of passkeys, in a browser that is told of notices. */
async function told(member: Member): Promise<Member> {
  await member.page.goto("/passkeys");
  await tellHere(member.page);
  await register(member.page);
  await expect(new PasskeysPage(member.page).signOutEverywhere).toBeVisible();
  expect(await workers(member.page)).toBe(1);
  return member;
}

/** Makes the browser one that does not know how to forget. What it was told to is in the list that is returned. */
async function unforgetting(page: Page): Promise<string[]> {
  const asked: string[] = [];
  await page.route(/\/api\/v1\/sign-out(\/everywhere)?$/, async (route) => {
    const response = await route.fetch();
    const { "clear-site-data": forgotten = "nothing", ...headers } = response.headers();
    asked.push(forgotten);
    await route.fulfill({ response, headers });
  });
  return asked;
}

for (const [way, out] of Object.entries(WAYS)) {
  test(`after ${way} nothing shows notices here, and nobody is told here, though the browser forgets nothing by itself`, async ({ people }) => {
    const dispatcher = await told(await people.joined("dispatcher"));
    const { page } = dispatcher;
    const asked = await unforgetting(page);
    await out(dispatcher);
    expect(await workers(page), "gone before the page says that its member is out").toBe(0);
    expect(asked, "what the answer would have had it forget").toEqual(['"storage"']);
    await dispatcher.signIn();
    await new PasskeysPage(page).open();
    const devices = page.getByRole("region", { name: "Notices on your devices" });
    await expect(devices.getByRole("button", { name: "Tell this device" })).toBeVisible();
    await expect(devices.getByRole("listitem")).toHaveCount(0);
  });
}

test("a worker that does not go keeps nobody for longer than its time", async ({ people }) => {
  const dispatcher = await told(await people.joined("dispatcher"));
  const { page } = dispatcher;
  await unforgetting(page);
  await page.evaluate(() =>
    Reflect.set(ServiceWorkerRegistration.prototype, "unregister", () => {
      document.documentElement.dataset["asked"] = "to go";
      return new Promise(() => undefined);
    }),
  );
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 2_000);
  const out = page.getByRole("heading", { name: "Sign in", level: 1 });
  await dispatcher.signOutButton.click();
  await expect.poll(() => page.evaluate(() => document.documentElement.dataset["asked"])).toBe("to go");
  await page.clock.runFor(LEAVING - 1);
  await expect(dispatcher.signOutButton, "it may still go").toBeVisible();
  await page.clock.runFor(1);
  await expect(dispatcher.signOutButton).toHaveCount(0);
  await page.clock.resume();
  await expect(out).toBeVisible();
  expect(await workers(page)).toBe(1);
});

test("a browser forgets with the answer to a sign-out, whatever becomes of the page, and stays known to be the one", async ({ people }) => {
  const dispatcher = await told(await people.joined("dispatcher"));
  const { page } = dispatcher;
  const known = async () => (await page.context().cookies()).filter(({ name }) => name === "halligan-browser").map(({ value }) => value);
  const before = await known();
  expect(before).toHaveLength(1);
  await page.evaluate(() => localStorage.setItem("left", "behind"));
  // The page can take nothing away.
  await page.evaluate(() => Reflect.set(ServiceWorkerContainer.prototype, "getRegistration", () => new Promise(() => undefined)));
  await dispatcher.signOut();
  expect(await workers(page)).toBe(0);
  expect(await page.evaluate(() => localStorage.length)).toBe(0);
  expect(await known(), "whoever signs in next is not counted among strangers").toEqual(before);
});

test("what a slow browser still has to take away leaves alone what was asked for meanwhile", async ({ people }) => {
  const { page } = await people.joined("dispatcher");
  // A browser that takes its time to say what it shows.
  await page.addInitScript(() => {
    const { getNotifications } = ServiceWorkerRegistration.prototype;
    const shown = new Promise<void>((say) => Reflect.set(window, "say", say));
    ServiceWorkerRegistration.prototype.getNotifications = async function (...words) {
      document.documentElement.dataset["asked"] = "what it shows";
      await shown;
      return getNotifications.apply(this, words);
    };
  });
  await page.goto("/passkeys");
  const devices = page.getByRole("region", { name: "Notices on your devices" });
  await expect(devices.getByRole("button", { name: "Tell this device" })).toBeVisible();
  // What showed another's notices.
  await register(page);
  await page.reload();
  const asked = () => page.evaluate(() => document.documentElement.dataset["asked"]);
  await expect.poll(asked).toBe("what it shows");
  await devices.getByRole("button", { name: "Tell this device" }).click();
  // No test has a push service; what is asked for begins with the worker.
  await expect(devices.getByText(/could not be reached by its push service|Allow notifications/)).toBeVisible();
  await page.evaluate(async () => {
    (Reflect.get(window, "say") as () => void)();
    // Whoever waited for that has heard by then.
    await (await navigator.serviceWorker.getRegistration())?.getNotifications();
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
  });
  expect(await workers(page)).toBe(1);
});
