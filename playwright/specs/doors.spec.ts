// The doors that are not one dispatcher's word: several, an approval taken back, and the override.

import type { Keyboard, Locator } from "@playwright/test";

import { accessible } from "../support/axe.ts";
import { another, digest, hasSigned, liesAbout, signsNothing } from "../support/hostile.ts";
import { ask } from "../support/path.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { RecordPage } from "../support/pages/record.ts";
import { HASTY, type Changes } from "../support/policies.ts";
import { expect, test } from "../support/test.ts";

/** Two dispatchers are needed for what is not pressing. */
const TWO: Changes = {
  '@decisions("1")\npermit (principal, action == Action::"open_by_dispatcher", resource)\nwhen { principal.roles.contains(Role::"responder") };': `@decisions("1")
permit (principal, action == Action::"open_by_dispatcher", resource)
when { principal.roles.contains(Role::"responder") && resource.severity != Severity::"other" };

@id("dispatcher-two")
@decisions("2")
permit (principal, action == Action::"open_by_dispatcher", resource)
when { principal.roles.contains(Role::"responder") && resource.severity == Severity::"other" };`,
};
test.use({ policies: { ...HASTY, ...TWO } });

/** Takes the keyboard to a card, past whatever else waits. */
async function goTo(keyboard: Keyboard, card: Locator, pause = 100): Promise<void> {
  await expect(async () => {
    await keyboard.press("j");
    await expect(card).toBeFocused({ timeout: 100 });
  }).toPass({ intervals: [pause], timeout: 20_000 });
}

const OTHER = { severity: "Other", reason: "Patient cannot speak for themselves", incident: "2026-1125", text: "" } as const;

test("nobody answers: the record opens alone, by words that are signed, and every desk sees it at once", async ({ people }) => {
  const [responder, dispatcher, other] = [await people.joined("responder"), await people.joined("dispatcher"), await people.joined("dispatcher")];
  const [desk, second] = [new DeskPage(dispatcher.page), new DeskPage(other.page)];
  await desk.open();
  await second.open();
  const request = await ask(responder);
  await expect(responder.page.getByText(/Your request is on the screen/)).toBeVisible();
  await expect(responder.page.getByText("If nobody answers, you can open it alone in")).toBeVisible();
  await expect(desk.card(responder.name)).toContainText("The responder may open it alone in");
  const offer = responder.page.getByRole("button", { name: "Open it alone…" });
  await expect(offer).toBeVisible();
  await accessible(responder.page, "the override is offered");
  await offer.click();
  await expect(responder.page.getByText("without a dispatcher’s decision")).toBeVisible();
  await expect(responder.page.getByRole("heading", { name: "Open it alone?" })).toBeFocused();
  await accessible(responder.page, "the words of an override");
  await responder.page.getByRole("button", { name: "Go on waiting" }).click();
  await expect(request.title("Waiting for dispatch")).toBeVisible();
  await offer.click();
  await responder.page.getByRole("button", { name: "Sign this and open" }).click();
  const record = new RecordPage(responder.page);
  await expect(record.sheet).toBeVisible();
  await expect(desk.card(responder.name)).toHaveCount(0);
  for (const each of [desk, second]) await expect(each.live(responder.name)).toContainText("Opened alone");
  await expect(dispatcher.page.getByText(`Opened alone: ${responder.name}, incident`).first()).toBeVisible();
  await accessible(dispatcher.page, "a record that was opened alone, on the desk");
  await desk.end(responder.name, "Dispatch is here now");
  await expect(record.sheet).toHaveCount(0);
  await expect(responder.page.getByText("Dispatch ended it: Dispatch is here now")).toBeVisible();
  await expect(second.live(responder.name)).toHaveCount(0);
});

