// The search that other tests end with, seen to find: a word of its own is planted in each place where a browser could keep one for a page, and
// each is found there and nowhere else. A search that looks into nothing finds nothing, and would say so of every record.

import { randomBytes } from "node:crypto";

import type { CDPSession, Page } from "@playwright/test";

import { register, tellHere, workers } from "../support/device.ts";
import type { Member } from "../support/member.ts";
import { traces } from "../support/memory.ts";
import { openRecord } from "../support/path.ts";
import { expect, test } from "../support/test.ts";

/** Plants a word. */
type Plant = (member: Member, word: string) => Promise<unknown>;

/** Words, each planted in one way, and the places where it has to be found. */
interface Planted {
  plant: Plant;
  places: readonly string[];
}

/** What scripts of a page do with a word. They get it as an argument: in their own text it would be in the heap. */
function byPage(plant: (word: string) => unknown): Plant {
  return ({ page }, word) => page.evaluate(plant, word);
}

const IN_PAGE: Record<string, Planted> = {
  "a comment": { plant: byPage((word) => document.body.append(document.createComment(word))), places: ["document"] },
  // The names of elements that scripts know have their attributes.
  "an attribute": { plant: byPage((word) => document.body.setAttribute("data-kept", word)), places: ["document", "heap"] },
  "a field": { plant: byPage((word) => (document.querySelector("input")!.value = word)), places: ["accessibility tree", "document"] },
  "a shadow of the document": {
    plant: byPage((word) => {
      const host = document.body.appendChild(document.createElement("div"));
      host.attachShadow({ mode: "closed" }).appendChild(document.createTextNode(word));
    }),
    places: ["accessibility tree"],
  },
  "the address": { plant: byPage((word) => history.replaceState(history.state, "", `#${word}`)), places: ["address"] },
  "the history": { plant: byPage((word) => history.replaceState({ word }, "")), places: ["history"] },
  "the window's name": { plant: byPage((word) => (window.name = word)), places: ["name"] },
  "localStorage": { plant: byPage((word) => localStorage.setItem("kept", word)), places: ["localStorage"] },
  "a name in localStorage": { plant: byPage((word) => localStorage.setItem(word, "kept")), places: ["localStorage"] },
  "sessionStorage": { plant: byPage((word) => sessionStorage.setItem("kept", word)), places: ["sessionStorage"] },
  "a cached answer": { plant: byPage(async (word) => (await caches.open("answers")).put("/kept", new Response(word))), places: ["cache answers"] },
  "a cached address": { plant: byPage(async (word) => (await caches.open("answers")).put(`/${word}`, new Response("kept"))), places: ["cache answers"] },
  "IndexedDB": { plant: byPage(intoDatabase), places: ["IndexedDB kept"] },
  "a file": {
    plant: byPage(async (word) => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("kept", { create: true });
      const file = await (await folder.getFileHandle("file", { create: true })).createWritable();
      await file.write(word);
      await file.close();
    }),
    places: ["files"],
  },
  "a cookie": { plant: ({ context, portal }, word) => context.addCookies([{ name: "kept", value: word, url: portal.origin }]), places: ["cookies"] },
  "what scripts hold": { plant: byPage((word) => Reflect.set(globalThis, "kept", { word })), places: ["heap"] },
  "a module's memory": { plant: ({ session }, word) => intoModule(session, Buffer.from(word)), places: ["module"] },
  "a module's memory, as UTF-16": { plant: ({ session }, word) => intoModule(session, Buffer.from(word, "utf16le")), places: ["module"] },
  "what the worker holds": {
    plant: async ({ context }, word) => {
      const [worker] = context.serviceWorkers();
      await worker?.evaluate((word) => Reflect.set(globalThis, "kept", { word }), word);
    },
    places: ["worker's heap"],
  },
  "what the worker shows": { plant: ({ page }, word) => show(page, word), places: ["notifications"] },
};

const IN_VIEWER: Record<string, Planted> = {
  "a comment": { plant: byViewer((word) => document.body.append(document.createComment(word))), places: ["viewer's document"] },
  "a shadow of the document": {
    plant: byViewer((word) => {
      const host = document.body.appendChild(document.createElement("div"));
      host.attachShadow({ mode: "closed" }).appendChild(document.createTextNode(word));
    }),
    places: ["viewer's accessibility tree"],
  },
  "what scripts hold": { plant: byViewer((word) => Reflect.set(globalThis, "kept", { word })), places: ["viewer's heap"] },
  "a module's memory": { plant: (member, word) => inViewer(member, (session) => intoModule(session, Buffer.from(word))), places: ["viewer's module"] },
};

