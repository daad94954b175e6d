// Looks for words of a patient everywhere a browser could keep them for a page: the document, what screen readers are told of it, its
// address, name and history, every storage, cookies, what scripts hold, every byte of every WebAssembly memory alive, and the worker of
// notices with what it shows. That it finds a word in each of them is seen in specs/search.spec.ts.

import { expect, type CDPSession } from "@playwright/test";

import type { Member } from "./member.ts";
import { eachWorker, type Heap } from "./workers.ts";

/** Words of the drill patient: on the first screen, further down, in other alphabets than ASCII, and in the source alone. */
export const ANNA = ["Anna Drillmann", "Übungsreich", "Otto Drillmann", "DRILL-0001", "video laryngoscope", "hydrocortisone in shock"];

/** `word in place`, for every place in which a word is found. */
export async function traces(member: Member, words: readonly string[]): Promise<string[]> {
  const cookies = JSON.stringify(await member.context.cookies());
  const found = [
    // First: the other searches give the page the words to look for, as strings of its own.
    ...(await inHeap(member.session, words)).map((word) => `${word} in heap`),
    ...(await inTree(member.session, words)).map((word) => `${word} in accessibility tree`),
    ...(await member.page.evaluate(searchPage, words)),
    ...words.filter((word) => cookies.includes(word)).map((word) => `${word} in cookies`),
    ...(await inModules(member.session, words)).map((word) => `${word} in module`),
  ];
  await eachWorker(member, async (worker) => void found.push(...(await inHeap(worker, words)).map((word) => `${word} in worker's heap`)));
  for (const viewer of member.page.frames().slice(1)) {
    const session = await member.context.newCDPSession(viewer);
    found.push(...(await inHeap(session, words)).map((word) => `${word} in viewer's heap`));
    found.push(...(await inTree(session, words)).map((word) => `${word} in viewer's accessibility tree`));
    const text = await viewer.evaluate(() => [document.documentElement.outerHTML, document.documentElement.innerText, document.title].join("\n"));
    found.push(...words.filter((word) => text.includes(word)).map((word) => `${word} in viewer's document`));
    found.push(...(await inModules(session, words)).map((word) => `${word} in viewer's module`));
    await session.detach();
  }
  return found.sort();
}

/** Proves that the search finds: every word in the viewer's document and its module's memory, and none but where screen readers hear of it. */
export async function expectRecordInMemory(member: Member, words: readonly string[] = ANNA): Promise<void> {
  const found = await traces(member, words);
  const places = new Set(found.map((trace) => trace.slice(trace.lastIndexOf(" in ") + 4)));
  // Scripts of the viewer hold words for a moment: those that draw, and the driver's own.
  places.delete("viewer's heap");
  expect([...places].sort(), "where an open record is").toEqual(["viewer's accessibility tree", "viewer's document", "viewer's module"]);
  for (const word of words) {
    expect(found, "an open record is found by the search").toContain(`${word} in viewer's document`);
    expect(found, "an open record is found by the search").toContain(`${word} in viewer's module`);
  }
}

export async function expectNoTrace(member: Member, words: readonly string[] = ANNA): Promise<void> {
  // The element goes at once; the driver hears of it a moment later.
  await expect.poll(() => member.page.frames().length, "frames of the page").toBe(1);
  expect(await traces(member, words), "traces of a record").toEqual([]);
}

