// What a responder waits for: bytes on the line, the way to a sign-in that can be used, and from the dispatcher's click to the
// record on the screen.

import type { Browser, CDPSession, Page } from "@playwright/test";

import { withCamera } from "./support/camera.ts";
import { median, TABLE, table } from "./support/figures.ts";
import { Member } from "./support/member.ts";
import { ask } from "./support/path.ts";
import { DeskPage } from "./support/pages/desk.ts";
import { MembersPage } from "./support/pages/members.ts";
import { RecordPage } from "./support/pages/record.ts";
import { ScanPage } from "./support/pages/scan.ts";
import { expect, test } from "./support/test.ts";

const RUNS = 5;

test("transfer on the responder's path, bytes as sent (brotli)", async ({ people }) => {
  const dispatcher = await people.joined("dispatcher");
  const responder = await people.joined("responder");
  const steps: [string, number][] = [];
  await responder.context.clearCookies();
  const line = await Line.of(responder);
  await responder.page.goto("/sign-in");
  await expect(responder.page.getByRole("button", { name: "Sign in with passkey" })).toBeVisible();
  steps.push(["first load, to a usable sign-in", await line.taken()]);
  await responder.signIn();
  steps.push(["sign-in", await line.taken()]);
  await new ScanPage(responder.page).open();
  await expect(responder.page.getByRole("button", { name: "Type the characters" })).toBeVisible();
  await responder.page.waitForLoadState("networkidle");
  steps.push(["scan, with the scanner's worker", await line.taken()]);
  await ask(responder);
  steps.push(["the bracelet's link, justify and ask", await line.taken()]);
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await desk.approve(responder.name);
  await expect(new RecordPage(responder.page).sheet).toBeVisible();
  steps.push(["release and open", await line.taken()]);
  report([["step", "bytes"], ...steps.map(([step, bytes]) => [step, bytes.toLocaleString("en")])]);
});

test("from navigation to a usable sign-in, nothing cached, milliseconds (median of 5)", async ({ browser, portal }) => {
  const rows: (string | number)[][] = [["processor", "shell shows", "sign-in usable"]];
  for (const slower of [1, 4, 20]) {
    const times = [];
    for (let run = 0; run < RUNS; run += 1) times.push(await loadingTime(browser, portal.origin, slower));
    rows.push([slower === 1 ? "as it is" : `slowed ${slower}x`, Math.round(median(times.map(({ shell }) => shell))), Math.round(median(times.map(({ usable }) => usable)))]);
  }
  report(rows);
});

test("from the dispatcher's click on Approve to the record on the responder's screen, milliseconds", async ({ people }) => {
  const dispatcher = await people.joined("dispatcher");
  const desk = new DeskPage(dispatcher.page);
  const times = [];
  for (let run = 0; run < RUNS; run += 1) {
    const responder = await people.joined("responder");
    await ask(responder);
    await desk.open();
    const shown = comes(responder.page, OPEN, true);
    const clicked = clickOf(dispatcher.page, "Approve");
    await desk.approve(responder.name);
    times.push((await shown) - (await clicked));
    await new RecordPage(responder.page).done.click();
    await responder.leave();
  }
  report([["median of 5", "longest"], [Math.round(median(times)), Math.round(Math.max(...times))]]);
});