test("two dispatchers at once: each sees what the other said, and the second opens it", async ({ people }) => {
  const [responder, one, two] = [await people.joined("responder"), await people.joined("dispatcher"), await people.joined("dispatcher")];
  const [first, second] = [new DeskPage(one.page), new DeskPage(two.page)];
  await first.open();
  await second.open();
  await ask(responder, OTHER);
  await expect(responder.page.getByText("It needs 2 dispatchers: 0 approved so far.")).toBeVisible();
  await expect(responder.page.getByText("you can open it alone")).toHaveCount(0);
  await first.approve(responder.name);
  await expect(second.card(responder.name)).toContainText(`Approved by: ${one.name}.`);
  await expect(first.card(responder.name)).toContainText("Yours is given; it waits for another.");
  await expect(first.card(responder.name).getByRole("button", { name: "Approve" })).toHaveCount(0);
  await expect(responder.page.getByText("It needs 2 dispatchers: 1 approved so far.")).toBeVisible();
  await accessible(one.page, "a request that waits for another dispatcher");
  await second.approve(responder.name);
  await expect(new RecordPage(responder.page).sheet).toBeVisible();
  await expect(first.live(responder.name)).toContainText(`Approved by ${one.name}, ${two.name}`);
});

test("an approval that was not used is taken back, and the responder reads why", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  // The page that would open it by itself is elsewhere.
  const request = await ask(responder);
  await responder.page.goto("/");
  await desk.approve(responder.name);
  const approved = dispatcher.page.getByRole("article", { name: responder.name, exact: true });
  await expect(approved).toContainText("Lapses in");
  await accessible(dispatcher.page, "a request that may be opened");
  await approved.getByRole("button", { name: "Take back", exact: true }).click();
  await approved.getByRole("button", { name: "Take it back" }).click();
  await expect(dispatcher.page.getByText("Say why you take it back: the responder will read this.")).toBeVisible();
  await approved.getByLabel("Why? The responder will read this.").fill("The wrong incident");
  await approved.getByRole("button", { name: "Take it back" }).click();
  await expect(dispatcher.page.getByText(`Taken back: ${responder.name}`)).toBeVisible();
  await responder.page.goBack();
  await expect(request.title("Denied")).toBeVisible();
  await expect(responder.page.getByText(`${dispatcher.name} says: The wrong incident`)).toBeVisible();
});

test("a portal that has other words signed than those of an override gets no signature", async ({ people }) => {
  const responder = await people.joined("responder");
  await ask(responder);
  await hasSigned(responder.page, /\/override\/prepare$/, ({ statement }) => {
    statement["words"] = "I look at the time.";
  });
  await responder.page.getByRole("button", { name: "Open it alone…" }).click();
  let sent = false;
  responder.page.on("request", (request) => (sent ||= /\/override$/.test(request.url())));
  await signsNothing(responder, () => responder.page.getByRole("button", { name: "Sign this and open" }).click());
  expect(sent).toBe(false);
});

test("a portal that has an override signed over another request gets no signature", async ({ people }) => {
  const responder = await people.joined("responder");
  await ask(responder);
  interface Prepared {
    statement: { request: string; request_digest: string };
    asked: { request: string; member: string; justification: { incident: string } };
  }
  const overAsked = ({ statement, asked }: Prepared) => (statement.request_digest = digest(asked).toString("base64url"));
  const lies: Record<string, (prepared: Prepared) => void> = {
    "another incident was asked for": ({ asked }) => (asked.justification.incident = "2026-9999"),
    "a request that another member asked": (prepared) => {
      prepared.asked.member = another(prepared.asked.member);
      overAsked(prepared);
    },
    "another request of one's own": (prepared) => {
      prepared.statement.request = prepared.asked.request = another(prepared.asked.request);
      overAsked(prepared);
    },
  };
  for (const [name, lie] of Object.entries(lies)) {
    await test.step(name, async () => {
      await hasSigned<Prepared>(responder.page, /\/override\/prepare$/, lie);
      await responder.page.reload();
      await responder.page.getByRole("button", { name: "Open it alone…" }).click();
      await signsNothing(responder, () => responder.page.getByRole("button", { name: "Sign this and open" }).click());
      await responder.page.unrouteAll();
    });
  }
});