// Runs in the page.
async function searchPage(words: readonly string[]): Promise<string[]> {
  const places = new Map<string, string>();
  const fields = [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea")].map((field) => field.value);
  places.set("document", [document.documentElement.outerHTML, document.documentElement.innerText, document.title, ...fields].join("\n"));
  places.set("address", decodeURI(location.href));
  places.set("name", window.name);
  places.set("history", String(JSON.stringify(history.state)));
  places.set("localStorage", JSON.stringify({ ...localStorage }));
  places.set("sessionStorage", JSON.stringify({ ...sessionStorage }));
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      places.set(`cache ${name}`, [places.get(`cache ${name}`), request.url, await (await cache.match(request))?.text()].join("\n"));
    }
  }
  const settled = <T>(request: IDBRequest<T>) =>
    new Promise<T>((done, fail) => {
      request.onsuccess = () => done(request.result);
      request.onerror = () => fail(request.error ?? new Error("IndexedDB"));
    });
  for (const { name } of await indexedDB.databases()) {
    const database = await settled(indexedDB.open(name ?? ""));
    for (const store of database.objectStoreNames) {
      const held = database.transaction(store).objectStore(store);
      places.set(`IndexedDB ${store}`, JSON.stringify([await settled(held.getAllKeys()), await settled(held.getAll())]));
    }
    database.close();
  }
  const files = async (folder: FileSystemDirectoryHandle): Promise<string[]> => {
    const texts: string[] = [];
    for await (const held of folder.values()) {
      const inside = held instanceof FileSystemFileHandle ? [await (await held.getFile()).text()] : await files(held as FileSystemDirectoryHandle);
      texts.push(held.name, ...inside);
    }
    return texts;
  };
  places.set("files", (await files(await navigator.storage.getDirectory())).join("\n"));
  // The portal has one worker, which shows notices: what it shows is looked at here, what it holds by itself. Another one that somebody added
  // could keep anything.
  const named = document.querySelector<HTMLMetaElement>("meta[name=halligan-push]")?.content;
  const strangers: string[] = [];
  const shown: string[] = [];
  for (const registration of await navigator.serviceWorker.getRegistrations()) {
    const scripts = [registration.installing, registration.waiting, registration.active].flatMap((worker) => worker?.scriptURL ?? []);
    if (scripts.some((script) => named === undefined || script !== new URL(named, location.href).href)) strangers.push(`something in worker of ${registration.scope}`);
    for (const { title, body, tag, data } of await registration.getNotifications()) shown.push(title, body, tag, String(JSON.stringify(data)));
  }
  places.set("notifications", shown.join("\n"));
  return [...strangers, ...[...places].flatMap(([place, text]) => words.filter((word) => text.includes(word)).map((word) => `${word} in ${place}`))];
}

/** Every string, name and object that scripts hold, after what nobody holds any more was collected. */
async function inHeap(session: Heap, words: readonly string[]): Promise<string[]> {
  const pieces: string[] = [];
  const take = ({ chunk }: { chunk: string }) => void pieces.push(chunk);
  session.on("HeapProfiler.addHeapSnapshotChunk", take);
  await session.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  session.off("HeapProfiler.addHeapSnapshotChunk", take);
  const { strings } = JSON.parse(pieces.join("")) as { strings: string[] };
  expect(strings.length, "strings of the heap").toBeGreaterThan(1_000);
  return words.filter((word) => strings.some((text) => text.includes(word)));
}

/** What screen readers are told. */
async function inTree(session: CDPSession, words: readonly string[]): Promise<string[]> {
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  const told = nodes.flatMap((node) => [node.name, node.value, node.description].map((it) => String(it?.value ?? ""))).join("\n");
  return words.filter((word) => told.includes(word));
}

async function inModules(session: CDPSession, words: readonly string[]): Promise<string[]> {
  const { result: prototype } = await session.send("Runtime.evaluate", { expression: "WebAssembly.Memory.prototype" });
  // Also collects what nobody holds any more.
  const { objects } = await session.send("Runtime.queryObjects", { prototypeObjectId: prototype.objectId ?? "" });
  const needles = words.flatMap((word) => (["utf8", "utf16le"] as const).map((form) => ({ word, bytes: [...Buffer.from(word, form)] })));
  const { result, exceptionDetails } = await session.send("Runtime.callFunctionOn", {
    objectId: objects.objectId ?? "",
    functionDeclaration: SEARCH,
    arguments: [{ value: needles }],
    returnByValue: true,
  });
  if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text);
  const { memories, found } = result.value as { memories: number; found: string[] };
  expect(memories, "the portal's module has a memory").toBeGreaterThan(0);
  return [...new Set(found)];
}

// Looks at the bytes where they are: a copy would be one more place.
const SEARCH = `function (needles) {
  const found = [];
  for (const memory of this) {
    const bytes = new Uint8Array(memory.buffer);
    for (const needle of needles) {
      for (let at = bytes.indexOf(needle.bytes[0]); at !== -1; at = bytes.indexOf(needle.bytes[0], at + 1)) {
        if (needle.bytes.every((byte, i) => bytes[at + i] === byte)) {
          found.push(needle.word);
          break;
        }
      }
    }
  }
  return { memories: this.length, found };
}`;
