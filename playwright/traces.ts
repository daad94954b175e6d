// What a record leaves in the processes of a browser, and for how long.

import { appendFileSync } from "node:fs";
import { randomInt } from "node:crypto";

import { Bare } from "./support/bare.ts";
import { canary, PAPER, PICTURE } from "./support/canary.ts";
import { Line, PREDICTABLE } from "./support/line.ts";
import { Member } from "./support/member.ts";
import { ask } from "./support/path.ts";
import { DeskPage } from "./support/pages/desk.ts";
import { USUAL } from "./support/pages/justify.ts";
import { family, search, type Needle } from "./support/processes.ts";
import { test, type People } from "./support/test.ts";
import type { Portal } from "./support/portal.ts";

const OUT = process.env["HALLIGAN_TRACES_OUT"];

function say(line: string): void {
  console.log(line);
  if (OUT !== undefined) appendFileSync(OUT, `${line}\n`);
}

interface Scene {
  bare: Bare;
  line: Line;
  needles: Needle[];
}

interface Settings {
  switches?: string[];
  prepare?: (line: Line, bare: Bare) => void;
  /** Runs in every document before its own scripts. */
  script?: string;
  attachments?: boolean;
  listened?: boolean;
}

/** A record of canaries, open in a browser that nobody listens to. */
async function open(people: People, portal: Portal, settings: Settings = {}): Promise<Scene> {
  const { summary, attachments, needles } = canary();
  const bracelet = await portal.enrol(summary, attachments);
  const line = await Line.to(portal.origin);
  const bare = await Bare.start([line.mapping, ...(settings.switches ?? [])]);
  settings.prepare?.(line, bare);
  const seed = randomInt(2 ** 32);
  const browser = await bare.join();
  const context = browser.contexts()[0]!;
  await context.addInitScript(PREDICTABLE(seed) + (settings.script ?? ""));
  const page = context.pages()[0]!;
  const invitation = await portal.invite("responder");
  const link = (address: string) => new URL(address, portal.origin).href;
  const responder = await Member.at(context, page, portal, invitation);
  await responder.join();
  await ask(responder, USUAL, { ...bracelet, link: link(bracelet.link) });
  if (settings.listened !== true) await bare.leave();
  await bare.attach();
  const dispatcher = await people.joined("dispatcher");
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await desk.approve(invitation.name);
  await bare.until(`document.querySelector("article.record") !== null`);
  if (settings.attachments !== false) {
    await bare.click(`Show ${PICTURE}`);
    await bare.until(`document.querySelector("img.picture, canvas.picture") !== null`);
    await bare.click(`Show ${PAPER}`);
    await bare.until(`document.querySelector("iframe.document, canvas.document") !== null`);
    await bare.value(`document.querySelector(".picture").scrollIntoView()`);
    // Drawn: two frames later.
    await bare.value(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`);
    await new Promise((done) => setTimeout(done, 3_000));
  }
  return { bare, line, needles: [...needles, ...line.secrets(seed)] };
}

async function look({ bare, needles }: Scene, title: string): Promise<number> {
  const all = family(bare.pid);
  const begun = performance.now();
  const { hits, read } = await search(needles, { processes: all.map(({ pid }) => pid), folders: [bare.folder] });
  const megabytes = read.reduce((sum, { bytes }) => sum + bytes, 0) / 2 ** 20;
  say(`\n== ${title}   [${all.map(({ pid, role }) => `${role} ${pid}`).join(", ")}; ${megabytes.toFixed(0)} MB in ${((performance.now() - begun) / 1_000).toFixed(1)} s]`);
  const role = (place: string) => all.find(({ pid }) => String(pid) === place)?.role ?? place.replace(bare.folder, "profile");
  for (const { place, unread, fault } of read) {
    const own = hits.filter((hit) => hit.place === place);
    if (Object.keys(unread).length > 0 || fault !== undefined) say(`${role(place)} ${place}: unread ${JSON.stringify(unread)} ${fault ?? ""}`);
    if (own.length === 0) continue;
    say(`${role(place)} ${place}`);
    const lines = new Map<string, string[]>();
    for (const { needle, form, mapping, count, offset } of own) {
      const where = mapping.replace("/memfd:shared-memory-region (deleted)", "shared").replace("anonymous", "").replace(/\/tmp\/.org.chromium.Chromium.\w+ \(deleted\)/, "removed file in /tmp");
      lines.set(needle, [...(lines.get(needle) ?? []), `${form} ×${count}${where === "" ? "" : ` (${where})`}@${offset.toString(16)}`]);
    }
    for (const [needle, forms] of lines) say(`    ${needle}: ${forms.join("; ")}`);
  }
  if (process.env["HALLIGAN_TRACES_AROUND"] === "1") for (const hit of hits.slice(0, 60)) say(`      ~ ${role(hit.place)} ${hit.needle} ${hit.form} @${hit.offset.toString(16)} ${hit.mapping}: ${hit.around}`);
  return hits.length;
}

async function collect(bare: Bare): Promise<void> {
  for (let time = 0; time < 4; time += 1) await bare.onPage("HeapProfiler.collectGarbage");
}

async function after(scene: Scene, moments: readonly number[], begun = Date.now()): Promise<void> {
  for (const moment of moments) {
    await new Promise((done) => setTimeout(done, Math.max(0, begun + moment * 1_000 - Date.now())));
    const found = await look(scene, `${((Date.now() - begun) / 1_000).toFixed(1)} s after`);
    if (found === 0) break;
  }
}

/** A way to show less, or to leave less behind: what is changed before, and what is done at the wipe. */
interface Design extends Settings {
  wipe?: (scene: Scene) => Promise<void>;
  moments?: readonly number[];
}

/** A document that says that the record is closed, with other isolation than the page's. */
const closed = (headers: Record<string, string>, script = "") => (line: Line) =>
  line.own.set("/closed", { headers: { "content-type": "text/html", "cache-control": "no-store", ...headers }, body: `<!doctype html><title>Closed</title><p>Record closed<script>${script}</script>` });
const leave = async ({ bare }: Scene) => {
  await bare.value(`void setTimeout(() => location.replace("/closed"))`);
};

/** Pictures that become no blob: decoded in the page and drawn. */
const DRAWN = `{
  const kept = new Map();
  const Own = window.Blob;
  window.Blob = function (parts, options) {
    if (!/^image/.test(options?.type ?? "")) return new Own(parts, options);
    // The page overwrites its own copy once it has handed it over.
    return { bytes: parts[0].slice(), type: options.type };
  };
  const own = URL.createObjectURL;
  URL.createObjectURL = (blob) => {
    if (blob instanceof Own) return own.call(URL, blob);
    const name = "data:,drawn" + kept.size;
    kept.set(name, blob);
    return name;
  };
  const revoke = URL.revokeObjectURL;
  URL.revokeObjectURL = (name) => (kept.has(name) ? void 0 : revoke.call(URL, name));
  new MutationObserver(async () => {
    for (const image of document.querySelectorAll("img[src^='data:,drawn']")) {
      const { bytes, type } = kept.get(image.getAttribute("src"));
      image.removeAttribute("src");
      const decoder = new ImageDecoder({ data: bytes, type });
      const { image: frame } = await decoder.decode();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height, canvas.className] = [frame.displayWidth, frame.displayHeight, image.className];
      canvas.getContext("2d", { willReadFrequently: true }).drawImage(frame, 0, 0);
      frame.close();
      decoder.close();
      bytes.fill(0);
      image.after(canvas);
      image.style.display = "none";
    }
  }).observe(document, { subtree: true, childList: true });
}`;

/** Before the page takes the record away: text emptied, pictures without pixels. */
const EMPTIED = `{
  const texts = document.createTreeWalker(document.querySelector("article.record"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) texts.currentNode.data = "";
  for (const canvas of document.querySelectorAll("article.record canvas")) canvas.width = canvas.height = 0;
}`;

/** Held by the page and asked for by the document after it: a page that is kept for the way back is then given up at once. */
const LOCK = `navigator.locks?.request("record", () => new Promise(() => {}));`;
const OTHER = { "cross-origin-opener-policy": "unsafe-none" };
const ASKED = `navigator.locks.request("record", () => {});`;

const DESIGNS: Record<string, Design> = {
  "present design": { moments: [2, 10, 30, 60, 180] },
  "present design, listened to": { listened: true, moments: [2, 30] },
  "left, same isolation": { prepare: closed({ "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" }), wipe: leave },
  "left, no COEP": { prepare: closed({ "cross-origin-opener-policy": "same-origin" }), wipe: leave },
  "left, other COOP": { prepare: closed({ "cross-origin-opener-policy": "same-origin-allow-popups", "cross-origin-embedder-policy": "require-corp" }), wipe: leave },
  "left, neither": { prepare: closed({}), wipe: leave, moments: [2, 10, 30, 60, 180] },
  "left, lock": { script: LOCK, prepare: closed(OTHER, ASKED), wipe: leave, moments: [1, 5, 15, 30, 60, 120] },
  "drawn, left, lock": { script: DRAWN + LOCK, prepare: closed(OTHER, ASKED), wipe: leave, moments: [1, 5, 15, 30, 60] },
  "no attachments, left, lock": { attachments: false, script: LOCK, prepare: closed(OTHER, ASKED), wipe: leave, moments: [1, 5, 15, 30] },
  "present design, screen reader": { switches: ["--force-renderer-accessibility"], moments: [2, 30] },
  "drawn, left, lock, screen reader": { switches: ["--force-renderer-accessibility"], script: DRAWN + LOCK, prepare: closed(OTHER, ASKED), wipe: leave, moments: [1, 30, 60] },
  "drawn": { script: DRAWN },
  "emptied": { wipe: async ({ bare }) => void (await bare.value(EMPTIED)) },
  "no attachments": { attachments: false },
};

for (const [name, design] of Object.entries(DESIGNS)) {
  test(`design: ${name}`, async ({ people, portal }) => {
    const scene = await open(people, portal, design);
    try {
      say(`\n#### ${name}`);
      await look(scene, "open");
      const before = family(scene.bare.pid);
      const leaves = design.wipe === leave;
      const begun = Date.now();
      if (design.wipe !== undefined && !leaves) await design.wipe(scene);
      await scene.bare.click("Done");
      await scene.bare.until(`document.querySelector("article.record") === null`);
      if (leaves) await design.wipe?.(scene);
      if (leaves) await scene.bare.until(`location.pathname === "/closed"`);
      else await collect(scene.bare);
      const ended = new Map<number, number>();
      for (let now = family(scene.bare.pid); Date.now() - begun < 500; now = family(scene.bare.pid)) {
        for (const { pid } of before) if (!ended.has(pid) && now.every((process) => process.pid !== pid)) ended.set(pid, Date.now() - begun);
        await new Promise((done) => setTimeout(done, 20));
      }
      for (const { pid, role } of before) if (ended.has(pid)) say(`   ${role} ${pid} ended ${ended.get(pid)} ms after Done`);
      await after(scene, design.moments ?? [2, 10, 60], begun);
    } finally {
      await scene.bare.end();
      await scene.line.end();
    }
  });
}

