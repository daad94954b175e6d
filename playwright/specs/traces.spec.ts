// What a record leaves behind in a browser: every byte of every process of a Chromium of the test's own, and of its profile's folder, is
// searched for words, pictures and keys of a record in every form; while it is open, and after each kind of wipe.
//
// The tests need to read other processes' memory: they run as root, or not at all.

import { randomInt } from "node:crypto";

import { Bare } from "../support/bare.ts";
import { canary, PAPER, PICTURE } from "../support/canary.ts";
import { Line, PREDICTABLE } from "../support/line.ts";
import { Member } from "../support/member.ts";
import { ask } from "../support/path.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { MembersPage } from "../support/pages/members.ts";
import { USUAL } from "../support/pages/justify.ts";
import { family, search, type Hit, type Needle } from "../support/processes.ts";
import { expect, test, type People } from "../support/test.ts";
import type { Invitation, Portal } from "../support/portal.ts";

/** So long a window, in seconds: the record is searched while it is open, and that takes a while. */
const WINDOW = 240;
test.use({ limits: { window: WINDOW } });
test.describe.configure({ timeout: 300_000 });

/** What is found of an open record, if the search finds anything at all. */
const CONTROLS = ["data key", "name", "narrative", "note", "photograph's bytes", "picture's pixels", "paper's bytes"];

interface Scene {
  bare: Bare;
  line: Line;
  needles: Needle[];
  desk: DeskPage;
  invitation: Invitation;
}

/** A record of canaries, open in a browser that nobody listens to, with all its attachments. */
async function open(people: People, portal: Portal): Promise<Scene> {
  const { summary, attachments, needles } = canary();
  const bracelet = await portal.enrol(summary, attachments);
  const line = await Line.to(portal.origin);
  const bare = await Bare.start([line.mapping]);
  const seed = randomInt(2 ** 32);
  // The viewer's own numbers can be foretold; its page asks for no digest of the script that is changed for it.
  line.change = (path, text) => (path === "/viewer" ? text.replace(/(src="\/viewer-\w+\.js") integrity="[^"]+"/, "$1") : PREDICTABLE(seed) + text);
  const browser = await bare.join();
  const [context] = browser.contexts();
  const [page] = context?.pages() ?? [];
  if (context === undefined || page === undefined) throw new Error("the browser has no page");
  const invitation = await portal.invite("responder");
  const responder = await Member.at(context, page, portal, invitation);
  await responder.join();
  await ask(responder, USUAL, bracelet);
  await bare.leave();
  await bare.attach();
  const dispatcher = await people.joined("dispatcher");
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await desk.approve(invitation.name);
  await bare.until(`document.querySelector("iframe.viewer:not([hidden])") !== null`);
  await bare.attachViewer();
  for (const title of [PICTURE, PAPER]) {
    await bare.click(`Show ${title}`, "viewer");
    await bare.until(`document.querySelector("canvas[aria-label='${title}']") !== null`, "viewer");
  }
  return { bare, line, needles: [...needles, ...line.secrets(seed)], desk, invitation };
}

async function look({ bare, needles }: Scene): Promise<Hit[]> {
  const { hits, read } = await search(needles, { processes: family(bare.pid).map(({ pid }) => pid), folders: [bare.folder] });
  expect(read.filter(({ fault }) => fault !== undefined), "everything could be read").toEqual([]);
  return hits;
}

/** Waits until the viewer's process has ended; how long that took stands in the test's report. */
async function ended({ bare }: Scene, viewer: number): Promise<void> {
  const begun = performance.now();
  const lives = () => family(bare.pid).some(({ pid }) => pid === viewer);
  await expect.poll(lives, { message: "the viewer's process lives", timeout: WINDOW * 1_000, intervals: [10] }).toBe(false);
  test.info().annotations.push({ type: "viewer's process ended", description: `${Math.round(performance.now() - begun)} ms after the wipe was called for` });
}

/** Each way a record goes. */
const WIPES: Record<string, (scene: Scene, people: People) => Promise<void>> = {
  "Done": async ({ bare }) => bare.click("Done"),
  "signing out": async ({ bare }) => bare.click("Sign out"),
  "revocation from the desk": async ({ desk, invitation }) => desk.end(invitation.name),
  "another page of the portal": async ({ bare }) => bare.click("Halligan"),
  "leaving the portal": async ({ bare }) => void (await bare.onPage("Page.navigate", { url: "about:blank" })),
  "a member who is kept out": async ({ invitation }, people) => {
    const admin = await people.joined("admin");
    const page = new MembersPage(admin.page);
    await page.open();
    const line = page.line(invitation.agencyId);
    await line.getByRole("button", { name: "Keep out" }).click();
    await line.getByRole("button", { name: "Keep out", exact: true }).click();
  },
  "the end of the window": async () => {},
};

for (const [name, wipe] of Object.entries(WIPES)) {
  test(`nothing of a record is left in any process after ${name}`, async ({ people, portal }) => {
    const scene = await open(people, portal);
    try {
      const open = await look(scene);
      const found = new Set(open.map(({ needle }) => needle.replace(" (BGRA)", "")));
      const viewer = Number(open.find(({ needle }) => needle === "data key")?.place);
      expect([...found].filter((needle) => CONTROLS.includes(needle)).sort(), "what the search finds of an open record").toEqual([...CONTROLS].sort());
      await wipe(scene, people);
      await ended(scene, viewer);
      const left = (await look(scene)).map(({ needle, form, place, mapping }) => `${needle} as ${form} in ${place} ${mapping}`);
      expect(left, "what is left").toEqual([]);
    } finally {
      await scene.bare.end();
      await scene.line.end();
    }
  });
}
