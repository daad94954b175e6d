// Takes a picture of a page as it stands, at three sizes, light and dark.
//
// Into docs/screens: the few that the README shows. Into the folder that HALLIGAN_SCREENS names: all of them.

import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import type { Page } from "@playwright/test";

import { SCREENS, type Screen } from "./member.ts";

const everything = process.env["HALLIGAN_SCREENS"];
const folder = everything === undefined ? fileURLToPath(new URL("../../docs/screens", import.meta.url)) : resolve(everything);

/** What the README shows, each at the size it is made for. */
const CHOSEN: Record<string, Screen> = {
  sign_in: "phone",
  scan: "phone",
  justify: "phone",
  waiting: "phone",
  record: "phone",
  record_erased: "phone",
  desk: "desk",
  records_preview: "desk",
  audit: "desk",
};

/** Takes the page as it stands; `whole` as well with everything that has to be scrolled to. */
export async function shot(page: Page, name: string, whole = false): Promise<void> {
  const before = page.viewportSize() ?? SCREENS.phone;
  const chosen = CHOSEN[name];
  if (everything === undefined && chosen === undefined) return;
  await mkdir(folder, { recursive: true });
  const sizes = everything === undefined && chosen !== undefined ? [chosen] : (Object.keys(SCREENS) as Screen[]);
  for (const size of sizes) {
    await page.setViewportSize(SCREENS[size]);
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      const picture = (suffix: string) => ({ path: join(folder, `${name}-${size}-${scheme}${suffix}.png`), scale: "css" as const });
      await page.screenshot(picture(""));
      if (whole && everything !== undefined) await page.screenshot({ ...picture("-whole"), fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(before);
}