/** Whether a renderer ends: what keeps a page for the way back keeps its process. */
interface Ending {
  switches?: string[];
  script?: string;
  /** Nobody is reached any more when the page leaves. */
  offline?: boolean;
  headers?: Record<string, string>;
  /** Runs in the document that the page leaves for. */
  there?: string;
}

const ENDINGS: Record<string, Ending> = {
  "as it is": { headers: OTHER },
  "nothing kept for the way back": { switches: ["--disable-features=BackForwardCache"], headers: OTHER },
  "same isolation, nothing kept for the way back": { switches: ["--disable-features=BackForwardCache"], headers: { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" } },
  "a lock": { script: LOCK, headers: OTHER },
  "a lock, no COEP": { script: LOCK, headers: { "cross-origin-opener-policy": "same-origin" } },
  "a lock, same isolation": { script: LOCK, headers: { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" } },
  "unload": { script: `addEventListener("unload", () => {});`, headers: OTHER },
  "a lock, asked for": { script: LOCK, headers: OTHER, there: `navigator.locks.request("record", () => {});` },
  "a lock, asked for, no network": { script: LOCK + `addEventListener("load", () => fetch("/closed"));`, headers: { ...OTHER, "cache-control": "max-age=3600" }, there: ASKED, offline: true },
  "a lock, stolen": { script: LOCK, headers: OTHER, there: `navigator.locks.request("record", { steal: true }, () => {});` },
  "a channel, spoken to": { script: `window.channel = new BroadcastChannel("record"); channel.onmessage = () => {};`, headers: OTHER, there: `new BroadcastChannel("record").postMessage(0);` },
  "a peer connection": { script: `window.peer = new RTCPeerConnection();`, headers: OTHER },
  "a database, asked for": { script: `window.base = indexedDB.open("record", 1);`, headers: OTHER, there: `indexedDB.deleteDatabase("record");` },
  "Clear-Site-Data": { headers: { ...OTHER, "clear-site-data": '"cache"' } },
};

for (const [name, { switches = [], script = "", headers = {}, there = "", offline = false }] of Object.entries(ENDINGS)) {
  test(`ending: ${name}`, async ({ people, portal }) => {
    const scene = await open(people, portal, { attachments: false, script, switches, prepare: closed(headers, there) });
    try {
      const { bare, needles } = scene;
      const all = family(bare.pid).filter(({ role }) => role === "renderer");
      const { hits } = await search(needles.filter(({ name }) => name === "name"), { processes: all.map(({ pid }) => pid) });
      const own = Number(hits[0]?.place);
      await bare.click("Done");
      await bare.until(`document.querySelector("article.record") === null`);
      if (offline) await scene.line.end();
      const begun = Date.now();
      await leave(scene);
      await bare.until(`location.pathname === "/closed"`);
      const shown = Date.now() - begun;
      while (Date.now() - begun < 20_000 && family(bare.pid).some(({ pid }) => pid === own)) await new Promise((done) => setTimeout(done, 10));
      say(`ending: ${name}: closed shown after ${shown} ms, renderer ${family(bare.pid).some(({ pid }) => pid === own) ? "STAYS" : `ended after ${Date.now() - begun} ms`}`);
    } finally {
      await scene.bare.end();
      await scene.line.end();
    }
  });
}

const VIEWER = (words: readonly string[], noise: Buffer) => `<!doctype html><body style="margin:0"><canvas width="48" height="48"></canvas><script type="module">
  const shut = ${JSON.stringify(words.map((word) => [...Buffer.from(word)].map((byte) => byte ^ 0x5a)))};
  for (const bytes of shut) {
    const text = document.createElement("p");
    text.append(new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte ^ 0x5a)));
    document.body.append(text);
  }
  const noise = Uint8Array.from(${JSON.stringify([...noise].map((byte) => byte ^ 0x5a))}, (byte) => byte ^ 0x5a);
  const picture = new ImageData(48, 48);
  for (let i = 0; i < 48 * 48; i += 1) picture.data.set([noise[i * 3], noise[i * 3 + 1], noise[i * 3 + 2], 255], i * 4);
  document.querySelector("canvas").getContext("2d", { willReadFrequently: true }).putImageData(picture, 0, 0);
  picture.data.fill(0);
  noise.fill(0);
</script>`;

for (const sandbox of ["allow-scripts", "allow-scripts allow-same-origin"]) {
  test(`viewer: sandbox="${sandbox}"`, async ({ portal }) => {
    const { needles, noise } = canary();
    const text = (name: string) => needles.find((needle) => needle.name === name)!.bytes.toString();
    const line = await Line.to(portal.origin);
    const isolation = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store", "cross-origin-embedder-policy": "require-corp", "cross-origin-resource-policy": "same-origin" };
    line.own.set("/host", { headers: { ...isolation, "cross-origin-opener-policy": "same-origin" }, body: `<!doctype html><p>Host<iframe width="600" height="400" sandbox="${sandbox}" src="/viewer"></iframe>` });
    line.own.set("/viewer", { headers: isolation, body: VIEWER([text("name"), text("note")], noise) });
    const bare = await Bare.start([line.mapping]);
    try {
      await bare.attach();
      await bare.onPage("Page.navigate", { url: `${portal.origin}/host` });
      await bare.until(`document.querySelector("iframe") !== null`);
      await new Promise((done) => setTimeout(done, 3_000));
      const scene = { bare, line, needles };
      say(`\n#### viewer: ${sandbox}`);
      await look(scene, "open");
      const before = family(bare.pid);
      await bare.value(`document.querySelector("iframe").remove()`);
      const begun = Date.now();
      const ended = new Map<number, number>();
      for (let now = family(bare.pid); Date.now() - begun < 1_500; now = family(bare.pid)) {
        for (const { pid } of before) if (!ended.has(pid) && now.every((process) => process.pid !== pid)) ended.set(pid, Date.now() - begun);
        await new Promise((done) => setTimeout(done, 10));
      }
      for (const { pid, role } of before) if (ended.has(pid)) say(`   ${role} ${pid} ended ${ended.get(pid)} ms after`);
      await collect(bare);
      await after(scene, [2, 10, 60], begun);
    } finally {
      await bare.end();
      await line.end();
    }
  });
}
