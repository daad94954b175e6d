// The way to an open record, for tests that are about what comes after it: each step by what is on the page.

import { expect } from "@playwright/test";

import type { Member } from "./member.ts";
import { DeskPage } from "./pages/desk.ts";
import { JustifyPage, USUAL, type Answers } from "./pages/justify.ts";
import { RecordPage } from "./pages/record.ts";
import { RequestPage } from "./pages/request.ts";
import type { Bracelet } from "./portal.ts";
import type { People } from "./test.ts";

/** From the bracelet's link to the form. */
export async function arrive(responder: Member, bracelet?: Bracelet): Promise<JustifyPage> {
  const { link } = bracelet ?? responder.portal.bracelet();
  await responder.page.goto(link);
  const form = new JustifyPage(responder.page);
  await expect(form.ask).toBeVisible();
  return form;
}

/** Asks for the drill patient's record, or that of another bracelet. */
export async function ask(responder: Member, answers: Answers = USUAL, bracelet?: Bracelet): Promise<RequestPage> {
  const form = await arrive(responder, bracelet);
  await form.fill(answers);
  await form.ask.click();
  const request = new RequestPage(responder.page);
  await expect(request.title("Waiting for dispatch")).toBeVisible();
  return request;
}

/** Asks, and has it approved. */
export async function openRecord(responder: Member, dispatcher: Member, answers: Answers = USUAL, bracelet?: Bracelet): Promise<RecordPage> {
  await ask(responder, answers, bracelet);
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await desk.approve(responder.name);
  const record = new RecordPage(responder.page);
  await expect(record.sheet).toBeVisible();
  return record;
}

/** A responder in front of an open record, and the dispatcher who allowed it; `clock`: the responder's page on a clock of the test's. */
export async function opened(people: People, { clock = false } = {}): Promise<{ responder: Member; dispatcher: Member; record: RecordPage; desk: DeskPage }> {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  if (clock) await responder.page.clock.install();
  const record = await openRecord(responder, dispatcher);
  return { responder, dispatcher, record, desk: new DeskPage(dispatcher.page) };
}

/** Looks a bracelet up that nobody made; how that is answered. */
export async function lookUp(responder: Member): Promise<number> {
  return responder.page.evaluate(async (path) => {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    const reference = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    const justification = { severity: "urgent", reason: "other", incident: "2026-1124", text: "A large incident" };
    const answer = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ reference, justification }),
    });
    return answer.status;
  }, "/api/v1/requests/prepare");
}
