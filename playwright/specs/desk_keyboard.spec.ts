// The desk by keyboard alone: after each act the focus is where the next one begins, and never at the top of the page.

import type { Browser, Locator, Page } from "@playwright/test";

import { count } from "../support/offline.ts";
import { ask, openRecord } from "../support/path.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { USUAL } from "../support/pages/justify.ts";
import { Portal } from "../support/portal.ts";
import { Crowd, expect, test, type People } from "../support/test.ts";

test.describe.configure({ timeout: 120_000 });

/** At a portal where nobody else's requests wait: what comes next, and that nothing is left, is known. */
async function alone(browser: Browser, work: (people: People) => Promise<void>): Promise<void> {
  const portal = await Portal.start();
  const people = new Crowd(browser, portal);
  try {
    await work(people);
  } finally {
    await people.leave();
    await portal.end();
  }
}

const approve = (card: Locator): Locator => card.getByRole("button", { name: "Approve" });

/** What the page says of the last act. */
const said = (page: Page): Locator => page.getByRole("group", { name: "What came of it" });

/** Presses a button by keyboard, once cards that moved have settled. */
async function press(button: Locator): Promise<void> {
  await expect(button, "settled").toBeEnabled();
  await button.press("Enter");
}

/** Holds back the answers to calls under this path, which do their work at once, until the returned function is called. */
async function holdAnswers(page: Page, path: RegExp): Promise<() => void> {
  let send = () => {};
  const held = new Promise<void>((done) => (send = done));
  await page.route(path, async (route) => {
    const response = await route.fetch();
    await held;
    await route.fulfill({ response });
  });
  return send;
}

test("ten requests are decided without a Tab", async ({ browser }) => {
  await alone(browser, async (people) => {
    const dispatcher = await people.joined("dispatcher");
    const responders = await Promise.all(Array.from({ length: 10 }, () => people.joined("responder")));
    const desk = new DeskPage(dispatcher.page);
    await desk.open();
    for (const [place, responder] of responders.entries()) await ask(responder, { ...USUAL, incident: `2026-${1200 + place}` });
    const cards = responders.map(({ name }) => desk.card(name));
    await expect(desk.waiting()).toHaveText(responders.map(({ name }) => name));

    const { keyboard } = dispatcher.page;
    await keyboard.press("j");
    await expect(cards[0]!).toBeFocused();
    // One is left for later.
    await keyboard.press("j");
    await expect(cards[1]!).toBeFocused();
    for (const place of [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]) {
      const card = cards[place]!;
      const what = place === 9 ? "the last one is decided" : "the next one";
      if (place % 3 === 0) {
        await keyboard.press("d");
        await keyboard.type("Already in hospital");
        await keyboard.press("Enter");
      } else if (place % 3 === 1) {
        await expect(approve(card), "settled").toBeEnabled();
        await keyboard.press("a");
      } else {
        await expect(approve(card), "settled").toBeEnabled();
        await keyboard.press("Enter");
      }
      await expect(card).toHaveCount(0);
      // After it, or else before it; and where none is left, what came of it.
      const then = place === 0 ? said(dispatcher.page) : approve(cards[place === 9 ? 0 : place + 1]!);
      await expect(then, what).toBeFocused();
    }
    await expect(said(dispatcher.page)).toContainText(`Denied: ${responders[0]!.name}`);
  });
});

test("the next card has the focus also where the desk shows it before the answer comes, and a late answer takes it from nobody", async ({ browser }) => {
  await alone(browser, async (people) => {
    const dispatcher = await people.joined("dispatcher");
    const responders = [await people.joined("responder"), await people.joined("responder"), await people.joined("responder")];
    const [first, second, third] = responders.map(({ name }) => new DeskPage(dispatcher.page).card(name));
    await new DeskPage(dispatcher.page).open();
    for (const responder of responders) await ask(responder);
    await expect(third!).toBeVisible();
    let send = await holdAnswers(dispatcher.page, /\/decision$/);
    await press(approve(first!));
    await expect(first!).toHaveCount(0);
    await expect(dispatcher.page.locator("body")).toBeFocused();
    send();
    await expect(approve(second!)).toBeFocused();

    await dispatcher.page.unrouteAll({ behavior: "wait" });
    send = await holdAnswers(dispatcher.page, /\/decision$/);
    await expect(approve(second!), "settled").toBeEnabled();
    await dispatcher.page.keyboard.press("a");
    await expect(second!).toHaveCount(0);
    await third!.getByRole("button", { name: "Deny", exact: true }).click();
    const why = third!.getByLabel("Why? The responder will read this.");
    await why.pressSequentially("Already in ");
    send();
    await expect(said(dispatcher.page)).toContainText(`Approved: ${responders[1]!.name}`);
    await dispatcher.page.keyboard.type("hospital");
    await expect(why).toHaveValue("Already in hospital");
    // What was not done is tried again where it stands.
    await dispatcher.verifies(false);
    await dispatcher.page.keyboard.press("Enter");
    await expect(said(dispatcher.page).getByRole("alert")).toContainText("passkey");
    await expect(why).toBeFocused();
    await dispatcher.verifies(true);
    await dispatcher.page.keyboard.press("Enter");
    await expect(said(dispatcher.page)).toContainText(`Denied: ${responders[2]!.name}`);
    await expect(said(dispatcher.page)).toBeFocused();
  });
});

