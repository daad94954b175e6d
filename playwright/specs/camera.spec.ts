// The camera: a bracelet in a moving scene is read, everything else is refused, and the camera stops when it is not needed.

import type { Page } from "@playwright/test";

import { accessible } from "../support/axe.ts";
import { withCamera, type Sight } from "../support/camera.ts";
import { Member } from "../support/member.ts";
import { JustifyPage } from "../support/pages/justify.ts";
import { ScanPage } from "../support/pages/scan.ts";
import type { Portal } from "../support/portal.ts";
import { expectSeen, WAYS_TO_HOLD } from "../support/sight.ts";
import { expect, test, type People } from "../support/test.ts";
import { setHidden } from "../support/visibility.ts";

/** How long a code may take to be read: many frames, on a machine that does other things meanwhile. */
const READ = { timeout: 20_000 };

/** Somebody in front of the scanner. */
async function scanning(sight: Sight, people: People, portal: Portal, use: (responder: Member, scan: ScanPage) => Promise<void>): Promise<void> {
  await withCamera(sight, async (browser) => {
    const responder = people.add(await Member.arrive(browser, portal, await portal.invite("responder")));
    await watchCameras(responder.page);
    await responder.join();
    await responder.page.getByRole("link", { name: "Scan bracelet" }).click();
    await use(responder, new ScanPage(responder.page));
    expect(responder.complaints.unexpected()).toEqual([]);
  });
}

/** Keeps every camera that the page is given, to see later whether it was let go. */
async function watchCameras(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const tracks: MediaStreamTrack[] = [];
    Object.assign(globalThis, { tracks });
    const ask = MediaDevices.prototype.getUserMedia;
    MediaDevices.prototype.getUserMedia = async function (constraints) {
      const stream = await ask.call(this, constraints);
      tracks.push(...stream.getTracks());
      return stream;
    };
  });
}

/** How many cameras were given to the page, and how many of them run. */
function cameras(page: Page): Promise<{ given: number; running: number }> {
  return page.evaluate(() => {
    const { tracks } = globalThis as unknown as { tracks: MediaStreamTrack[] };
    return { given: tracks.length, running: tracks.filter((track) => track.readyState === "live").length };
  });
}

test("a bracelet is read from a moving, tilted, grainy picture, and the camera stops at once", async ({ people, portal }) => {
  await scanning({ payload: portal.bracelet().link }, people, portal, async (responder) => {
    await expect(new JustifyPage(responder.page).ask).toBeVisible(READ);
    await expect(responder.page.getByText("No bracelet has been read yet.")).toBeHidden();
    expect(await cameras(responder.page)).toEqual({ given: 1, running: 0 });
    const form = new JustifyPage(responder.page);
    await form.fill();
    await form.ask.click();
    await expect(responder.page.getByRole("heading", { name: "Waiting for dispatch" })).toBeVisible();
  });
});

test("a bare reference is read as well", async ({ people, portal }) => {
  await scanning({ payload: portal.bracelet().text }, people, portal, async (responder) => {
    await expect(new JustifyPage(responder.page).ask).toBeVisible(READ);
  });
});

test("another code is refused and followed nowhere, and typing is one tap away", async ({ people, portal }) => {
  const payload = `https://portal.example.invalid/s#${portal.bracelet().text.replaceAll("-", "")}`;
  await scanning({ payload }, people, portal, async (responder, scan) => {
    const foreign: string[] = [];
    responder.page.on("request", (request) => foreign.push(request.url()));
    await expect(responder.page.getByText("This is not a Halligan bracelet.")).toBeVisible(READ);
    await accessible(responder.page, "another code before the camera");
    expect(foreign.filter((url) => url.includes("example"))).toEqual([]);
    expect(new URL(responder.page.url()).pathname).toBe("/scan");
    await scan.typeInstead();
    await scan.type(portal.bracelet().text);
    await scan.goOn.click();
    await expect(new JustifyPage(responder.page).ask).toBeVisible();
    expect((await cameras(responder.page)).running).toBe(0);
  });
});

