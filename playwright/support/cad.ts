// Computer-aided dispatch, as it signs what it tells (RFC 9421, RFC 9530), and nothing of the portal's own.

import { createHash, createHmac, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "@playwright/test";

export class Cad {
  private constructor(
    private readonly folder: string,
    private readonly key: Buffer,
  ) {}

  /** A dispatch system with a fresh key. */
  static async start(): Promise<Cad> {
    const cad = new Cad(await mkdtemp(join(tmpdir(), "halligan-cad-")), randomBytes(32));
    await writeFile(cad.file, cad.key.toString("hex"), { mode: 0o600 });
    return cad;
  }

  /** How a portal knows it. */
  get settings(): NodeJS.ProcessEnv {
    return { HALLIGAN_CAD_KEY: this.file };
  }

  /** Tells a portal how an incident stands now, and which units are on it. */
  async tell(origin: string, number: string, status: "Active" | "Closed", units: readonly string[]): Promise<void> {
    const body = JSON.stringify({
      lastUpdateTimeStamp: new Date().toISOString(),
      incidentComponent: { incidentStatusCommonRegistryText: [status] },
      emergencyResourceComponent: units.map((unit) => ({ emergencyResourceName: unit, primaryUnitStatusRegistryText: "Enroute" })),
    });
    const path = `/api/v1/incidents/${encodeURIComponent(number)}`;
    const digest = `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
    const input = `("@method" "@path" "content-digest");created=${Math.floor(Date.now() / 1_000)};tag="halligan/v1/cad"`;
    const base = `"@method": PUT\n"@path": ${path}\n"content-digest": ${digest}\n"@signature-params": ${input}`;
    const signature = createHmac("sha256", this.key).update(base).digest("base64");
    const headers = { "content-type": "application/json", "content-digest": digest, "signature-input": `cad=${input}`, signature: `cad=:${signature}:` };
    const answer = await fetch(origin + path, { method: "PUT", headers, body });
    expect(answer.ok, await answer.text()).toBe(true);
  }

  async end(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }

  private get file(): string {
    return join(this.folder, "cad.key");
  }
}
