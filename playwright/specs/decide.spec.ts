// The dispatcher's word: approve, deny, and every race about it.

import { accessible } from "../support/axe.ts";
import { another, hasSigned, liesAbout, signsNothing } from "../support/hostile.ts";
import { SCREENS } from "../support/member.ts";
import { cut, loseAnswers } from "../support/offline.ts";
import { ask } from "../support/path.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { USUAL } from "../support/pages/justify.ts";
import { RecordPage } from "../support/pages/record.ts";
import { RequestPage } from "../support/pages/request.ts";
import { expect, test } from "../support/test.ts";

test("a card says who asks, why, and for how long; approval opens the record by itself", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  const text = "Found alone, does not answer, insulin pen in the pocket";
  const request = await ask(responder, { ...USUAL, text });
  await expect(responder.page.getByText("DRILL – this patient is made up")).toBeVisible();
  await expect(request.countdown).toHaveText(/^(10:00|9:\d\d)$/);
  await accessible(responder.page, "waiting for dispatch");

  const card = desk.card(responder.name);
  for (const words of [responder.agencyId, "responder", "Life-threatening", USUAL.incident, USUAL.reason, text, "No earlier requests.", "Drill"]) {
    await expect(card).toContainText(words);
  }
  await expect(card.locator(".waited").getByRole("timer")).toHaveText(/^0:\d\d$/);
  await accessible(dispatcher.page, "a waiting request");

  await desk.approve(responder.name);
  const record = new RecordPage(responder.page);
  await expect(record.sheet).toBeVisible();
  await expect(desk.card(responder.name)).toHaveCount(0);
  await expect(desk.live(responder.name)).toContainText(USUAL.incident);
  await expect(dispatcher.page.getByText(`Approved: ${responder.name}, incident ${USUAL.incident}.`)).toBeVisible();
  await accessible(dispatcher.page, "an open record on the desk");
  await record.done.click();
  await expect(desk.live(responder.name)).toHaveCount(0);

  await ask(responder);
  await expect(card).toContainText("Last requests");
});

test("the most pressing request stands first", async ({ people }) => {
  const dispatcher = await people.joined("dispatcher");
  const [calm, urgent, pressing] = [await people.joined("responder"), await people.joined("responder"), await people.joined("responder")];
  await ask(calm, { ...USUAL, severity: "Other" });
  await ask(urgent, { ...USUAL, severity: "Urgent" });
  await ask(pressing);
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  const names = await desk.waiting().allInnerTexts();
  const ours = names.filter((name) => [calm, urgent, pressing].some((member) => member.name === name));
  expect(ours).toEqual([pressing.name, urgent.name, calm.name]);
});

test("a denial needs a reason, which the responder reads; asking again keeps what was typed", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const request = await ask(responder, { ...USUAL, text: "Words that the second attempt keeps" });
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await desk.deny(responder.name, " ");
  await expect(dispatcher.page.getByText("Say why you deny it: the responder will read this.")).toBeVisible();
  await accessible(dispatcher.page, "a denial without a reason");
  await desk.card(responder.name).getByRole("button", { name: "Deny", exact: true }).click();
  await desk.deny(responder.name, "The patient is already in hospital");
  await expect(dispatcher.page.getByText(`Denied: ${responder.name}`)).toBeVisible();

  await expect(request.title("Denied")).toBeVisible();
  await expect(responder.page.getByText(`${dispatcher.name} says: The patient is already in hospital`)).toBeVisible();
  await accessible(responder.page, "denied");
  await request.askAgain.click();
  await expect(responder.page.getByLabel("In your words")).toHaveValue("Words that the second attempt keeps");
  await responder.page.getByRole("button", { name: "Ask for access" }).click();
  await expect(request.title("Waiting for dispatch")).toBeVisible();
});

test("a withdrawn request leaves the desk, and a denial being written is told why", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const request = await ask(responder);
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  dispatcher.complaints.expectStatus(409, /\/decision$/);
  await desk.card(responder.name).getByRole("button", { name: "Deny", exact: true }).click();
  await request.cancel.click();
  await expect(request.title("Cancelled")).toBeVisible();
  await accessible(responder.page, "cancelled");
  await expect(desk.card(responder.name)).toHaveCount(0);
  await expect(dispatcher.page.getByText(/withdrawn.* What you wrote was not sent\./)).toBeVisible();
});