for (const [sight, words] of [
  ["denied", "The camera is not allowed for this site. Allow it in the browser's settings for this site, then try again."],
  ["none", "No camera was found on this device."],
] as const) {
  test(`a camera that is ${sight === "none" ? "not there" : "denied"} gets a sentence, and typing goes on`, async ({ people, portal }) => {
    await scanning(sight, people, portal, async (responder, scan) => {
      await expect(responder.page.getByText(words)).toBeVisible();
      await accessible(responder.page, `scanning with the camera ${sight}`);
      await scan.typeInstead();
      await scan.type(portal.bracelet().text.toLowerCase());
      await scan.goOn.click();
      await expect(new JustifyPage(responder.page).ask).toBeVisible();
    });
  });
}

for (const size of WAYS_TO_HOLD) {
  test(`what is wrong with typed characters stands above the button, at ${size.width}x${size.height} and with a notice about the camera`, async ({ people, portal }) => {
    await scanning("denied", people, portal, async (responder, scan) => {
      await responder.page.setViewportSize(size);
      await expect(responder.page.getByText("The camera is not allowed for this site.")).toBeVisible();
      await scan.type(portal.bracelet().text.slice(0, 9));
      await scan.goOn.click();
      await expectSeen(responder.page.getByText("20 of 28 characters are still missing."));
      await expect(scan.reference).toBeInViewport();
      await expect(scan.reference).toHaveAccessibleDescription(/20 of 28 characters are still missing/);
    });
  });
}

/** What browsers do where a test cannot bring it about: another app holds the camera, and a page that came over plain http. */
const WITHHELD = [
  {
    what: "in use by another app",
    words: "The camera is in use by another app. Close that app, then try again.",
    withhold: () => {
      MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException("Could not start video source", "NotReadableError"));
    },
  },
  {
    what: "withheld from an insecure page",
    words: "The camera works only over a secure connection, and this page did not come over one.",
    withhold: () => {
      Object.defineProperty(globalThis, "isSecureContext", { value: false });
    },
  },
];
for (const { what, words, withhold } of WITHHELD) {
  test(`a camera that is ${what} gets a sentence, and typing goes on`, async ({ people, portal }) => {
    const responder = await people.joined("responder");
    await responder.page.addInitScript(withhold);
    const scan = new ScanPage(responder.page);
    await scan.open();
    await expect(responder.page.getByText(words)).toBeVisible();
    await accessible(responder.page, `scanning with a camera ${what}`);
    await scan.type(portal.bracelet().text);
    await scan.goOn.click();
    await expect(new JustifyPage(responder.page).ask).toBeVisible();
  });
}

test("whoever types at once does not wait for the camera, which does not start any more", async ({ people, portal }) => {
  await scanning({ payload: portal.bracelet().link }, people, portal, async (responder, scan) => {
    await scan.typeInstead();
    await scan.type(portal.bracelet().text);
    await expect.poll(() => cameras(responder.page)).toMatchObject({ running: 0 });
    await scan.goOn.click();
    await expect(new JustifyPage(responder.page).ask).toBeVisible();
  });
});

test("the camera stops when the page is hidden or left", async ({ people, portal }) => {
  await scanning({ payload: "https://example.invalid/menu" }, people, portal, async (responder) => {
    await expect.poll(() => cameras(responder.page)).toMatchObject({ running: 1 });
    await accessible(responder.page, "scanning");
    await setHidden(responder.page, true);
    await expect.poll(() => cameras(responder.page)).toMatchObject({ running: 0 });
    await setHidden(responder.page, false);
    await responder.page.getByRole("link", { name: "Halligan" }).click();
    await expect(responder.page.getByRole("link", { name: "Scan bracelet" })).toBeVisible();
    await expect.poll(() => cameras(responder.page)).toMatchObject({ running: 0 });
  });
});