test("from the click that ends a responder's session to the record gone from the tablet, milliseconds", async ({ people }) => {
  const rows: (string | number)[][] = [["ended by", "median of 5", "longest"]];
  const [dispatcher, admin] = [await people.joined("dispatcher"), await people.joined("admin")];
  const [desk, members] = [new DeskPage(dispatcher.page), new MembersPage(admin.page)];
  const ways: [string, Member, string, (responder: Member) => Promise<void>][] = [
    ["the desk: the record", dispatcher, "End now", ({ name }) => desk.end(name)],
    ["the desk: every session", dispatcher, "Sign out", async ({ name }) => {
      const line = await desk.onDuty(name);
      await line.getByRole("button", { name: "Sign out everywhere" }).click();
      await line.getByRole("button", { name: "Sign out", exact: true }).click();
    }],
    ["an admin: kept out", admin, "Keep out", async ({ agencyId }) => {
      const line = members.line(agencyId);
      await line.getByRole("button", { name: "Keep out" }).click();
      await line.getByRole("button", { name: "Keep out", exact: true }).click();
    }],
  ];
  for (const [name, who, button, end] of ways) {
    const times = [];
    for (let run = 0; run < RUNS; run += 1) {
      const responder = await people.joined("responder");
      responder.complaints.expectStatus(401, /\/api\/v1\//);
      await ask(responder);
      await desk.open();
      await desk.approve(responder.name);
      await expect(new RecordPage(responder.page).sheet).toBeVisible();
      const gone = comes(responder.page, OPEN, false);
      if (who === admin) await members.open();
      const clicked = lastClickOf(who.page, button);
      await end(responder);
      const at = await gone;
      times.push(at - (await clicked()));
      await responder.leave();
    }
    rows.push([name, Math.round(median(times)), Math.round(Math.max(...times))]);
  }
  report(rows);
});

test("the scanner at 720p with no code in sight, the costliest case", async ({ people, portal }) => {
  const rows: (string | number)[][] = [["processor", "milliseconds a frame", "frames a second"]];
  await withCamera({ framesASecond: 30 }, async (browser) => {
    const responder = people.add(await Member.arrive(browser, portal, await portal.invite("responder")));
    await responder.page.addInitScript(clockWorkers);
    await responder.join();
    await responder.page.getByRole("link", { name: "Scan bracelet" }).click();
    await responder.page.waitForFunction(() => performance.getEntriesByName("frame").length > 20, undefined, { timeout: 60_000 });
    for (const slower of [1, 4]) {
      const rest = await slow(browser, slower);
      const times = await responder.page.evaluate(framesOf, SCANNED);
      rest();
      rows.push([slower === 1 ? "as it is" : `slowed ${slower}x`, Math.round(median(times)), (times.length / (SCANNED / 1_000)).toFixed(1)]);
    }
  });
  report(rows);
});

/** How long the scanner is watched, in milliseconds. */
const SCANNED = 8_000;
/** One turn of a slowed process, in milliseconds. */
const TURN = 40;

/** Runs in the page. Measures each picture's way to the scanner's worker and its answer's way back. */
function clockWorkers(): void {
  const send = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (this: Worker, ...message: unknown[]) {
    const begun = performance.now();
    this.addEventListener("message", () => performance.measure("frame", { start: begun, end: performance.now() }), { once: true });
    Reflect.apply(send, this, message);
  } as typeof send;
}

/** Runs in the page. How long each picture took, of those answered in the next so many milliseconds. */
async function framesOf(milliseconds: number): Promise<number[]> {
  performance.clearMeasures("frame");
  await new Promise((done) => setTimeout(done, milliseconds));
  return performance.getEntriesByName("frame").map(({ duration }) => duration);
}

/**
 * Slows a browser's pages down, workers and all: their processes stand still for a part of every turn. (The throttling of the
 * developer tools does not reach workers.) Gives back what ends it.
 */
async function slow(browser: Browser, times: number): Promise<() => void> {
  if (times === 1) return () => {};
  const cdp = await browser.newBrowserCDPSession();
  const { processInfo } = await cdp.send("SystemInfo.getProcessInfo");
  const pages = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
  const signal = (name: "SIGSTOP" | "SIGCONT") => {
    for (const id of pages) {
      try {
        process.kill(id, name);
      } catch {
        // A spare process, which the browser has ended.
      }
    }
  };
  const turn = setInterval(() => {
    signal("SIGSTOP");
    setTimeout(() => signal("SIGCONT"), TURN * (1 - 1 / times));
  }, TURN);
  return () => {
    clearInterval(turn);
    setTimeout(() => signal("SIGCONT"), TURN);
  };
}

function report(rows: (string | number)[][]): void {
  test.info().annotations.push({ type: TABLE, description: table(rows) });
}

/** When the first paint of the shell was, and when the button could be pressed: on the page's clock, from the navigation on. */
async function loadingTime(browser: Browser, origin: string, slower: number): Promise<{ shell: number; usable: number }> {
  const context = await browser.newContext({ viewport: { width: 360, height: 640 } });
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: slower });
  await page.addInitScript(markUsable);
  await page.goto(`${origin}/sign-in`, { timeout: 120_000 });
  await page.waitForFunction(() => performance.getEntriesByName("usable").length > 0, undefined, { timeout: 120_000 });
  const [shell, usable] = await page.evaluate(() =>
    ["first-contentful-paint", "usable"].map((name) => performance.getEntriesByName(name)[0]?.startTime ?? Number.NaN),
  );
  await context.close();
  return { shell: shell ?? Number.NaN, usable: usable ?? Number.NaN };
}