test("a request that is not one's own, and an address that is none's, say so and lead on", async ({ people }) => {
  const [responder, other] = [await people.joined("responder"), await people.joined("responder")];
  await ask(responder);
  other.complaints.expectStatus(404, /\/api\/v1\/requests\//);
  for (const address of [responder.page.url(), "/request/xyz"]) {
    await other.page.goto(address);
    await expect(new RequestPage(other.page).title("No such request"), address).toBeVisible();
    await expect(other.page.getByText("Looking up your request…")).toHaveCount(0);
    await accessible(other.page, "no such request");
    await other.page.getByRole("link", { name: "To the start page" }).click();
    await expect(other.page.getByRole("link", { name: "Scan bracelet" })).toBeVisible();
  }
});

test("of two dispatchers one wins, and the other sees who", async ({ people }) => {
  const [responder, first, second] = [await people.joined("responder"), await people.joined("dispatcher"), await people.joined("dispatcher")];
  await ask(responder);
  const [quick, slow] = [new DeskPage(first.page), new DeskPage(second.page)];
  await quick.open();
  await slow.open();
  second.complaints.expectStatus(409, /\/decision/);
  // The slower one has signed already when the quicker one's word arrives.
  let send = () => {};
  const held = new Promise<void>((done) => (send = done));
  await second.page.route(/\/decision$/, async (route) => {
    await held;
    await route.continue();
  });
  const signed = second.page.waitForRequest(/\/decision$/);
  await slow.deny(responder.name, "Already in hospital");
  await signed;
  await quick.approve(responder.name);
  await expect(new RecordPage(responder.page).sheet).toBeVisible();
  send();
  await expect(second.page.getByText(`${first.name} has already approved this request.`)).toBeVisible();
  await accessible(second.page, "somebody else was faster");
});

test("nobody decides their own request", async ({ people }) => {
  const both = await people.joined(["responder", "dispatcher"], { screen: "desk" });
  await ask(both);
  const desk = new DeskPage(both.page);
  await desk.open();
  await expect(desk.card(both.name)).toContainText("You cannot decide your own request.");
  await expect(desk.card(both.name).getByRole("button", { name: "Approve" })).toHaveCount(0);
  await accessible(both.page, "one's own request on the desk");
});

test("a touch that is not given decides nothing", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  await ask(responder);
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await dispatcher.verifies(false);
  await desk.approve(responder.name);
  await expect(dispatcher.page.getByRole("alert").filter({ hasText: "passkey" })).toBeVisible();
  await expect(desk.card(responder.name)).toBeVisible();
  await dispatcher.verifies(true);
  await desk.approve(responder.name);
  await expect(new RecordPage(responder.page).sheet).toBeVisible();
});

test("a lost connection costs nothing at any step of deciding", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const request = await ask(responder);
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  const unreachable = dispatcher.page.getByText("The portal cannot be reached.");
  await desk.deny(responder.name, "");
  for (const path of [/\/decision\/prepare$/, /\/decision$/]) {
    const mend = await cut(dispatcher, path);
    await desk.card(responder.name).getByLabel("Why? The responder will read this.").fill("Kept through every lost call");
    await desk.card(responder.name).getByRole("button", { name: "Send denial" }).click();
    await expect(unreachable).toBeVisible();
    await expect(desk.card(responder.name).getByLabel("Why? The responder will read this.")).toHaveValue("Kept through every lost call");
    await mend();
  }
  await accessible(dispatcher.page, "a decision that did not arrive");

  // It arrives, and its answer does not: the desk shows what became of it.
  // If the card leaves before the loss is noticed, the desk has nothing to ask; else it asks, and is told by a refusal.
  dispatcher.complaints.expectStatus(409, /\/decision$/);
  const mend = await loseAnswers(dispatcher, /\/decision$/);
  await desk.card(responder.name).getByRole("button", { name: "Send denial" }).click();
  await expect(request.title("Denied")).toBeVisible();
  await expect(desk.card(responder.name)).toHaveCount(0);
  await mend();
});

test("a withdrawal that does not arrive can be sent again", async ({ people }) => {
  const responder = await people.joined("responder");
  const request = await ask(responder);
  const mend = await cut(responder, /\/cancel$/);
  await request.cancel.click();
  await expect(responder.page.getByText("The portal cannot be reached.")).toBeVisible();
  await expect(request.title("Waiting for dispatch")).toBeVisible();
  await mend();
  await request.cancel.click();
  await expect(new RequestPage(responder.page).title("Cancelled")).toBeVisible();
});

test("a card that shows another request than the one that was signed is not approved", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  await ask(responder);
  interface Desk {
    waiting: { statement: { justification: { incident: string } } }[];
  }
  await liesAbout<Desk>(dispatcher.page, /\/api\/v1\/desk$/, (desk) => {
    for (const card of desk.waiting) card.statement.justification.incident = "2026-999";
  });
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await expect(desk.card(responder.name)).toContainText("2026-999");
  await desk.approve(responder.name);
  await expect(dispatcher.page.getByText("The portal asked you to sign something else than what you see here.")).toBeVisible();
  await expect(new RequestPage(responder.page).title("Waiting for dispatch")).toBeVisible();
});

