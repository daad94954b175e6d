// A portal of the test's own: the real program with its embedded authority, on a free port of this machine and in a data
// folder that goes when the test is over. Nothing of it is replaced by a stand-in.

import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { File } from "./pages/records.ts";
import { file } from "./summary.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
export const program = resolve(root, process.env["HALLIGAN_PROGRAM"] ?? "target/debug/halligan");
const run = promisify(execFile);

/** How long the program may take to answer for the first time, in milliseconds: it seals the drill patient before. */
const PATIENCE = 60_000;

export type Role = "responder" | "dispatcher" | "registrar" | "auditor" | "admin" | "privacy_officer";
export const ROLES: readonly Role[] = ["responder", "dispatcher", "registrar", "auditor", "admin", "privacy_officer"];

/** Settings named as the program's own are, spans of time in seconds; what is not named keeps its default. */
export interface Limits {
  window?: number;
  pending?: number;
  approval?: number;
  hidden?: number;
  idle?: number;
  session?: number;
  invitation?: number;
  reenrolment_delay?: number;
  /** The role whose passkeys must stay on their device. */
  device_bound?: Role;
}

/** What a bracelet carries: the printed characters, and the link in its code. */
export interface Bracelet {
  text: string;
  link: string;
}

export class Portal {
  readonly origin: string;
  /** One invitation link for each role, as the first start prints them. */
  readonly links = new Map<Role, string>();
  private child: ChildProcess | undefined;
  private printed = "";
  private logged = "";
  private members = 0;

  private constructor(
    readonly folder: string,
    private readonly port: number,
    private readonly limits: Limits,
    private readonly settings: NodeJS.ProcessEnv = {},
  ) {
    this.origin = `http://localhost:${port}`;
  }

  /** `settings`: more of the program's environment, as an operator sets it. */
  static async start(limits: Limits = {}, settings: NodeJS.ProcessEnv = {}): Promise<Portal> {
    const folder = await mkdtemp(join(tmpdir(), "halligan-playwright-"));
    const portal = new Portal(folder, await freePort(), limits, settings);
    try {
      await portal.up();
    } catch (error) {
      await portal.end();
      throw error;
    }
    for (const role of ROLES) {
      const link = new RegExp(`^Invitation for ${role.replace("_", " ")}: (\\S+)$`, "m").exec(portal.printed)?.[1];
      if (link !== undefined) portal.links.set(role, link);
    }
    return portal;
  }

  /** Starts the program, on the same port and data after [`down`]. */
  async up(): Promise<void> {
    this.printed = "";
    const child = spawn(program, ["demo", "--listen", `127.0.0.1:${this.port}`], {
      cwd: this.folder,
      env: this.environment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => (this.printed += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.logged += text));
    const ready = new Promise<void>((done, fail) => {
      const late = setTimeout(() => fail(new Error(`the portal did not start:\n${this.logged}`)), PATIENCE);
      child.stdout.on("data", () => {
        if (/^Portal: /m.test(this.printed)) {
          clearTimeout(late);
          done();
        }
      });
      child.on("error", fail);
      child.on("exit", (code) => fail(new Error(`the portal ended with ${code}:\n${this.logged}`)));
    });
    await ready;
    await this.answers();
  }

  /** The program's process. */
  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** What the program has logged so far. */
  get log(): string {
    return this.logged;
  }

  /** Cuts the program off at once, as a power cut would. */
  async down(): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const over = once(child, "exit");
    child.kill("SIGKILL");
    await over;
  }

  async restart(): Promise<void> {
    await this.down();
    await this.up();
  }

  /** Ends the program and removes everything it wrote. */
  async end(): Promise<void> {
    await this.down();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The bracelet of the drill patient. */
  bracelet(): Bracelet {
    return this.braceletIn(this.printed);
  }

  braceletOf(text: string): Bracelet {
    const printed = text.trim();
    return { text: printed, link: `${this.origin}/s#${printed.replaceAll("-", "")}` };
  }

  /** Invites somebody on the command line; the name and agency ID are new each time. */
  invite(...roles: Role[]): Promise<Invitation> {
    return this.invited(roles);
  }

  /** The same with more words of the command, such as a unit. */
  async invited(roles: Role[], ...more: string[]): Promise<Invitation> {
    this.members += 1;
    const word = roles[0] ?? "responder";
    const agencyId = `TEST-${word}-${this.members}`.toUpperCase();
    const name = `Test ${word} ${this.members}`;
    const text = await this.command("invite", "--agency-id", agencyId, "--name", name, "--role", roles.join(","), ...more);
    const link = /^Invitation.*: (\S+\/join#\S+)$/m.exec(text)?.[1];
    if (link === undefined) throw new Error(`no invitation in:\n${text}`);
    return { link, name, agencyId, roles };
  }

  /** Seals a summary and its attachments on the command line; the plain files go at once. */
  async enrol(summary: unknown, attachments: readonly File[] = [], { drill = true } = {}): Promise<Bracelet> {
    const folder = await mkdtemp(join(this.folder, "plain-"));
    const files = [file("summary.json", JSON.stringify(summary)), ...attachments];
    for (const { name, buffer } of files) await writeFile(join(folder, name), buffer);
    const paths = files.map(({ name }) => join(folder, name));
    const output = await this.command("enrol", ...(drill ? ["--drill"] : []), "--file-number", "enrolled", "--out", join(this.folder, "bracelet.svg"), ...paths);
    await rm(folder, { recursive: true });
    return this.braceletIn(output);
  }

  /** Runs another subcommand on the same data. */
  async command(...words: string[]): Promise<string> {
    const { stdout } = await run(program, words, { cwd: this.folder, env: this.environment() });
    return stdout;
  }

  private braceletIn(output: string): Bracelet {
    const printed = /^Bracelet: (\S+)$/m.exec(output)?.[1];
    if (printed === undefined) throw new Error("no bracelet was printed");
    return this.braceletOf(printed);
  }

  private environment(): NodeJS.ProcessEnv {
    const limits = Object.entries(this.limits).map(([name, value]) => [`HALLIGAN_${name.toUpperCase()}`, String(value)]);
    return {
      PATH: process.env["PATH"],
      RUST_LOG: process.env["RUST_LOG"] ?? "warn",
      NO_COLOR: "1",
      HALLIGAN_DATA: join(this.folder, "data"),
      HALLIGAN_ORIGIN: this.origin,
      ...Object.fromEntries(limits),
      ...this.settings,
    };
  }

  private async answers(): Promise<void> {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${this.port}/api/v1/health`).catch(() => undefined);
      if (answer?.ok === true) return;
      if (Date.now() > end) throw new Error(`the portal does not answer:\n${this.logged}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }
}

/** A fresh invitation, and whom it is for. */
export interface Invitation {
  link: string;
  name: string;
  agencyId: string;
  roles: Role[];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
