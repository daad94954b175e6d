// What a record leaves behind in a browser: every byte of every process of a Chromium of the test's own, and of its profile's folder, is
// searched for words, pictures and keys of a record in every form; while it is open, and after each kind of wipe.
//
// The tests need to read other processes' memory: they run as root, or not at all.

import { withCanary, type Scene, type Way } from "../support/canary_scene.ts";
import { admins, begin, lift } from "../support/lockdown.ts";
import { MembersPage } from "../support/pages/members.ts";
import { HASTY } from "../support/policies.ts";
import type { Portal } from "../support/portal.ts";
import { family, search, type Hit } from "../support/processes.ts";
import { expect, test, type People } from "../support/test.ts";

/** So long a window, in seconds: the record is searched while it is open, and that takes a while. */
const WINDOW = 120;
test.use({ limits: { window: WINDOW }, policies: HASTY });
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

/** Each way a record goes. */
const WIPES: Record<string, (scene: Scene, people: People) => Promise<void>> = {
  "Done": async ({ bare }) => bare.click("Done"),
  "signing out": async ({ bare }) => {
    await bare.click("Sign out");
    await bare.click("Erase and sign out");
  },
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
  "a lockdown": async (_, people) => {
    const house = await admins(people);
    await begin(house);
    await lift(house);
  },
  "the end of the window": async () => {},
};

/** Searches a record while it is open, and after its wipe. */
function searched(people: People, portal: Portal, wipe: (scene: Scene, people: People) => Promise<void>, way: Way): Promise<void> {
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
  });
}

for (const [name, wipe] of Object.entries(WIPES)) {
  test(`nothing of a record is left in any process after ${name}`, ({ people, portal }) => searched(people, portal, wipe, "dispatcher"));
}

test("nothing of a record that was opened alone is left in any process after revocation from the desk", ({ people, portal }) =>
  searched(people, portal, ({ desk, invitation }) => desk.end(invitation.name), "override"));
