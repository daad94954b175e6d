// Another system of the agency's, which is told of every notice: it takes each call, and keeps what it was told.

import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

export class Hooks {
  /** Head and body of each call. */
  readonly heard: string[] = [];
  private readonly server: Server;

  private constructor(private readonly folder: string) {
    this.server = createServer(async (request, response) => {
      this.heard.push(JSON.stringify([request.url, request.headers, await text(request)]));
      response.writeHead(204).end();
    });
  }

  static async listen(): Promise<Hooks> {
    const hooks = new Hooks(await mkdtemp(join(tmpdir(), "halligan-hooks-")));
    await writeFile(hooks.key, `whsec_${randomBytes(32).toString("base64")}`, { mode: 0o600 });
    await new Promise<void>((done) => hooks.server.listen(0, "127.0.0.1", done));
    return hooks;
  }

  /** How a portal finds it. */
  get settings(): NodeJS.ProcessEnv {
    const { port } = this.server.address() as AddressInfo;
    return { HALLIGAN_WEBHOOK_URL: `http://127.0.0.1:${port}/notices`, HALLIGAN_WEBHOOK_KEY: this.key };
  }

  /** A file with all that was heard so far. */
  async written(): Promise<string> {
    const file = join(this.folder, "heard");
    await writeFile(file, this.heard.join("\n"));
    return file;
  }

  async end(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
    await rm(this.folder, { recursive: true });
  }

  private get key(): string {
    return join(this.folder, "key");
  }
}
