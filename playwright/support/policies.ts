// The built-in policies with other words in them, in a folder of the test's own.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { program } from "./portal.ts";

const run = promisify(execFile);

/** Words of doors.cedar, and those that are to stand in their place. */
export type Changes = Readonly<Record<string, string>>;

/** Whoever waited for an answer to a life-threatening request may open it alone after three seconds. */
export const HASTY: Changes = { '@wait("45")': '@wait("3")' };

/** The folder; each of the changes has to find its words once. */
export async function policies(changes: Changes): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "halligan-policies-"));
  await run(program, ["policy", "show", folder]);
  const file = join(folder, "doors.cedar");
  let text = await readFile(file, "utf8");
  for (const [stands, instead] of Object.entries(changes)) {
    if (text.split(stands).length !== 2) throw new Error(`${stands} does not stand once in the policies`);
    text = text.replace(stands, instead);
  }
  await writeFile(file, text);
  // What is expected of the built-in ones is not expected of these.
  await rm(join(folder, "cases.toml"), { force: true });
  return folder;
}
