// What a record leaves in a browser: `playwright test --config playwright/traces.config.ts`. Not part of the tests: it measures.

import { fileURLToPath } from "node:url";

import { defineConfig } from "@playwright/test";

import tests from "./playwright.config.ts";

export default defineConfig({
  ...tests,
  testDir: fileURLToPath(new URL(".", import.meta.url)),
  testMatch: "traces.ts",
  reporter: [["list"]],
  fullyParallel: false,
  workers: 1,
  timeout: 600_000,
});
