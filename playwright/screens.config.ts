// Pictures of every page and state: `playwright test --config playwright/screens.config.ts`, into the folder HALLIGAN_SCREENS
// (docs/screens by default). Not part of the tests.

import { fileURLToPath } from "node:url";

import { defineConfig } from "@playwright/test";

import tests from "./playwright.config.ts";

export default defineConfig({
  ...tests,
  testDir: fileURLToPath(new URL("./screens", import.meta.url)),
  testMatch: "*.ts",
  reporter: "list",
  fullyParallel: false,
  timeout: 600_000,
});