test("a portal that has another word signed than the dispatcher's gets no decision", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  await ask(responder);
  const desk = new DeskPage(dispatcher.page);
  const lies: Record<string, (said: unknown) => unknown> = {
    verdict: () => "approve",
    reason: () => "No such patient",
    request: another,
    request_digest: () => Buffer.alloc(32).toString("base64url"),
  };
  for (const [name, lie] of Object.entries(lies)) {
    await test.step(name, async () => {
      await hasSigned(dispatcher.page, /\/decision\/prepare$/, ({ statement }) => {
        statement[name] = lie(statement[name]);
      });
      await desk.open();
      await signsNothing(dispatcher, () => desk.deny(responder.name, "The patient is already in hospital"));
      await dispatcher.page.unrouteAll();
    });
  }
  await expect(new RequestPage(responder.page).title("Waiting for dispatch")).toBeVisible();
});

test("a card that moves under the pointer takes no click until it has settled", async ({ people }) => {
  const [first, second, dispatcher] = [await people.joined("responder"), await people.joined("responder"), await people.joined("dispatcher")];
  const { clock } = dispatcher.page;
  await clock.install();
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await ask(first, { ...USUAL, severity: "Urgent" });
  const approve = (name: string) => desk.card(name).getByRole("button", { name: "Approve" });
  await expect(approve(first.name)).toBeEnabled();
  // The dispatcher's time stands still, the portal's does not.
  await clock.pauseAt(Date.now() + 60_000);
  await ask(second, { ...USUAL, severity: "Life-threatening" });
  await expect(approve(second.name)).toBeVisible();
  for (const { name } of [first, second]) await expect(approve(name)).toBeDisabled();
  await expect(dispatcher.page).toHaveTitle(/^\(\d+\) Dispatch desk/);
  await clock.fastForward(1_000);
  for (const { name } of [first, second]) await expect(approve(name)).toBeEnabled();
});

test("a long request leaves room for the others, and is read in full by one press", async ({ people }) => {
  const [wordy, terse, dispatcher] = [await people.joined("responder"), await people.joined("responder"), await people.joined("dispatcher")];
  await ask(wordy, { ...USUAL, text: "Many words, and then some more.\n".repeat(31).slice(0, 990) + "The end." });
  await ask(terse, { ...USUAL, text: "Few words" });
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  const height = async (name: string) => (await desk.card(name).boundingBox())?.height ?? Infinity;
  await expect(desk.words(wordy.name)).toBeVisible();
  expect(await height(wordy.name)).toBeLessThan(dispatcher.page.viewportSize()!.height / 2);
  await accessible(dispatcher.page, "a long request, not all of it shown");
  await desk.rest(wordy.name).click();
  await expect(desk.rest(wordy.name)).toHaveCount(0);
  const isWhole = (name: string) => desk.words(name).evaluate((words) => words.scrollHeight <= words.clientHeight);
  await expect.poll(() => isWhole(wordy.name)).toBe(true);
  await accessible(dispatcher.page, "a long request, all of it shown");
  await desk.card(wordy.name).getByRole("button", { name: "Show less" }).click();
  await expect.poll(() => isWhole(wordy.name)).toBe(false);

  expect(await isWhole(terse.name)).toBe(true);
  await expect(desk.rest(terse.name)).toHaveCount(0);
  await dispatcher.page.setViewportSize(SCREENS.phone);
  await accessible(dispatcher.page, "a long request on a phone");
});

