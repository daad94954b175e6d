// The embedded authority in a process of its own, and the line to it listened to: what a portal is given there, it may hold.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Line } from "./line.ts";
import { program } from "./portal.ts";
import type { Needle } from "./processes.ts";

export class Authority {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    /** How a portal finds it: by the line. */
    readonly settings: NodeJS.ProcessEnv,
    private readonly line: Line,
  ) {}

  static async start(): Promise<Authority> {
    const folder = await mkdtemp(join(tmpdir(), "halligan-authority-"));
    const environment = { PATH: process.env["PATH"], HALLIGAN_DATA: join(folder, "data"), RUST_LOG: "error" };
    const child = spawn(program, ["authority", "--listen", "127.0.0.1:0"], { env: environment, stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    const file = await new Promise<string>((done, fail) => {
      child.on("exit", () => fail(new Error("the authority ended")));
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
        const named = /^Settings: (.+)\n/m.exec(printed)?.[1];
        if (named !== undefined) done(named);
      });
    });
    const settings = Object.fromEntries([...(await readFile(file, "utf8")).matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
    const line = await Line.to(settings["AWS_ENDPOINT_URL"] ?? "");
    return new Authority(child, folder, { ...settings, AWS_ENDPOINT_URL: line.origin }, line);
  }

  /** The credentials of the last grant. */
  credentials(): Needle[] {
    const answers = this.line.exchanges.map(({ answered }) => Buffer.concat(answered).toString()).filter((text) => text.includes("AssumeRoleResult"));
    const last = answers.at(-1) ?? "";
    return ["SecretAccessKey", "SessionToken"].map((name) => {
      const value = new RegExp(`<${name}>([^<]+)</${name}>`).exec(last)?.[1];
      if (value === undefined) throw new Error(`no ${name} was given out`);
      // The end of a token: its beginning is the same for all.
      return { name, bytes: Buffer.from(value.slice(-40)) };
    });
  }

  /** Nothing answers at its address any more. */
  async cut(): Promise<void> {
    await this.line.end();
  }

  /** It answers again. */
  async mend(): Promise<void> {
    await this.line.again();
  }

  async end(): Promise<void> {
    await this.line.end();
    const over = once(this.child, "exit");
    this.child.kill("SIGTERM");
    await over;
    await rm(this.folder, { recursive: true, force: true });
  }
}
