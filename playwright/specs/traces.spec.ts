// What a record leaves behind in a browser: every byte of every process of a Chromium of the test's own, and of its profile's folder, is
// searched for words, pictures and keys of a record in every form; while it is open, and after each kind of wipe.
//
// The tests need to read other processes' memory: they run as root on Linux, or not at all.

import { Cad } from "../support/cad.ts";
import { withCanary, type Scene, type Way } from "../support/canary_scene.ts";
import { admins, begin, lift } from "../support/lockdown.ts";
import { MembersPage } from "../support/pages/members.ts";
import { HASTY } from "../support/policies.ts";
import type { Portal } from "../support/portal.ts";
import { family, search, type Hit } from "../support/processes.ts";
import { expect, test as base, type People } from "../support/test.ts";

/** A portal that hears computer-aided dispatch, as the door of a standing rule needs it. */
const test = base.extend<object, { cad: Cad }>({
  cad: [
    async ({}, use) => {
      const cad = await Cad.start();
      await use(cad);
      await cad.end();
    },
    { scope: "worker" },
  ],
  settings: [({ cad }, use) => use(cad.settings), { scope: "worker" }],
});

/** So long a window, in seconds: the record is searched while it is open, and that takes a while. */
const WINDOW = 120;
test.use({ limits: { window: WINDOW, hidden: 3 }, policies: HASTY });
test.describe.configure({ timeout: 300_000 });

/** What is found of an open record, if the search finds anything at all. */
const CONTROLS = ["data key", "name", "narrative", "note", "photograph's bytes", "picture's pixels"];

/** What is found while the viewer waits for it to be of use, and what is gone again once it was. */
const EARLY = ["blinding scalar", "page's scalar", "paper's bytes"];
const SPENT = [...EARLY, "inverse of the blinding scalar", "share 1", "share 2"];

function look({ bare, needles }: Scene): Promise<Hit[]> {
  return search(needles, { processes: family(bare.pid).map(({ pid }) => pid), folders: [bare.folder] });
}

/** Waits until the viewer's process has ended; how long that took stands in the test's report. */
async function ended({ bare }: Scene, viewer: number): Promise<void> {
  const begun = performance.now();
  const lives = () => family(bare.pid).some(({ pid }) => pid === viewer);
  await expect.poll(lives, { message: "the viewer's process lives", timeout: WINDOW * 1_000, intervals: [10] }).toBe(false);
  test.info().annotations.push({ type: "viewer's process ended", description: `${Math.round(performance.now() - begun)} ms after the wipe was called for` });
}

/** What makes a record go, and the cause that its page gives for that. */
interface Wipe {
  cause: string;
  wipe: (scene: Scene, people: People) => Promise<void>;
}

/** Each way a record goes. */
const WIPES: Record<string, Wipe> = {
  "Done": { cause: "done", wipe: async ({ bare }) => bare.click("Done") },
  "signing out": {
    cause: "signed_out",
    wipe: async ({ bare }) => {
      await bare.click("Sign out");
      await bare.click("Erase and sign out");
    },
  },
  "revocation from the desk": { cause: "revoked", wipe: async ({ desk, invitation }) => desk.end(invitation.name) },
  "too long behind another tab": {
    cause: "hidden",
    wipe: async ({ bare }) => {
      await bare.send("Target.createTarget", { url: "about:blank" });
      await bare.until("document.visibilityState === 'hidden'");
    },
  },
  "another page of the portal": { cause: "left", wipe: async ({ bare }) => bare.click("Halligan") },
  "leaving the portal": { cause: "left", wipe: async ({ bare }) => void (await bare.onPage("Page.navigate", { url: "about:blank" })) },
  "a member who is kept out": {
    cause: "session_lost",
    wipe: async ({ invitation }, people) => {
      const page = new MembersPage((await people.joined("admin")).page);
      await page.open();
      await page.keepOut(invitation.agencyId);
    },
  },
  "a lockdown": {
    cause: "revoked",
    wipe: async (_, people) => {
      const house = await admins(people);
      await begin(house);
      await lift(house);
    },
  },
  "the end of the window": { cause: "expired", wipe: async () => {} },
};

/** Doors that are searched with another way to go each: what is left does not depend on the door, and a search takes long. */
const OTHER_DOORS: Record<string, { how: string; wipe: string; way: (cad: Cad) => Way }> = {
  override: { how: "was opened alone", wipe: "revocation from the desk", way: () => ({ door: "override" }) },
  policy: { how: "a standing rule opened", wipe: "Done", way: (cad) => ({ door: "policy", cad }) },
};

/** Causes that no search is made for, and why. */
const NOT_SEARCHED = {
  slept: "a test cannot put the machine to sleep; what erases is the step that does at the end of the window, with another word: countdown.spec.ts",
  restored: "leaving has erased by then all that a page could come back with: wipe.spec.ts",
  not_opened: "a record that does not open has no words to look for, and so none by which the search shows that it finds; its viewer goes like any other",
};

test("every cause of a wipe and every door is searched, or it says why not", async ({ portal }) => {
  const answer = await fetch(`${portal.origin}/api/openapi.json`);
  const { components } = (await answer.json()) as { components: { schemas: Record<string, { oneOf: { const: string }[] }> } };
  const words = (name: string) => components.schemas[name]?.oneOf.map((variant) => variant.const).sort();
  const causes = new Set([...Object.values(WIPES).map(({ cause }) => cause), ...Object.keys(NOT_SEARCHED)]);
  expect([...causes].sort()).toEqual(words("WipeCause"));
  expect(["dispatcher", ...Object.keys(OTHER_DOORS)].sort()).toEqual(words("Door"));
});

/** Searches a record while it is open, and after its wipe. */
function searched(people: People, portal: Portal, name: string, way: Way): Promise<void> {
  const known = WIPES[name];
  if (known === undefined) throw new Error(`nothing goes by ${name}`);
  const { cause, wipe } = known;
  return withCanary(people, portal, way, async (scene) => {
    const open = await look(scene);
    expect([...new Set(scene.early.map(({ needle }) => needle))].sort(), "what the search finds before it is used").toEqual([...EARLY].sort());
    const spent = open.filter(({ needle }) => SPENT.includes(needle));
    expect(spent, "what is left of what was used").toEqual([]);
    const found = new Set(open.map(({ needle }) => needle.replace(" (BGRA)", "")));
    const viewer = Number(open.find(({ needle }) => needle === "data key")?.place);
    expect([...found].filter((needle) => CONTROLS.includes(needle)).sort(), "what the search finds of an open record").toEqual([...CONTROLS].sort());
    await wipe(scene, people);
    await ended(scene, viewer);
    const left = (await look(scene)).map(({ needle, form, place, mapping }) => `${needle} as ${form} in ${place} ${mapping}`);
    expect(left, "what is left").toEqual([]);
    await expect.poll(() => [...new Set(scene.line.causes)], "the cause that the page gave").toEqual([cause]);
  });
}

for (const name of Object.keys(WIPES)) {
  test(`nothing of a record is left in any process after ${name}`, ({ people, portal }) => searched(people, portal, name, { door: "dispatcher" }));
}

for (const { how, wipe, way } of Object.values(OTHER_DOORS)) {
  test(`nothing of a record that ${how} is left in any process after ${wipe}`, ({ people, portal, cad }) => searched(people, portal, wipe, way(cad)));
}
