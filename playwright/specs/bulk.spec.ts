// Many patients of one incident: one touch for several requests. And who else is about to decide.

import { accessible } from "../support/axe.ts";
import { hasSigned, signsNothing } from "../support/hostile.ts";
import { SCREENS } from "../support/member.ts";
import { ask } from "../support/path.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { USUAL, type Answers } from "../support/pages/justify.ts";
import { RecordPage } from "../support/pages/record.ts";
import { expect, test } from "../support/test.ts";

const ofBus = (incident: string): Answers => ({ ...USUAL, incident, text: "One of many on the bus" });

test("one touch opens what is ticked, each record by itself, and nothing that was not", async ({ people }) => {
  const responders = [await people.joined("responder"), await people.joined("responder"), await people.joined("responder")];
  const dispatcher = await people.joined("dispatcher");
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  for (const responder of responders.slice(0, 2)) await ask(responder, ofBus("BUS-1"));
  const bulk = desk.bulk("BUS-1");
  await bulk.getByRole("button", { name: "Decide them together" }).click();
  await expect(bulk.getByRole("checkbox")).toHaveCount(2);
  await expect(bulk).toContainText("One of many on the bus");
  await accessible(dispatcher.page, "several requests that are decided together");
  // What arrives while the list stands open is not ticked by itself.
  await ask(responders[2]!, ofBus("BUS-1"));
  await expect(bulk.getByRole("checkbox")).toHaveCount(3);
  await expect(bulk.getByRole("checkbox", { name: responders[2]!.name })).not.toBeChecked();
  await bulk.getByRole("button", { name: "Approve 2 requests" }).click();
  await expect(dispatcher.page.getByText("Incident BUS-1: approved 2 requests.")).toBeVisible();
  for (const responder of responders.slice(0, 2)) await expect(new RecordPage(responder.page).sheet).toBeVisible();
  await expect(desk.card(responders[2]!.name)).toBeVisible();
  await expect(bulk).toHaveCount(0);
  await expect(dispatcher.page.getByText("What you wrote")).toHaveCount(0);
  for (const responder of responders.slice(0, 2)) await expect(desk.live(responder.name)).toContainText(`Approved by ${dispatcher.name}`);
});

test("a portal that slips another request among them gets no signature", async ({ people }) => {
  const responders = [await people.joined("responder"), await people.joined("responder"), await people.joined("responder")];
  const dispatcher = await people.joined("dispatcher");
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  for (const responder of responders) await ask(responder, ofBus("BUS-2"));
  const bulk = desk.bulk("BUS-2");
  await expect(desk.card(responders[2]!.name)).toBeVisible();
  await bulk.getByRole("button", { name: "Decide them together" }).click();
  await bulk.getByRole("checkbox", { name: responders[0]!.name }).uncheck();
  // The portal asks for one more than is ticked.
  await dispatcher.page.route(/\/bulk-approval\/prepare$/, async (route) => {
    const lines = await dispatcher.page.evaluate(async () => {
      const desk = (await (await fetch("/api/v1/desk")).json()) as { waiting: { statement: { request: string; justification: { incident: string } } }[] };
      return desk.waiting.filter((card) => card.statement.justification.incident === "BUS-2").map((card) => card.statement.request);
    });
    await route.continue({ postData: JSON.stringify({ requests: lines }) });
  });
  await bulk.getByRole("button", { name: "Approve 2 requests" }).click();
  await expect(dispatcher.page.getByText(/asked you to sign something else/)).toBeVisible();
  await bulk.getByRole("button", { name: "Decide them one by one" }).click();
  for (const responder of responders) await expect(desk.card(responder.name)).toBeVisible();
});

test("a portal that has requests signed as those of another incident gets no signature", async ({ people }) => {
  const responders = [await people.joined("responder"), await people.joined("responder")];
  const dispatcher = await people.joined("dispatcher");
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  for (const responder of responders) await ask(responder, ofBus("BUS-5"));
  const bulk = desk.bulk("BUS-5");
  await bulk.getByRole("button", { name: "Decide them together" }).click();
  await hasSigned(dispatcher.page, /\/bulk-approval\/prepare$/, ({ statement }) => {
    statement["incident"] = "BUS-6";
  });
  await signsNothing(dispatcher, () => bulk.getByRole("button", { name: "Approve 2 requests" }).click());
});

