// Joins style/main.css and the files it imports into one file, so that a page waits for one answer and not for twenty.
//
// It knows the two forms that main.css uses, `@import "./file.css";` and `@import "./file.css" layer(name);`, and refuses every
// other. The sources stay plain CSS: a browser shows the same from style/main.css itself.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const imported = /^@import "(\.[^"]+\.css)"(?: layer\(([a-z.-]+)\))?;$/;

/** @param {string} path */
function joined(path) {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.map((line) => (line.startsWith("@import") ? inlined(line, path) : line)).join("\n");
}

/** @param {string} line  @param {string} from */
function inlined(line, from) {
  const [, file, layer] = imported.exec(line.trim()) ?? [];
  if (!file) throw new Error(`${from}: this form of @import is not known here: ${line}`);
  const content = joined(join(dirname(from), file));
  return layer ? `@layer ${layer} {\n${content}\n}` : content;
}

const target = join(root, "target/web/style/main.css");
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, joined(join(root, "style/main.css")));