test("the end of an open record and a taking back leave the focus beside them too, and a second press ends nothing else", async ({ browser }) => {
  await alone(browser, async (people) => {
    const dispatcher = await people.joined("dispatcher");
    const [one, two] = [await people.joined("responder"), await people.joined("responder")];
    const desk = new DeskPage(dispatcher.page);
    await openRecord(one, dispatcher);
    await openRecord(two, dispatcher);
    const end = (name: string) => desk.live(name).getByRole("button", { name: "End now" });
    const { clock, keyboard } = dispatcher.page;
    await clock.install();
    await desk.open();
    await expect(end(two.name)).toBeEnabled();
    const ends = count(dispatcher.page, /\/revoke$/);
    // The dispatcher's time stands still, the portal's does not.
    await clock.pauseAt(Date.now() + 60_000);
    await end(two.name).press("Enter");
    await expect(end(one.name)).toBeFocused();
    await expect(desk.live(two.name)).toHaveCount(0);
    await expect(end(one.name), "held for a moment").toBeDisabled();
    await keyboard.press("Enter");
    await clock.fastForward(1_000);
    await expect(end(one.name)).toBeEnabled();
    expect(ends(), "the other one is still open").toBe(1);
    await clock.resume();
    await press(end(one.name));
    await expect(desk.live(one.name)).toHaveCount(0);
    await expect(said(dispatcher.page)).toBeFocused();

    for (const responder of [one, two]) {
      await ask(responder);
      await responder.page.goto("/");
      await desk.approve(responder.name);
    }
    const back = dispatcher.page.getByRole("button", { name: "Take back" });
    await expect(back).toHaveCount(2);
    await press(back.first());
    await keyboard.type("Not the right patient");
    await keyboard.press("Escape");
    await expect(dispatcher.page.getByRole("region", { name: /^May be opened/ }).getByRole("article").first(), "out of the reason").toBeFocused();
    await press(back.first());
    await keyboard.press("Enter");
    await expect(back).toHaveCount(1);
    await expect(back).toBeFocused();
    await expect(back, "settled").toBeEnabled();
    await keyboard.press("Enter");
    await keyboard.type("Not the right patient either");
    await keyboard.press("Enter");
    await expect(back).toHaveCount(0);
    await expect(said(dispatcher.page)).toBeFocused();
  });
});

test("where a colleague decides the very card that has the focus, it goes on to the next one", async ({ browser }) => {
  await alone(browser, async (people) => {
    const [one, colleague] = [await people.joined("dispatcher"), await people.joined("dispatcher")];
    const responders = [await people.joined("responder"), await people.joined("responder")];
    const [desk, other] = [new DeskPage(one.page), new DeskPage(colleague.page)];
    // Asked what became of it.
    one.complaints.expectStatus(409, /\/decision$/);
    await desk.open();
    await other.open();
    for (const [place, responder] of responders.entries()) await ask(responder, { ...USUAL, incident: `2026-${1300 + place}` });
    const cards = responders.map(({ name }) => desk.card(name));
    await expect(desk.waiting()).toHaveText(responders.map(({ name }) => name));
    await one.page.keyboard.press("j");
    await expect(cards[0]!).toBeFocused();
    // The page moves the focus, not the dispatcher: a key that is on its way by then approves nothing.
    await one.page.evaluate(() =>
      document.addEventListener("focusin", ({ target }) => target?.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true })), { once: true }),
    );
    await other.card(responders[0]!.name).getByRole("button", { name: "Approve" }).click();
    await expect(cards[0]!).toHaveCount(0);
    await expect(approve(cards[1]!)).toBeFocused();
    await expect(said(one.page)).toContainText(`${responders[0]!.name}, incident 2026-1300: `);
    await expect(approve(cards[1]!), "settled, and not approved").toBeEnabled();
    await other.card(responders[1]!.name).getByRole("button", { name: "Approve" }).click();
    await expect(cards[1]!).toHaveCount(0);
    await expect(said(one.page), "and where none is left, to what came of it").toBeFocused();
    await expect(said(one.page)).toContainText(`${responders[1]!.name}, incident 2026-1301: `);
  });
});
