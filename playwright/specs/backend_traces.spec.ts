// What a record leaves in the backend: its process's memory, as a core dump would show it, its folder and its log at the finest level. The
// authority is a process of its own here: the embedded one has the keys, and so has everything.

import { readFile, rm, writeFile } from "node:fs/promises";

import { Authority } from "../support/authority.ts";
import { withCanary, type Scene } from "../support/canary_scene.ts";
import { admins, begin } from "../support/lockdown.ts";
import { Portal } from "../support/portal.ts";
import { search, type Needle } from "../support/processes.ts";
import { Crowd, expect, test, type People } from "../support/test.ts";

test.describe.configure({ timeout: 240_000 });

/** `needle as form in place`, for every place of the backend in which one is found. */
async function found(portal: Portal, needles: readonly Needle[]): Promise<string[]> {
  const log = test.info().outputPath("log");
  await writeFile(log, portal.log);
  try {
    const hits = await search(needles, { processes: [portal.pid], folders: [portal.folder], files: [log] });
    return hits.map(({ needle, form, place, mapping, offset, around }) => `${needle} as ${form} in ${place} ${mapping} @${offset.toString(16)} ${around}`);
  } finally {
    await rm(log);
  }
}

/** What ends a window for the backend. */
const ENDS: Record<string, (scene: Scene, people: People) => Promise<void>> = {
  "Done": async ({ bare }) => bare.click("Done"),
  "a lockdown": async (_, people) => begin(await admins(people)),
};

for (const [name, end] of Object.entries(ENDS)) {
  test(`the backend never holds a key or a word of a record, and share 1 and credentials only until ${name}`, async ({ browser }) => {
    const authority = await Authority.start();
    const portal = await Portal.start({}, { ...authority.settings, RUST_LOG: "trace" });
    const people = new Crowd(browser, portal);
    try {
      await withCanary(people, portal, async (scene) => {
        const [secrets, credentials] = [scene.needles, authority.credentials()];
        const never = secrets.filter(({ name }) => name !== "share 1");
        const brief = [...secrets.filter(({ name }) => name === "share 1"), ...credentials];
        expect(await found(portal, never), "what never is in the backend, while the record is open").toEqual([]);
        const open = await found(portal, brief);
        expect(open.some((trace) => trace.startsWith("SecretAccessKey")), "the search finds the credentials of an open grant").toBe(true);
        expect(open.filter((trace) => !trace.includes(` in ${portal.pid} `)), "what is elsewhere than in memory").toEqual([]);
        await end(scene, people);
        await expect(scene.desk.live(scene.invitation.name)).toHaveCount(0);
        // Connections to the authority are closed two seconds after the last call, and their buffers overwritten.
        await expect.poll(() => found(portal, [...never, ...brief]), { message: "what is left", timeout: 30_000 }).toEqual([]);
      });
    } finally {
      await people.leave();
      await portal.end();
      await authority.end();
    }
  });
}

test("the backend writes no core dump, and its memory is not swapped out where the system allows that", async ({ portal }) => {
  expect(await readFile(`/proc/${portal.pid}/limits`, "utf8")).toMatch(/^Max core file size +0 +0 /m);
  const locked = Number(/^VmLck:\s+(\d+) kB$/m.exec(await readFile(`/proc/${portal.pid}/status`, "utf8"))?.[1]);
  if (portal.log.includes("memory could not be locked")) expect(locked).toBe(0);
  else expect(locked, "kilobytes that stay in memory").toBeGreaterThan(0);
});
