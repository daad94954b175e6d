// The last step of a build, on what Trunk has put together: the desks' page, the digests, names that say the content, compressed copies.
//
// Trunk runs this as a hook before it moves the folder into place, so a failure here leaves the former build as it was.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { integrity, nameByContent } from "./names.mjs";
import { precompress } from "./precompress.mjs";

const folder = process.env.TRUNK_STAGING_DIR;
if (!folder) throw new Error("TRUNK_STAGING_DIR is not set: trunk runs this, as the hook of Trunk.toml.");
const at = (name) => join(folder, name);
const page = digested(tidied(readFileSync(at("index.html"), "utf8")));
writeFileSync(at("index.html"), page);
writeFileSync(at("desk.html"), forDesks(page));
writeFileSync(at("viewer.html"), digested(readFileSync(at("viewer.html"), "utf8")));
nameByContent(folder);
precompress(folder);

/** Browsers ignore the integrity of a fetch's preload, and warn about it: start.js demands it of the fetch itself. */
function tidied(page) {
  return page.replace(/<link as="?fetch[^>]*>/g, (link) => link.replace(" integrity=", " data-integrity="));
}

/** A page in which a file's name stands for its digest. */
function digested(page) {
  return page.replace(/integrity="?([\w-]+\.\w+)"?(?=[\s>])/g, (_, name) => `integrity="${integrity(readFileSync(at(name)))}"`);
}

/** The same page with the desks' module in place of the responder's: start.js starts what the page preloads. */
function forDesks(page) {
  const [own, desks] = ["halligan-frontend", "halligan-desk"];
  const digest = (name) => integrity(readFileSync(at(name)));
  return [".js", "_bg.wasm"].reduce((page, part) => {
    const swapped = page.replace(`/${own}${part}`, `/${desks}${part}`).replace(digest(own + part), digest(desks + part));
    if (!swapped.includes(`/${desks}${part}`) || !swapped.includes(digest(desks + part))) {
      throw new Error(`index.html does not name ${own}${part} with its digest, to put the desks' in its place.`);
    }
    return swapped;
  }, page);
}