/** Runs in the page. Marks the paint after the button came: only then can a finger find it. */
function markUsable(): void {
  new MutationObserver((_, observer) => {
    const button = [...document.querySelectorAll("button")].find(({ textContent }) => textContent?.includes("Sign in with passkey"));
    if (button === undefined) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => performance.mark("usable")));
  }).observe(document, { childList: true, subtree: true });
}

/** The frame of a record that can be seen. */
const OPEN = "iframe.viewer:not([hidden])";

/** When an element of this kind is there, or gone, and that is painted; in milliseconds of wall time: two pages of one machine compare by it. */
function comes(page: Page, selector: string, there: boolean): Promise<number> {
  return page.evaluate(
    ({ selector, there }) =>
      new Promise<number>((done) => {
        const look = () => {
          if ((document.querySelector(selector) !== null) !== there) return;
          observer.disconnect();
          requestAnimationFrame(() => setTimeout(() => done(Date.now())));
        };
        const observer = new MutationObserver(look);
        observer.observe(document.body, { childList: true, subtree: true, attributes: true });
      }),
    { selector, there },
  );
}

/** When a button with this name is pressed next. */
function clickOf(page: Page, name: string): Promise<number> {
  return page.evaluate(
    (name) =>
      new Promise<number>((done) => {
        const hear = (event: Event) => {
          if ((event.target as HTMLElement).textContent?.trim() !== name) return;
          document.removeEventListener("click", hear, true);
          done(Date.now());
        };
        document.addEventListener("click", hear, true);
      }),
    name,
  );
}

/** Remembers when a button with this name was last pressed: some ask back under the same name. */
function lastClickOf(page: Page, name: string): () => Promise<number> {
  const began = page.evaluate((name) => {
    const hear = ({ target }: Event) => {
      if ((target as HTMLElement).textContent?.trim() === name) performance.mark("pressed", { detail: Date.now() });
    };
    document.addEventListener("click", hear, true);
  }, name);
  return async () => {
    await began;
    return page.evaluate(() => (performance.getEntriesByName("pressed").at(-1) as PerformanceMark).detail as number);
  };
}

/** The bytes that come over the line for a page and its workers: bodies as sent, without headers. */
class Line {
  private bytes = 0;

  private pending: Promise<void>[] = [];

  private constructor(private readonly page: Page) {}

  static async of(member: Member): Promise<Line> {
    const line = new Line(member.page);
    const cdp: CDPSession = await member.context.newCDPSession(member.page);
    await cdp.send("Network.enable");
    await cdp.send("Network.clearBrowserCache");
    member.context.on("requestfinished", (request) => {
      // What came out of the cache has no body here, and for the shortest answers the browser's count falls below zero.
      line.pending.push(request.sizes().then(({ responseBodySize }) => void (line.bytes += Math.max(0, responseBodySize))));
    });
    return line;
  }

  /** What came since this was asked last. */
  async taken(): Promise<number> {
    // An open line of events never ends, so the page is never without one: what is awaited are the files.
    await this.page.evaluate(() => document.fonts.ready);
    await Promise.all(this.pending);
    this.pending = [];
    const { bytes } = this;
    this.bytes = 0;
    return bytes;
  }
}
