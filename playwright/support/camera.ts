// A browser whose camera sees what the test wants: a video file, no permission, or no camera at all. Chromium takes its
// fake camera as a switch, so each needs a browser of its own.

import { chromium, type Browser, type LaunchOptions } from "@playwright/test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { launch } from "../launch.ts";
import { scene } from "./scene.ts";

export type Sight =
  /** A bracelet, or whatever else holds this payload, in front of the camera. */
  | { payload: string }
  /** A blank band, filmed at so many frames a second. */
  | { framesASecond: number }
  /** A camera that may not be used. */
  | "denied"
  /** No camera. */
  | "none";

/** Starts a browser with such a camera, lets `use` work with it, and removes both. */
export async function withCamera(sight: Sight, use: (browser: Browser) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "halligan-camera-"));
  let browser: Browser | undefined;
  try {
    browser = await chromium.launch(await options(sight, folder));
    await use(browser);
  } finally {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function options(sight: Sight, folder: string): Promise<LaunchOptions> {
  if (sight === "none") return launch([]);
  const fake = "--use-fake-device-for-media-stream";
  if (sight === "denied") return launch([fake, "--deny-permission-prompts"]);
  // Absolute: with anything else Chromium finds no camera.
  const file = join(folder, "camera.y4m");
  await writeFile(file, "payload" in sight ? scene(sight.payload) : scene(undefined, sight.framesASecond));
  return launch([fake, "--use-fake-ui-for-media-stream", `--use-file-for-fake-video-capture=${file}`]);
}
