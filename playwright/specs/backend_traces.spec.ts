// What a record leaves in the backend: its process's memory, as a core dump would show it, its folder and its log at the finest level. The
// authority is a process of its own here: the embedded one has the keys, and so has everything.

import { readFile, rm, writeFile } from "node:fs/promises";

import { Authority } from "../support/authority.ts";
import { withCanary, type Scene, type Way } from "../support/canary_scene.ts";
import { Hooks } from "../support/hooks.ts";
import { admins, begin } from "../support/lockdown.ts";
import { MembersPage } from "../support/pages/members.ts";
import { HASTY, policies } from "../support/policies.ts";
import { Portal, type Limits } from "../support/portal.ts";
import { search, type Needle, type Places } from "../support/processes.ts";
import { Crowd, expect, test, type People } from "../support/test.ts";

test.describe.configure({ timeout: 240_000 });

/** `needle as form in place`, for every place of the backend in which one is found. */
async function found(portal: Portal, needles: readonly Needle[]): Promise<string[]> {
  const log = test.info().outputPath("log");
  await writeFile(log, portal.log);
  try {
    return await hits(needles, { processes: [portal.pid], folders: [portal.folder], files: [log] });
  } finally {
    await rm(log);
  }
}

async function hits(needles: readonly Needle[], places: Places): Promise<string[]> {
  const all = await search(needles, places);
  return all.map(({ needle, form, place, mapping, offset, around }) => `${needle} as ${form} in ${place} ${mapping} @${offset.toString(16)} ${around}`);
}

/** How long a window is that runs out, in seconds: it is searched while it is open. */
const WINDOW = 90;

interface Case {
  way: Way;
  limits?: Limits;
  /** How long it may take until the desk sees the end, in milliseconds, where that is not at once. */
  patience?: number;
  end: (scene: Scene, people: People) => Promise<void>;
}

/** How a window begins and what ends it for the backend. */
const CASES: Record<string, Case> = {
  "Done": { way: { door: "dispatcher" }, end: async ({ bare }) => bare.click("Done") },
  // Nobody says that it was wiped: there is the backend's own clock, and nothing else.
  "the window runs out on a tablet without a connection": { way: { door: "dispatcher" }, limits: { window: WINDOW }, patience: WINDOW * 1_000, end: async ({ line }) => line.end() },
  "the responder signs out": {
    way: { door: "dispatcher" },
    end: async ({ bare }) => {
      await bare.click("Sign out");
      await bare.click("Erase and sign out");
    },
  },
  // Without a connection too: the receipt of its page would end it as well.
  "an admin keeps the member out": {
    way: { door: "dispatcher" },
    end: async ({ line, invitation }, people) => {
      await line.end();
      const page = new MembersPage((await people.joined("admin")).page);
      await page.open();
      await page.keepOut(invitation.agencyId);
    },
  },
  "a lockdown": { way: { door: "dispatcher" }, end: async (_, people) => begin(await admins(people)) },
  "the desk ends what was opened alone": { way: { door: "override" }, end: async ({ desk, invitation }) => desk.end(invitation.name) },
};

for (const [name, { way, limits, patience, end }] of Object.entries(CASES)) {
  test(`the backend never holds a key or a word of a record, and share 1 and credentials only until ${name}`, async ({ browser }) => {
    const authority = await Authority.start();
    const hooks = await Hooks.listen();
    const folder = await policies(HASTY);
    const portal = await Portal.start(limits, { ...authority.settings, ...hooks.settings, HALLIGAN_POLICIES: folder, RUST_LOG: "trace" });
    const people = new Crowd(browser, portal);
    try {
      await withCanary(people, portal, way, async (scene) => {
        const [secrets, credentials] = [scene.needles, authority.credentials()];
        const never = secrets.filter(({ name }) => name !== "share 1");
        const brief = [...secrets.filter(({ name }) => name === "share 1"), ...credentials];
        expect(await found(portal, never), "what never is in the backend, while the record is open").toEqual([]);
        const open = await found(portal, brief);
        expect(open.some((trace) => trace.startsWith("SecretAccessKey")), "the search finds the credentials of an open grant").toBe(true);
        expect(open.filter((trace) => !trace.includes(` in ${portal.pid} `)), "what is elsewhere than in memory").toEqual([]);
        await end(scene, people);
        await expect(scene.desk.live(scene.invitation.name)).toHaveCount(0, patience === undefined ? {} : { timeout: patience });
        // Connections to the authority are closed two seconds after the last call, and their buffers overwritten.
        await expect.poll(() => found(portal, [...never, ...brief]), { message: "what is left", timeout: 30_000 }).toEqual([]);
        await expect.poll(() => hooks.heard.some((call) => call.includes("notice.closed")), "another system was told how it ended").toBe(true);
        const told = { files: [await hooks.written()] };
        const asker = { name: "who asked", bytes: Buffer.from(scene.invitation.name) };
        expect(await hits([asker], told), "the search finds what another system was told").not.toEqual([]);
        expect(await hits(secrets, told), "what another system was told of a record").toEqual([]);
      });
    } finally {
      await people.leave();
      await portal.end();
      await hooks.end();
      await authority.end();
      await rm(folder, { recursive: true });
    }
  });
}

test("the backend writes no core dump, and its memory is not swapped out where the system allows that", async ({ portal }) => {
  expect(process.platform, "what the system says of a process is read through Linux's /proc").toBe("linux");
  expect(await readFile(`/proc/${portal.pid}/limits`, "utf8")).toMatch(/^Max core file size +0 +0 /m);
  const locked = Number(/^VmLck:\s+(\d+) kB$/m.exec(await readFile(`/proc/${portal.pid}/status`, "utf8"))?.[1]);
  if (portal.log.includes("memory could not be locked")) expect(locked).toBe(0);
  else expect(locked, "kilobytes that stay in memory").toBeGreaterThan(0);
});
