// The processes of a browser, and what is found in their memory (tests/traces).

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tool = resolve(root, process.env["HALLIGAN_TRACES"] ?? "target/release/traces");

/** A process, and what it is to its browser: `browser`, `renderer`, `gpu-process`, `utility: network.mojom.NetworkService`… */
export interface Process {
  pid: number;
  role: string;
}

/** Ends a test that looks at memory, before it has begun, where the system does not let it look. */
export function requireSight(): void {
  if (process.platform === "linux" && process.geteuid?.() === 0) return;
  throw new Error("What is left in memory is read through Linux's /proc, of processes that show it to root alone: run this test as root on Linux.");
}

/** What is looked for. */
export interface Needle {
  name: string;
  bytes: Buffer;
}

/** A needle in one form in one part of a place. */
export interface Hit {
  needle: string;
  form: string;
  place: string;
  mapping: string;
  offset: number;
  count: number;
  around: string;
}

/** What was read of a place, in bytes. */
interface Read {
  place: string;
  bytes: number;
  /** Bytes that could not be read, by mapping. */
  unread: Record<string, number>;
  seconds: number;
  fault?: string;
}

/** A process and all that it has started. */
export function family(pid: number): Process[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      // The name in parentheses may hold anything; the parent is the second field after it.
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state !== "Z") children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(name)]);
    } catch {
      // It has ended meanwhile.
    }
  }
  const all = (pid: number): number[] => [pid, ...(children.get(pid) ?? []).flatMap(all)];
  return all(pid).flatMap((pid) => {
    try {
      // Processes that are forked off write their words into one.
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split(/[\0 ]/);
      const option = (name: string) => words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
      const kind = option("type") ?? "browser";
      return [{ pid, role: kind === "utility" ? `utility: ${option("utility-sub-type")}` : kind }];
    } catch {
      return [];
    }
  });
}

/** Where to look. `unpacked`: compressed bytes are passed over, for processes that cannot stand still for long. */
export interface Places {
  processes?: number[];
  files?: string[];
  folders?: string[];
  unpacked?: boolean;
}

/**
 * Looks for the needles in places. The processes stand still meanwhile, so that nothing moves out of the way. Fails where a place could
 * not be read: nothing found would mean nothing then.
 */
export async function search(needles: readonly Needle[], places: Places): Promise<Hit[]> {
  const held = (places.processes ?? []).filter((pid) => tell(pid, "SIGSTOP"));
  try {
    const child = spawn(tool, { stdio: ["pipe", "pipe", "inherit"] });
    const over = once(child, "close");
    child.stdin.end(JSON.stringify({ needles: needles.map(({ name, bytes }) => ({ name, bytes: bytes.toString("base64") })), ...places }));
    const lines = (await text(child.stdout)).split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
    const [code] = (await over) as [number | null];
    if (code !== 0) throw new Error(`the search ended with ${code}`);
    const read: Read[] = lines.filter((line) => "bytes" in line);
    const missed = [...held.map(String), ...(places.files ?? [])].filter((place) => !read.some((one) => one.place === place));
    const unread = read.filter(({ fault, unread }) => fault !== undefined || Object.keys(unread).length > 0);
    if (missed.length + unread.length > 0) throw new Error(`not everything could be read: ${JSON.stringify([...missed, ...unread])}`);
    return lines.filter((line) => "needle" in line);
  } finally {
    for (const pid of held) tell(pid, "SIGCONT");
  }
}

function tell(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
    return false;
  }
}
