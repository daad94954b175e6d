// The last step of a build, on what Trunk has put together: names that say the content, then compressed copies.
//
// Trunk runs this as a hook before it moves the folder into place, so a failure here leaves the former build as it was.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { nameByContent } from "./names.mjs";
import { precompress } from "./precompress.mjs";

const folder = process.env.TRUNK_STAGING_DIR;
if (!folder) throw new Error("TRUNK_STAGING_DIR is not set: trunk runs this, as the hook of Trunk.toml.");
tidyPage(join(folder, "index.html"));
nameByContent(folder);
precompress(folder);

/** Browsers warn about the integrity of a fetch's preload, because they ignore it. Scripts and style keep theirs. */
function tidyPage(path) {
  const page = readFileSync(path, "utf8");
  writeFileSync(path, page.replace(/<link as="?fetch[^>]*>/g, (link) => link.replace(/ integrity="?[^" >]+"?/, "")));
}
