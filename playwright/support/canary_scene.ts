// The path to an open record of canaries, in a browser that nobody listens to, with every secret of the release known to the test.

import { randomInt } from "node:crypto";

import { expect } from "@playwright/test";

import { Bare } from "./bare.ts";
import { canary, PAPER, PICTURE } from "./canary.ts";
import type { Cad } from "./cad.ts";
import { register, tellHere, workers } from "./device.ts";
import { Line, PREDICTABLE } from "./line.ts";
import { Member } from "./member.ts";
import { DeskPage } from "./pages/desk.ts";
import { USUAL } from "./pages/justify.ts";
import { arrive, ask } from "./path.ts";
import type { Invitation, Portal } from "./portal.ts";
import { family, requireSight, search, type Hit, type Needle } from "./processes.ts";
import type { People } from "./test.ts";

/** An open record of canaries, and what of it can be looked for. */
export interface Scene {
  bare: Bare;
  line: Line;
  needles: Needle[];
  /** What was found of the scalars while the release was on its way, and of a file while the program was that draws it. */
  early: Hit[];
  desk: DeskPage;
  invitation: Invitation;
}

/** The door a record of canaries is opened through, as the portal calls it. The standing rule needs a dispatch system that the portal hears. */
export type Way = { door: "dispatcher" | "override" } | { door: "policy"; cad: Cad };

/** The crew that dispatch sends, for the standing rule. */
const UNIT = "M12";

/** Shows a record of canaries in a browser that nobody listens to, with all its attachments, for as long as it is used. */
export async function withCanary(people: People, portal: Portal, way: Way, use: (scene: Scene) => Promise<void>): Promise<void> {
  requireSight();
  const line = await Line.to(portal.origin);
  const bare = await Bare.start([line.mapping]);
  try {
    await use(await open(people, portal, line, bare, way));
  } finally {
    await bare.end();
    await line.end();
  }
}

async function open(people: People, portal: Portal, line: Line, bare: Bare, way: Way): Promise<Scene> {
  const { summary, attachments, needles } = canary();
  const bracelet = await portal.enrol(summary, attachments);
  const seed = randomInt(2 ** 32);
  // The viewer's own numbers can be foretold; its page asks for no digest of the script that is changed for it.
  line.change = (path, text) => (path === "/viewer" ? text.replace(/(src="\/viewer-\w+\.js") integrity="[^"]+"/, "$1") : PREDICTABLE(seed) + text);
  const browser = await bare.join();
  const [context] = browser.contexts();
  const [page] = context?.pages() ?? [];
  if (context === undefined || page === undefined) throw new Error("the browser has no page");
  const invitation = await (way.door === "policy" ? portal.invited(["responder"], "--unit", UNIT) : portal.invite("responder"));
  const responder = await Member.at(context, page, portal, invitation);
  await responder.join();
  await told(responder);
  const dispatcher = await people.joined("dispatcher");
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  const early: Hit[] = [];
  // The page gives up an answer after half a minute, and its clock goes on while it stands still.
  let isAlone = (): void => {};
  const alone = new Promise<void>((done) => (isAlone = done));
  line.meanwhile = async (path) => {
    // Only Playwright's authenticator can sign, and it goes with Playwright: nothing of the record is on the line before.
    if (path.endsWith("/override") || (way.door === "policy" && path.endsWith("/requests"))) await alone;
    const looked = path.endsWith("/release") ? line.scalars(seed) : /\/halligan-paper_bg/.test(path) ? needles.filter(({ name }) => name === "paper's bytes") : [];
    const processes = family(bare.pid).map(({ pid }) => pid);
    if (looked.length > 0) early.push(...(await search(looked, { processes, unpacked: true })));
  };
  if (way.door === "policy") {
    await way.cad.tell(portal.origin, USUAL.incident, "Active", [UNIT]);
    const form = await arrive(responder, bracelet);
    await form.fill(USUAL);
    const asked = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/requests"));
    await form.ask.click();
    await asked;
  } else {
    await ask(responder, USUAL, bracelet);
  }
  if (way.door === "override") {
    await page.getByRole("button", { name: "Open it alone…" }).click();
    const asked = page.waitForRequest(/\/override$/);
    await page.getByRole("button", { name: "Sign this and open" }).click();
    await asked;
  }
  await bare.leave();
  await bare.attach();
  isAlone();
  if (way.door === "dispatcher") await desk.approve(invitation.name);
  await bare.until(`document.querySelector("iframe.viewer:not([hidden])") !== null`);
  await bare.attachViewer();
  for (const title of [PICTURE, PAPER]) {
    await bare.click(`Show ${title}`, "viewer");
    // A canvas that nothing was drawn on is 300 pixels wide.
    await bare.until(`![300, undefined].includes(document.querySelector("canvas[aria-label='${title}']")?.width)`, "viewer");
  }
  return { bare, line, needles: [...needles, ...line.secrets(seed)], early, desk, invitation };
}

/** Notices on this device, as the button would switch them on, but for the push service, which no test has. */
async function told({ page }: Member): Promise<void> {
  await register(page);
  // A browser that is told of nothing has its worker taken away.
  await tellHere(page);
  expect(await workers(page)).toBe(1);
}
