// Large text, as a person with weak eyes sets it: on a phone held upright and sideways nothing is broken, cut off or covered.

import type { Frame, Locator, Page } from "@playwright/test";

import { expectNoOverhang } from "../support/axe.ts";
import { arrive } from "../support/path.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { RecordPage } from "../support/pages/record.ts";
import { RequestPage } from "../support/pages/request.ts";
import { ScanPage } from "../support/pages/scan.ts";
import { expectSeen, WAYS_TO_HOLD } from "../support/sight.ts";
import { expect, test } from "../support/test.ts";

async function enlarge(page: Page | Frame, percent: number): Promise<void> {
  await page.evaluate((percent) => (document.documentElement.style.fontSize = `${percent}%`), percent);
}

/** In how many lines a text stands. */
function lines(text: Locator): Promise<number> {
  return text.evaluate((element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
  });
}

/** The whole of one is where the other is. */
async function expectWithin(part: Locator, whole: Locator): Promise<void> {
  const [inner, outer] = [(await part.boundingBox())!, (await whole.boundingBox())!];
  const room = [inner.x - outer.x, inner.y - outer.y, outer.x + outer.width - inner.x - inner.width, outer.y + outer.height - inner.y - inner.height];
  expect(Math.min(...room), "nothing of it is cut off").toBeGreaterThan(-1);
}

/** The viewfinder says whole what it sees, in the middle of its place; the frame to aim with and the way to type are whole too. */
async function expectViewfinder(page: Page): Promise<void> {
  const viewfinder = page.getByRole("region", { name: "Camera" });
  const [words, said] = [viewfinder.locator(".words"), viewfinder.getByRole("status")];
  await expect(said).toHaveText(/code/);
  await said.scrollIntoViewIfNeeded();
  // Seven lines of it, where the screen is low and the text large: nearly all of it at once.
  await expect(said).toBeInViewport({ ratio: 0.6 });
  await expectWithin(said, words);
  const [place, text] = [(await words.boundingBox())!, (await said.boundingBox())!];
  expect(Math.abs(2 * (text.x - place.x) + text.width - place.width), "as much room before it as behind it").toBeLessThan(2);
  await expectWithin(viewfinder.locator(".aim"), viewfinder);
  const typing = viewfinder.getByRole("button", { name: "Type the characters" });
  await expectWithin(typing, viewfinder);
  await typing.scrollIntoViewIfNeeded();
  await expectSeen(typing);
  await expectNoOverhang(page, "the viewfinder");
}

/** The bar stays in sight only where it leaves two thirds of the screen to the page. */
async function expectRoom(page: Page): Promise<void> {
  const bar = page.locator(".actions");
  await expect
    .poll(() => bar.evaluate((bar) => (getComputedStyle(bar).position === "sticky") === bar.getBoundingClientRect().height <= innerHeight / 3))
    .toBe(true);
}

/** What went wrong was shown once. Scrolled away from it, the page stays there, also when the bar's height changes. */
async function expectLeftWhereItIsScrolled(page: Page, percent: number): Promise<void> {
  await page.evaluate(() => scrollTo(0, 0));
  await enlarge(page, percent + 2);
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await enlarge(page, percent);
}

for (const size of WAYS_TO_HOLD) {
  for (const percent of [150, 200]) {
    test(`text of ${percent} % at ${size.width}x${size.height}`, async ({ people }) => {
      const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
      const { page } = responder;
      await page.setViewportSize(size);
      const check = async (what: string) => {
        await expectNoOverhang(page, what);
        await expectRoom(page);
      };
      await page.goto("/");
      await expect(page.getByRole("link", { name: "Scan bracelet" })).toBeVisible();
      await enlarge(page, percent);
      await check("the start page");
      const scan = new ScanPage(page);
      await page.getByRole("link", { name: "Scan bracelet" }).click();
      await expectViewfinder(page);
      await scan.typeInstead();
      await scan.type(responder.portal.bracelet().text.slice(0, 9));
      await scan.goOn.click();
      await expectSeen(page.getByText("20 of 28 characters are still missing."));
      await check("typing a bracelet");

      const form = await arrive(responder);
      await enlarge(page, percent);
      await form.ask.click();
      await check("the form with every fault");
      await form.fill();
      await responder.verifies(false);
      await form.ask.click();
      // A sentence of a dozen lines: as much of it as the screen holds.
      await expect(page.getByRole("alert").getByText(/passkey/)).toBeInViewport({ ratio: 0.6 });
      await check("the form with what went wrong");
      await expectLeftWhereItIsScrolled(page, percent);
      await responder.verifies(true);
      await form.ask.click();
      await expect(new RequestPage(page).title("Waiting for dispatch")).toBeVisible();
      expect(await lines(new RequestPage(page).countdown)).toBe(1);
      await check("waiting");
      await responder.signOutButton.click();
      await expectNoOverhang(page, "the question before the sign-out");
      await page.getByRole("button", { name: "Stay signed in" }).click();

      const desk = new DeskPage(dispatcher.page);
      await desk.open();
      await desk.approve(responder.name);
      const record = new RecordPage(page);
      await expect(record.sheet).toBeVisible();
      expect(await lines(record.countdown), "the clock").toBe(1);
      expect(await lines(record.done), "the button").toBe(1);
      await expectNoOverhang(page, "an open record");
      for (const frame of page.frames().slice(1)) {
        await enlarge(frame, percent);
        await expectNoOverhang(frame, "the record");
      }
      await record.done.click();
      await expect(record.erased).toBeVisible();
      await check("an erased record");
    });
  }
}
