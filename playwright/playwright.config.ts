// How the browser tests run: Chromium alone, because only it has a virtual authenticator and a camera fed from a file.
//
// Nothing of a record is to outlive a test, so no trace, video or picture is kept unless HALLIGAN_KEEP=1 asks for it.

import { fileURLToPath } from "node:url";

import { defineConfig, type ReporterDescription } from "@playwright/test";

import { launch } from "./launch.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const keep = process.env["HALLIGAN_KEEP"] === "1";

/** For scripts/test: what it counts, and what it says at its end. */
const told: ReporterDescription[] = [
  ["json", { outputFile: here("./results/report.json") }],
  [here("./failures.ts"), { outputFile: here("./results/failed.txt") }],
];

export default defineConfig({
  testDir: here("./specs"),
  outputDir: here("./results/artifacts"),
  reporter: [["list"], ...told],
  forbidOnly: process.env["CI"] === "true",
  // A test that fails now and then is broken, and is to be seen.
  retries: 0,
  fullyParallel: true,
  workers: 2,
  // A search of memory takes a while, and so does anything on a machine that others use.
  timeout: 120_000,
  expect: { timeout: 15_000 },
  use: {
    browserName: "chromium",
    actionTimeout: 15_000,
    navigationTimeout: 20_000,
    trace: keep ? "retain-on-failure" : "off",
    video: "off",
    screenshot: keep ? "only-on-failure" : "off",
    launchOptions: launch(["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]),
  },
});