test("nothing of what is signed is out of sight where the browser does not say how long it is", async ({ people }) => {
  const [wordy, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  await ask(wordy, { ...USUAL, text: "Many words, and then some more.\n".repeat(20) + "The end." });
  await dispatcher.page.addInitScript(() => {
    ResizeObserver.prototype.observe = () => {};
  });
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await expect(desk.words(wordy.name)).toContainText("The end.");
  expect(await desk.words(wordy.name).evaluate((words) => words.scrollHeight <= words.clientHeight)).toBe(true);
  await expect(desk.rest(wordy.name)).toHaveCount(0);
});

test("a new request is counted and said, and nothing of what was there before", async ({ people }) => {
  const [before, after, dispatcher] = [await people.joined("responder"), await people.joined("responder"), await people.joined("dispatcher")];
  await ask(before);
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await expect(desk.card(before.name)).toBeVisible();
  await expect(desk.news).toHaveText("");
  await ask(after);
  await expect(desk.news).toHaveText(`New request: life-threatening, ${after.name}`);
  await expect(dispatcher.page).toHaveTitle(`(${await desk.tally()}) Dispatch desk – Halligan`);
  // Nobody is signed in any more, and nobody counts.
  dispatcher.complaints.expectStatus(401, /\/api\/v1\//);
  await dispatcher.context.clearCookies();
  await desk.approve(after.name);
  await expect(dispatcher.page.getByText("You are no longer signed in.")).toBeVisible();
  await expect(dispatcher.page).toHaveTitle("Signed out – Dispatch desk – Halligan");
});

test("what an act came to goes when it is no longer so, or when it has been read", async ({ people }) => {
  const [first, second, dispatcher] = [await people.joined("responder"), await people.joined("responder"), await people.joined("dispatcher")];
  const request = await ask(first);
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  const mend = await cut(dispatcher, /\/decision\/prepare$/);
  await desk.approve(first.name);
  const unreachable = dispatcher.page.getByText("The portal cannot be reached.");
  await expect(unreachable).toBeVisible();
  await mend();
  // What comes by itself does not take away what nobody may have read yet; the next act does.
  await ask(second);
  await expect(desk.card(second.name)).toBeVisible();
  await expect(unreachable).toBeVisible();
  await desk.deny(first.name, "The patient is already in hospital");
  await expect(request.title("Denied")).toBeVisible();
  const denied = dispatcher.page.getByText(`Denied: ${first.name}`);
  await expect(denied).toBeVisible();
  await expect(unreachable).toHaveCount(0);
  await dispatcher.page.getByRole("button", { name: "Dismiss" }).click();
  await expect(denied).toHaveCount(0);
  await expect(dispatcher.page.getByRole("main")).toBeFocused();
});

test("one long word stays on its card, and takes nothing off the screen", async ({ people }) => {
  const [wordy, terse, dispatcher] = [await people.joined("responder"), await people.joined("responder"), await people.joined("dispatcher")];
  await ask(wordy, { ...USUAL, text: `I want ${"that.is.all.".repeat(60)}` });
  await ask(terse, { ...USUAL, text: "Few words" });
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  for (const screen of [SCREENS.desk, SCREENS.tablet, SCREENS.phone]) {
    await dispatcher.page.setViewportSize(screen);
    await expect(desk.rest(wordy.name), "not all of it is seen").toBeVisible();
    const wide = () => dispatcher.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await expect.poll(wide, "pixels that are out of sight").toBe(0);
    const cut = () => desk.words(wordy.name).evaluate((words) => words.scrollWidth - words.clientWidth);
    expect(await cut(), "pixels of the words that are").toBe(0);
    const approve = desk.card(terse.name).getByRole("button", { name: "Approve" });
    await approve.scrollIntoViewIfNeeded();
    await expect(approve).toBeInViewport({ ratio: 1 });
  }
});

test("marks that are piled up on a letter are painted over nobody else's words", async ({ people }) => {
  const [above, piled, below] = [await people.joined("responder"), await people.joined("responder"), await people.joined("responder")];
  const dispatcher = await people.joined("dispatcher");
  const text = "Lies on the floor, does not answer";
  await ask(above, { ...USUAL, text });
  await ask(piled, { ...USUAL, severity: "Urgent", text });
  await ask(below, { ...USUAL, severity: "Other", text });
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await desk.card(below.name).scrollIntoViewIfNeeded();
  // Not by its name, which becomes another one.
  const card = dispatcher.page.locator(`#${await desk.card(piled.name).getAttribute("id")}`);
  const beside = [desk.words(above.name), card.getByText("In their words"), desk.words(below.name)];
  // What is typed has no such pile: these are words that were kept from before.
  const seenWith = async (marks: string) => {
    for (const words of [card.getByRole("heading", { level: 3 }), card.locator(".words")]) {
      await words.evaluate((words, marks) => (words.firstChild!.nodeValue = `Words with a${marks} in them`), marks);
      await expect(words).toHaveText(`Words with a${marks} in them`);
    }
    const pictures = [];
    for (const words of beside) {
      pictures.push((await words.screenshot()).toString("base64"));
    }
    return pictures;
  };
  // Once more where other tests' cards came or went meanwhile, and moved these by half a pixel.
  await expect(async () => {
    const without = await seenWith("");
    const pile = await seenWith("\u0300".repeat(450) + "\u0323".repeat(450));
    expect(pile.map((picture, place) => picture === without[place]), "above, beside and below").toEqual([true, true, true]);
  }).toPass({ timeout: 30_000 });
});
