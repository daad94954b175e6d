// Gives every built file a name that holds the digest of its own bytes, and mends what refers to it.
//
// Such a name never changes its content, so that a browser may keep it for good. A file is named after all files that it
// refers to, for their new names are part of its bytes. Pages keep their names and come last.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { extname, join, sep } from "node:path";

const isPage = (path) => path.endsWith(".html");
const text = new Set([".css", ".html", ".js", ".svg"]);

/** Digits of SHA-256 in a name: 64 bits are plenty among the builds of one portal; the backend knows a kept name by them. */
const digits = 16;

/** @param {string} folder */
export function nameByContent(folder) {
  const files = new Map(filesOf(folder).map((path) => [path, read(folder, path)]));
  const changes = [];
  for (const path of inOrder(files)) {
    const before = files.get(path);
    const after = mended(path, before, changes);
    const name = isPage(path) ? path : named(path, after);
    writeFileSync(join(folder, path), after);
    renameSync(join(folder, path), join(folder, name));
    changes.push([reference(path), name], [exactly(integrity(before)), integrity(after)]);
  }
}

/** Every file below the folder, relative to it, in the form of an address. */
function filesOf(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1).replaceAll(sep, "/"))
    .sort();
}

function read(folder, path) {
  return readFileSync(join(folder, path));
}

/** What is referred to comes before what refers to it. */
function inOrder(files) {
  const order = [];
  const waiting = new Map([...files].map(([path, bytes]) => [path, referred(path, bytes, files)]));
  while (waiting.size > 0) {
    const ready = [...waiting].find(([, others]) => others.every((other) => !waiting.has(other)));
    if (!ready) throw new Error(`These files refer to one another, so none can be named first: ${[...waiting.keys()].join(", ")}`);
    order.push(ready[0]);
    waiting.delete(ready[0]);
  }
  return order;
}

function referred(path, bytes, files) {
  if (!text.has(extname(path))) return [];
  const content = bytes.toString("utf8");
  return [...files.keys()].filter((other) => other !== path && !isPage(other) && reference(other).test(content));
}

function mended(path, bytes, changes) {
  if (!text.has(extname(path))) return bytes;
  return Buffer.from(changes.reduce((content, [was, is]) => content.replace(was, () => is), bytes.toString("utf8")));
}

function named(path, bytes) {
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, digits);
  const extension = extname(path);
  return `${path.slice(0, -extension.length)}-${digest}${extension}`;
}

/** Trunk's form of subresource integrity. */
export function integrity(bytes) {
  return `sha384-${createHash("sha384").update(bytes).digest("base64")}`;
}

/** The path as a whole: neither the end of a longer name nor the start of one. */
function reference(path) {
  return new RegExp(`(?<![\\w.-])${escaped(path)}(?![\\w-])`, "g");
}

function exactly(words) {
  return new RegExp(escaped(words), "g");
}

function escaped(words) {
  return words.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
