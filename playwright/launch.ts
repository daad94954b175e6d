// How Chromium is started: the system's own where there is one, quiet on the network.

import { existsSync } from "node:fs";

import type { LaunchOptions } from "@playwright/test";

/** The system's Chromium where there is one, else the one that Playwright downloads. */
const SYSTEM = "/usr/bin/chromium";

const QUIET = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch(switches: readonly string[]): LaunchOptions {
  // Chromium has no sandbox as root, and says so by not starting.
  const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return {
    headless: true,
    args: [...QUIET, ...asRoot, ...switches],
    ...(existsSync(SYSTEM) ? { executablePath: SYSTEM } : {}),
  };
}
