// A Chromium of the test's own that can be let alone: Playwright joins for as long as it is needed and leaves, and what is asked of
// the page afterwards goes through a pipe that switches nothing on. Playwright listens to the network of every page, and the
// browser keeps answers for whoever listens: what it then holds is the listener's doing and not the page's.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

import { chromium, expect, type Browser } from "@playwright/test";

import { launch } from "../launch.ts";

type Answer = Record<string, any>;

/** The portal's page, or the viewer in it. */
type Where = "page" | "viewer";

export class Bare {
  private last = 0;
  private heard = "";
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private joined: Browser | undefined;
  private page = "";
  private viewer = "";

  private constructor(
    private readonly child: ChildProcess,
    readonly folder: string,
  ) {
    // Killed, it leaves the pipe unread; what was asked and not answered fails by the condition that waits for it.
    for (const end of [3, 4]) child.stdio[end]?.on("error", () => {});
    (child.stdio[4] as Readable).setEncoding("utf8").on("data", (text: string) => this.hear(text));
  }

  static async start(switches: readonly string[] = []): Promise<Bare> {
    const folder = await mkdtemp(join(tmpdir(), "halligan-chromium-"));
    const { args = [], executablePath = chromium.executablePath() } = launch(switches);
    const own = ["--headless=new", `--user-data-dir=${folder}`, "--remote-debugging-pipe", "--remote-debugging-port=0", ...args, "about:blank"];
    const bare = new Bare(spawn(executablePath, own, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] }), folder);
    await expect.poll(() => existsSync(join(folder, "DevToolsActivePort")), { timeout: 30_000 }).toBe(true);
    return bare;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Playwright at this browser, until [`leave`]. */
  async join(): Promise<Browser> {
    const [port] = (await readFile(join(this.folder, "DevToolsActivePort"), "utf8")).split("\n");
    this.joined = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    return this.joined;
  }

  async leave(): Promise<void> {
    await this.joined?.close();
    this.joined = undefined;
  }

  /** Takes hold of the only page. */
  async attach(): Promise<void> {
    const { targetInfos } = await this.send("Target.getTargets");
    const { targetId } = (targetInfos as Answer[]).find(({ type }) => type === "page") ?? {};
    this.page = (await this.send("Target.attachToTarget", { targetId, flatten: true }))["sessionId"];
  }

  /** Takes hold of the viewer's frame, which has a process of its own. */
  async attachViewer(): Promise<void> {
    const { targetInfos } = await this.send("Target.getTargets");
    const { targetId } = (targetInfos as Answer[]).find(({ type }) => type === "iframe") ?? {};
    this.viewer = (await this.send("Target.attachToTarget", { targetId, flatten: true }))["sessionId"];
  }

  /** What an expression on the page comes to: keep it to numbers and truth values, for the answer passes through the browser. */
  async value(expression: string, where: Where = "page"): Promise<unknown> {
    const params = { expression, returnByValue: true, awaitPromise: true, userGesture: true };
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", params, where === "page" ? this.page : this.viewer);
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  }

  async until(expression: string, where: Where = "page", timeout = 120_000): Promise<void> {
    await expect.poll(() => this.value(expression, where).catch(() => false), { timeout, message: expression }).toBe(true);
  }

  async click(text: string, where: Where = "page"): Promise<void> {
    const button = `[...document.querySelectorAll("button, a")].find((it) => it.textContent === ${JSON.stringify(text)})`;
    await this.until(`${button} !== undefined`, where);
    await this.value(`${button}.click()`, where);
  }

  onPage(method: string, params: Answer = {}): Promise<Answer> {
    return this.send(method, params, this.page);
  }

  send(method: string, params: Answer = {}, sessionId?: string): Promise<Answer> {
    const id = (this.last += 1);
    (this.child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`);
    return new Promise((done, fail) => {
      this.waiting.set(id, ({ error, result }) => (error === undefined ? done(result) : fail(new Error(`${method}: ${error.message}`))));
    });
  }

  async end(): Promise<void> {
    await this.leave();
    const over = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await over;
    // Its other processes go after it, and may still write.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }

  private hear(text: string): void {
    const [rest, ...whole] = (this.heard + text).split("\0").reverse();
    this.heard = rest ?? "";
    for (const message of whole.reverse().map((line) => JSON.parse(line) as Answer)) {
      this.waiting.get(message["id"])?.(message);
      this.waiting.delete(message["id"]);
    }
  }
}
