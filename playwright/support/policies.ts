// The built-in policies with other words in them, in a folder of the test's own.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { program } from "./portal.ts";

const run = promisify(execFile);

/** The folder; each of the changes has to find its words once in doors.cedar. */
export async function policies(changes: readonly (readonly [string, string])[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "halligan-policies-"));
  await run(program, ["policy", "show", folder]);
  const file = join(folder, "doors.cedar");
  let text = await readFile(file, "utf8");
  for (const [stands, instead] of changes) {
    if (text.split(stands).length !== 2) throw new Error(`${stands} does not stand once in the policies`);
    text = text.replace(stands, instead);
  }
  await writeFile(file, text);
  // What is expected of the built-in ones is not expected of these.
  await rm(join(folder, "cases.toml"), { force: true });
  return folder;
}
