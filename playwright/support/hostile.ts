// A portal that lies: what it sends to a page is changed on the way. The page has to find out by what was signed and sealed.

import { createHash } from "node:crypto";

import { expect, type Page } from "@playwright/test";

import type { Member } from "./member.ts";

/** The page went meanwhile, and the question with it. */
const gone = () => undefined;

/** What the portal answers under `path`, and its live pictures under `path` + "/events", come changed. */
export async function liesAbout<Picture>(page: Page, path: RegExp, change: (picture: Picture) => void): Promise<void> {
  const live = /\/events$/;
  await page.route(
    (url) => path.test(url.pathname.replace(live, "")),
    async (route) => {
      const url = route.request().url();
      const picture = await page.request.get(url.replace(live, "")).then((answer) => answer.json() as Promise<Picture>, gone);
      if (picture === undefined) return;
      change(picture);
      const text = JSON.stringify(picture);
      await (live.test(url)
        ? route.fulfill({ contentType: "text/event-stream", body: `event: picture\ndata: ${text}\n\n` })
        : route.fulfill({ contentType: "application/json", body: text })
      ).catch(gone);
    },
  );
}

/** The answers under `path` wait until the returned function is called. */
export async function holdsBack(page: Page, path: RegExp): Promise<() => void> {
  let go = () => {};
  const held = new Promise<void>((done) => (go = done));
  await page.route(
    (url) => path.test(url.pathname),
    async (route) => {
      const answer = await route.fetch();
      await held;
      await route.fulfill({ response: answer }).catch(gone);
    },
  );
  return () => go();
}

/** A statement, and what else comes with it to be signed. */
export interface Prepared {
  statement: Record<string, unknown>;
}

/** What is to be signed under `path` comes changed, with the challenge that a portal that means it would make of that. */
export async function hasSigned<P extends { statement: object } = Prepared>(page: Page, path: RegExp, change: (prepared: P) => void): Promise<void> {
  await page.route(
    (url) => path.test(url.pathname),
    async (route) => {
      const answer = await route.fetch();
      const prepared = (await answer.json()) as P & { options: { publicKey: { challenge: string } } };
      change(prepared);
      const asked = prepared.options.publicKey;
      const nonce = Buffer.from(asked.challenge, "base64url").subarray(32);
      asked.challenge = Buffer.concat([digest(prepared.statement), nonce]).toString("base64url");
      await route.fulfill({ response: answer, json: prepared });
    },
  );
}

/** What the passkey is asked under `path` comes changed, and the statement as it is. */
export async function asksPasskey(page: Page, path: RegExp, change: (asked: { challenge: string; userVerification: string }) => void): Promise<void> {
  await page.route(
    (url) => path.test(url.pathname),
    async (route) => {
      const answer = await route.fetch();
      const prepared = (await answer.json()) as { options: { publicKey: { challenge: string; userVerification: string } } };
      change(prepared.options.publicKey);
      await route.fulfill({ response: answer, json: prepared });
    },
  );
}

/** What a member does on a page has it say that something else would be signed, and no passkey of theirs signs. */
export async function signsNothing(member: Member, act: () => Promise<void>, says = /asked you to sign something else/): Promise<void> {
  const refusal = member.page.getByText(says);
  await expect(refusal, "said of what was before").toHaveCount(0);
  const before = await member.signatures();
  await act();
  await expect(refusal).toBeVisible();
  expect(await member.signatures(), "signatures").toBe(before);
}

/** Another id of that kind. */
export function another(id: unknown): string {
  const text = String(id);
  return text.slice(0, -1) + (text.endsWith("0") ? "1" : "0");
}

/** What is signed of a statement. */
export function digest(statement: object): Buffer {
  return createHash("sha256").update(canonical(statement)).digest();
}

/** JSON with sorted names: what RFC 8785 makes of statements, which have texts and small whole numbers. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const parts = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${parts.map(([name, part]) => `${JSON.stringify(name)}:${canonical(part)}`).join(",")}}`;
}