test("what is being denied, here or at another desk, is not approved along with the rest", async ({ people }) => {
  const responders = [await people.joined("responder"), await people.joined("responder"), await people.joined("responder")];
  const [one, two] = [await people.joined("dispatcher"), await people.joined("dispatcher")];
  const [desk, other] = [new DeskPage(one.page), new DeskPage(two.page)];
  await desk.open();
  await other.open();
  for (const responder of responders) await ask(responder, ofBus("BUS-3"));
  await other.card(responders[0]!.name).getByRole("button", { name: "Deny", exact: true }).click();
  await expect(desk.card(responders[0]!.name)).toContainText("is about to decide this");
  const bulk = desk.bulk("BUS-3");
  await bulk.getByRole("button", { name: "Decide them together" }).click();
  const box = (name: string) => bulk.getByRole("checkbox", { name });
  await expect(box(responders[0]!.name)).not.toBeChecked();
  await expect(bulk).toContainText(`${two.name} is about to decide this.`);
  await expect(box(responders[1]!.name)).toBeChecked();
  // What was unticked stays so, however the list is folded.
  await box(responders[2]!.name).uncheck();
  await bulk.getByRole("button", { name: "Decide them one by one" }).click();
  await bulk.getByRole("button", { name: "Decide them together" }).click();
  await expect(box(responders[2]!.name)).not.toBeChecked();
  await bulk.getByRole("button", { name: "Tick all" }).click();
  await expect(bulk.getByRole("button", { name: "Approve 3 requests" })).toBeVisible();
  await bulk.getByRole("button", { name: "Decide them one by one" }).click();
  await desk.card(responders[1]!.name).getByRole("button", { name: "Deny", exact: true }).click();
  await bulk.getByRole("button", { name: "Decide them together" }).click();
  await expect(bulk.getByRole("button", { name: "Approve 2 requests" })).toBeVisible();
  await expect(bulk).toContainText("You are writing why you deny this: it is left out.");
});

test("while a list stands open the cards of what it has are put away, from keys as well", async ({ people }) => {
  const responders = [await people.joined("responder"), await people.joined("responder")];
  const [single, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  for (const responder of responders) await ask(responder, ofBus("Bus 4"));
  await ask(single, { ...USUAL, severity: "Other", incident: "2026-4444", text: "Not on the bus" });
  const [first, second] = [desk.card(responders[0]!.name), desk.card(responders[1]!.name)];
  const bulk = desk.bulk("BUS 4");
  await expect(desk.card(single.name)).toBeVisible();
  const why = first.getByLabel("Why? The responder will read this.");
  await first.getByRole("button", { name: "Deny", exact: true }).click();
  await why.fill("Not of this");
  await bulk.getByRole("button", { name: "Decide them together" }).click();
  await expect(second).toBeHidden();
  // What a card says of time stands in the list.
  await expect(bulk.getByRole("listitem").filter({ hasText: responders[1]!.name })).toContainText(/The responder (may open it alone in|can open it alone now)/);
  await expect(bulk).toContainText("Their own cards are put away while this list stands here.");
  // What is being denied is none of them.
  await expect(why).toHaveValue("Not of this");
  await expect(bulk.getByRole("button", { name: "Approve 1 request", exact: true })).toBeVisible();
  await why.press("Escape");
  await expect(first).toBeHidden();
  await expect(bulk.getByRole("heading"), "whoever wrote it is not sent to the top").toBeFocused();
  await accessible(dispatcher.page, "a list whose cards are put away");
  await dispatcher.page.setViewportSize({ width: 320, height: 640 });
  await accessible(dispatcher.page, "a list whose cards are put away, on the narrowest screen");
  await dispatcher.page.setViewportSize(SCREENS.desk);

  let prepared = 0;
  await dispatcher.page.route(/\/decision\/prepare$/, async (route) => {
    prepared += 1;
    await route.continue();
  });
  await dispatcher.page.keyboard.press("a");
  await dispatcher.page.keyboard.press("d");
  // Other tests' requests wait there as well.
  const { length } = await desk.waiting().all();
  for (let step = 0; step < length; step += 1) await dispatcher.page.keyboard.press("j");
  await expect(desk.card(single.name), "the last one, past those that are put away").toBeFocused();
  expect(prepared).toBe(0);

  await bulk.getByRole("button", { name: "Decide them one by one" }).click();
  await expect(second).toBeVisible();
  await first.getByRole("button", { name: "Deny", exact: true }).click();
  await expect(why, "nothing that was typed is lost").toHaveValue("Not of this");
});

test("a desk sees that a colleague is about to decide, and until when", async ({ people }) => {
  const [responder, one, two] = [await people.joined("responder"), await people.joined("dispatcher"), await people.joined("dispatcher")];
  const [first, second] = [new DeskPage(one.page), new DeskPage(two.page)];
  await first.open();
  await second.open();
  await ask(responder);
  const sign = second.card(responder.name).getByText(`${one.name} is about to decide this.`);
  // The card goes while the first one still writes: their page asks what became of it.
  one.complaints.expectStatus(409, /\/decision$/);
  const deny = first.card(responder.name).getByRole("button", { name: "Deny", exact: true });
  await deny.click();
  await expect(sign).toBeVisible();
  await accessible(two.page, "a request that a colleague is about to decide");
  await expect(first.card(responder.name).getByText("is about to decide this")).toHaveCount(0);
  await deny.click();
  await expect(sign).toHaveCount(0);
  await deny.click();
  await expect(sign).toBeVisible();
  // It holds nobody up.
  await second.approve(responder.name);
  await expect(new RecordPage(responder.page).sheet).toBeVisible();
});