/** Plants a word in each way; what the search has to say. */
async function plant(member: Member, ways: Record<string, Planted>): Promise<{ words: string[]; expected: string[] }> {
  const words: string[] = [];
  const expected: string[] = [];
  for (const [way, { plant, places }] of Object.entries(ways)) {
    // One that can stand in an address.
    const word = `${way.replaceAll(/\W+/g, "-")}-${randomBytes(8).toString("hex")}`;
    await plant(member, word);
    words.push(word);
    expected.push(...places.map((place) => `${word} in ${place}`));
  }
  return { words, expected: expected.sort() };
}

test("a word is found in each place of a page and its worker, and nowhere else", async ({ people }) => {
  const member = await people.joined("dispatcher");
  const { page } = member;
  await page.context().grantPermissions(["notifications"]);
  await page.goto("/passkeys");
  await tellHere(page);
  await register(page);
  await expect(page.getByLabel("Passkey name")).toBeVisible();
  expect(await workers(page)).toBe(1);
  const { words, expected } = await plant(member, IN_PAGE);
  expect(await traces(member, words)).toEqual(expected);
});

test("a word is found in each place of the viewer, and nowhere else", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  await openRecord(responder, dispatcher);
  const { words, expected } = await plant(responder, IN_VIEWER);
  expect(await traces(responder, words)).toEqual(expected);
});

test("a worker that does something else than show notices is found", async ({ people }) => {
  const member = await people.joined("dispatcher");
  // Pages of the portal may make workers of no script but their own.
  await member.session.send("Page.setBypassCSP", { enabled: true });
  await member.page.goto("/");
  const scope = await member.page.evaluate(async () => {
    const script = document.querySelector<HTMLMetaElement>("meta[name=halligan-push]")?.content ?? "";
    return (await navigator.serviceWorker.register(`${script}?another`, { scope: "/kept/" })).scope;
  });
  expect(await traces(member, [])).toEqual([`something in worker of ${scope}`]);
});

// Runs in the page.
async function intoDatabase(word: string): Promise<void> {
  const database = await new Promise<IDBDatabase>((done, fail) => {
    const asked = indexedDB.open("kept");
    asked.onupgradeneeded = () => void asked.result.createObjectStore("kept");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  const step = database.transaction("kept", "readwrite");
  step.objectStore("kept").put({ word }, 1);
  await new Promise((done) => (step.oncomplete = done));
  database.close();
}

/** Writes bytes behind all that the module has, where it never looks. */
async function intoModule(session: CDPSession, bytes: Buffer): Promise<void> {
  const { result: prototype } = await session.send("Runtime.evaluate", { expression: "WebAssembly.Memory.prototype" });
  const { objects } = await session.send("Runtime.queryObjects", { prototypeObjectId: prototype.objectId ?? "" });
  const { exceptionDetails } = await session.send("Runtime.callFunctionOn", {
    objectId: objects.objectId ?? "",
    functionDeclaration: `function (bytes) {
      const [memory] = this;
      const end = memory.buffer.byteLength;
      memory.grow(1);
      new Uint8Array(memory.buffer).set(bytes, end);
    }`,
    arguments: [{ value: [...bytes] }],
  });
  expect(exceptionDetails).toBeUndefined();
}

/** A notification forgets itself that is asked for while another is about to be shown. */
async function show(page: Page, word: string): Promise<void> {
  await expect(async () => {
    const shown = await page.evaluate(async (body) => {
      const registration = await navigator.serviceWorker.ready;
      await registration.showNotification("kept", { body, tag: "kept" });
      return (await registration.getNotifications()).length;
    }, word);
    expect(shown).toBe(1);
  }).toPass({ timeout: 10_000 });
}

function byViewer(plant: (word: string) => unknown): Plant {
  return async ({ page }, word) => page.frames()[1]?.evaluate(plant, word);
}

async function inViewer({ context, page }: Member, use: (session: CDPSession) => Promise<void>): Promise<void> {
  const [, viewer] = page.frames();
  if (viewer === undefined) throw new Error("there is no viewer");
  const session = await context.newCDPSession(viewer);
  await use(session);
  await session.detach();
}
