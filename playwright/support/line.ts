// The line between a browser and the portal, listened to: what a release says on it, and with it the secrets that the page works
// out, so that they can be looked for. They are worked out here and never read from the page.

import { createDecipheriv, createECDH, hkdfSync } from "node:crypto";
import { createServer, request as ask, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

import type { Needle } from "./processes.ts";

/** Order of P-256's group (FIPS 186-5). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** P-256's generator, compressed (FIPS 186-5, D.1.2.3). */
const GENERATOR = Buffer.from("036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296", "hex");

interface Exchange {
  path: string;
  sent: Buffer;
  /** Grows, while the answer comes. */
  answered: Buffer[];
}

export class Line {
  readonly exchanges: Exchange[] = [];
  /** Files of the portal, changed before they go on. */
  change: (path: string, text: string) => string = (_, text) => text;
  /** What is done while a call waits on the line, asked and not yet answered. */
  meanwhile: (path: string) => Promise<void> = async () => {};
  private readonly server: Server;
  private port = 0;

  private constructor(private readonly portal: URL) {
    this.server = createServer(async (request, response) => {
      const path = request.url ?? "/";
      const sent = await buffer(request);
      const onward = ask({ host: "127.0.0.1", port: this.portal.port, method: request.method, path, headers: { ...request.headers, "accept-encoding": "identity" } }, async (answer) => {
        if (/^\/viewer/.test(path)) {
          const { "content-length": _, ...headers } = answer.headers;
          response.writeHead(answer.statusCode ?? 500, headers).end(this.change(path, (await buffer(answer)).toString()));
          return;
        }
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        const answered: Buffer[] = [];
        this.exchanges.push({ path, sent, answered });
        await this.meanwhile(path);
        answer.on("data", (piece: Buffer) => answered.push(piece));
        answer.pipe(response);
      });
      onward.on("error", () => response.destroy());
      response.on("close", () => onward.destroy());
      onward.end(sent);
    });
  }

  static async to(origin: string): Promise<Line> {
    const line = new Line(new URL(origin));
    await new Promise<void>((done) => line.server.listen(0, "127.0.0.1", done));
    line.port = (line.server.address() as AddressInfo).port;
    return line;
  }

  /** Where the line begins. */
  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The switch that makes a Chromium use this line. */
  get mapping(): string {
    return `--host-resolver-rules=MAP localhost:${this.portal.port} ${new URL(this.origin).host}`;
  }

  /** Nobody gets through any more, as without a network. */
  async end(): Promise<void> {
    if (!this.server.listening) return;
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  /** After [`end`], at the same address: somebody gets through again. */
  async again(): Promise<void> {
    await new Promise<void>((done) => this.server.listen(this.port, "127.0.0.1", done));
  }

  /** The causes in the wipe receipts that went over the line. */
  get causes(): string[] {
    const receipts = this.exchanges.filter(({ path }) => path.endsWith("/wiped"));
    return receipts.map(({ sent }) => (JSON.parse(sent.toString()) as { cause: string }).cause);
  }

  /** The scalars of the last release that was asked for, of a page whose random numbers are those of [`foretold`]. */
  scalars(seed: number): Needle[] {
    const { blinding, page } = this.drawn(seed);
    return [
      { name: "blinding scalar", bytes: blinding },
      { name: "page's scalar", bytes: page },
    ];
  }

  /** The secrets of the last release. */
  secrets(seed: number): Needle[] {
    const { release, c, blinding, page, pagePoint } = this.drawn(seed);
    const { grant, share1, blinded_share } = JSON.parse(Buffer.concat(release.answered).toString()) as {
      grant: string;
      share1: { point: string; sealed: string };
      blinded_share: string;
    };
    const record = this.said(/"record":"([0-9a-f-]+)"/);
    const inverse = power(BigInt(`0x${blinding.toString("hex")}`), ORDER - 2n);
    const first = carried(page, pagePoint, grant, share1);
    const second = product(bytes32(inverse), Buffer.concat([Buffer.from([2]), Buffer.from(blinded_share, "base64url")]));
    const info = Buffer.concat([Buffer.from("halligan/v1/record-key"), Buffer.from(record.replaceAll("-", ""), "hex")]);
    const key = Buffer.from(hkdfSync("sha256", Buffer.concat([first, second]), c, info, 32));
    return [
      { name: "share 1", bytes: first },
      { name: "share 2", bytes: second },
      { name: "data key", bytes: key },
      ...this.scalars(seed),
      { name: "inverse of the blinding scalar", bytes: bytes32(inverse) },
    ];
  }

  private drawn(seed: number): { release: Exchange; c: Buffer; blinding: Buffer; page: Buffer; pagePoint: Buffer } {
    const release = this.exchanges.findLast(({ path }) => path.endsWith("/release"));
    if (release === undefined) throw new Error("nothing was released");
    const { blinded_point, page_point } = JSON.parse(release.sent.toString()) as { blinded_point: string; page_point: string };
    const c = Buffer.from(this.said(/"point":"([\w-]+)"/), "base64url");
    const pagePoint = Buffer.from(page_point, "base64url");
    const numbers = foretold(seed, 4 << 10);
    return { release, c, blinding: scalarIn(numbers, c, Buffer.from(blinded_point, "base64url")), page: scalarIn(numbers, GENERATOR, pagePoint), pagePoint };
  }

  /** What an answer said first of this. */
  private said(pattern: RegExp): string {
    const found = this.exchanges.map(({ answered }) => pattern.exec(Buffer.concat(answered).toString())?.[1]);
    return found.find((text) => text !== undefined) ?? "";
  }
}

/** Replaces a page's random numbers by ones that [`foretold`] tells; the page keeps a counter, and never what it gave out. */
export const PREDICTABLE = (seed: number) => `{
  let state = ${seed} >>> 0;
  const next = ${next.toString()};
  Crypto.prototype.getRandomValues = function (array) {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    for (let i = 0; i < bytes.length; i += 1) {
      state = (state + 0x6d2b79f5) >>> 0;
      bytes[i] = next(state);
    }
    return array;
  };
}`;

function foretold(seed: number, length: number): Buffer {
  let state = seed >>> 0;
  return Buffer.from(
    Array.from({ length }, () => {
      state = (state + 0x6d2b79f5) >>> 0;
      return next(state);
    }),
  );
}

// mulberry32, one byte a step. Runs in the page too.
function next(state: number): number {
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 24) & 255;
}

/** share 1 as it is carried to a page (shared/src/crypto/carried.rs). */
function carried(scalar: Buffer, page: Buffer, grant: string, { point, sealed }: { point: string; sealed: string }): Buffer {
  const [sender, bytes] = [Buffer.from(point, "base64url"), Buffer.from(sealed, "base64url")];
  const info = Buffer.from(`halligan/v1/carried-share${grant}`);
  const key = Buffer.from(hkdfSync("sha256", product(scalar, sender), Buffer.concat([sender, page]), info, 32));
  const cipher = createDecipheriv("aes-256-gcm", key, Buffer.alloc(12)).setAuthTag(bytes.subarray(32));
  return Buffer.concat([cipher.update(bytes.subarray(0, 32)), cipher.final()]);
}

/** The scalar among these bytes that makes `b` of `c`. */
function scalarIn(bytes: Buffer, c: Buffer, b: Buffer): Buffer {
  for (let at = 0; at + 32 <= bytes.length; at += 1) {
    const candidate = bytes.subarray(at, at + 32);
    try {
      if (product(candidate, c).equals(b.subarray(1))) return Buffer.from(candidate);
    } catch {
      // Past the order: no scalar.
    }
  }
  throw new Error("the viewer drew its scalars from elsewhere");
}

/** x(k*P). */
function product(scalar: Buffer, point: Buffer): Buffer {
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(scalar);
  return curve.computeSecret(point);
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, base % ORDER];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % ORDER;
    square = (square * square) % ORDER;
  }
  return result;
}

function bytes32(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(64, "0"), "hex");
}