test("a portal that shows somebody else than the one who signed gets no decision", async ({ people }) => {
  const [responder, other, dispatcher] = [await people.joined("responder"), await people.joined("responder"), await people.joined("dispatcher")];
  await ask(responder);
  await liesAbout<{ waiting: { by: { agency_id: string; display_name: string } }[] }>(dispatcher.page, /\/api\/v1\/desk$/, (desk) => {
    for (const card of desk.waiting) Object.assign(card.by, { agency_id: other.agencyId, display_name: other.name });
  });
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await expect(desk.card(other.name).last()).toContainText("The portal shows another person here than the one who signed this.");
  await expect(desk.card(other.name).getByRole("button", { name: "Approve" })).toHaveCount(0);
});

test("a reason that is typed on after its card went approves nobody", async ({ people }) => {
  const [one, two, dispatcher] = [await people.joined("responder"), await people.joined("responder"), await people.joined("dispatcher")];
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  const request = await ask(one);
  await ask(two);
  await expect(desk.card(two.name)).toBeVisible();
  const keyboard = dispatcher.page.keyboard;
  await goTo(keyboard, desk.card(one.name));
  await keyboard.press("d");
  await expect(desk.card(one.name).getByLabel("Why? The responder will read this.")).toBeFocused();
  // The page asks what became of the request.
  dispatcher.complaints.expectStatus(409, /\/decision/);
  await keyboard.type("already in h");
  await request.cancel.click();
  await expect(desk.card(one.name)).toHaveCount(0);
  await keyboard.type("just a jaw, and talking", { delay: 50 });
  await expect(dispatcher.page.getByText("You had written: “already in h”")).toBeVisible();
  await expect(desk.card(two.name)).toBeVisible();
  await expect(desk.card(two.name)).not.toBeFocused();
  // Once nobody has typed for two seconds, letters are keys again.
  await goTo(keyboard, desk.card(two.name), 2_500);
});

test("a dispatcher works by keyboard: next, approve, deny, and what the keys are", async ({ people }) => {
  const [one, two, dispatcher] = [await people.joined("responder"), await people.joined("responder"), await people.joined("dispatcher")];
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await ask(one);
  await ask(two);
  await expect(desk.card(two.name)).toBeVisible();
  const keyboard = dispatcher.page.keyboard;
  await keyboard.press("?");
  await expect(dispatcher.page.getByText("next card")).toBeVisible();
  await accessible(dispatcher.page, "what the keys are");
  await keyboard.press("?");
  await expect(dispatcher.page.getByText("next card")).toBeHidden();
  await goTo(keyboard, desk.card(one.name));
  await keyboard.press("j");
  await expect(desk.card(two.name)).toBeFocused();
  await keyboard.press("k");
  await expect(desk.card(one.name)).toBeFocused();
  await keyboard.press("d");
  const why = desk.card(one.name).getByLabel("Why? The responder will read this.");
  await expect(why).toBeFocused();
  await keyboard.press("Escape");
  await expect(why).toBeHidden();
  await expect(desk.card(one.name)).toBeFocused();
  await keyboard.press("d");
  await expect(why).toBeFocused();
  await keyboard.type("already in hospital");
  await keyboard.press("Enter");
  await expect(desk.card(one.name)).toHaveCount(0);
  await expect(dispatcher.page.getByText(`Denied: ${one.name}`)).toBeVisible();
  const next = desk.card(two.name).getByRole("button", { name: "Approve" });
  await expect(next, "the next one").toBeFocused();
  await expect(next, "settled").toBeEnabled();
  await keyboard.press("a");
  await expect(new RecordPage(two.page).sheet).toBeVisible();
});
