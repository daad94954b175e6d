// Figures of the portal in a browser: `playwright test --config playwright/bench.config.ts`. Not part of the tests: nothing here
// passes or fails by a time.

import { fileURLToPath } from "node:url";

import { defineConfig } from "@playwright/test";

import tests from "./playwright.config.ts";

export default defineConfig({
  ...tests,
  testDir: fileURLToPath(new URL(".", import.meta.url)),
  testMatch: "bench.ts",
  reporter: fileURLToPath(new URL("./support/figures.ts", import.meta.url)),
  fullyParallel: false,
  workers: 1,
  timeout: 600_000,
});
