// The open record: what stands on it, in which order, and that what is not known looks like what it is.

import type { Locator } from "@playwright/test";

import { accessible } from "../support/axe.ts";
import { liesAbout } from "../support/hostile.ts";
import { cut } from "../support/offline.ts";
import { openRecord, opened } from "../support/path.ts";
import { USUAL } from "../support/pages/justify.ts";
import { expectSeen } from "../support/sight.ts";
import { summary, drill } from "../support/summary.ts";
import { expect, test } from "../support/test.ts";

test("the drill patient's record shows what a responder needs, in the order of need", async ({ people }) => {
  const { responder, record } = await opened(people);
  await expect(responder.page.getByText("DRILL – this patient is made up")).toBeVisible();
  expect(await record.headings()).toEqual([
    "Anna Drillmann",
    "Alerts",
    "Allergies and intolerances",
    "High-alert medicines",
    "Implants and devices",
    "Advance directives",
    "Problems",
    "Medications",
    "Procedures",
    "Results",
    "Immunizations",
    "Vital signs",
    "Past problems",
    "Functional status",
    "Pregnancy",
    "Social history",
    "Plan of care",
    "Patient story",
    "Attachments",
    "About patient and summary",
  ]);
  const { sheet } = record;
  await expect(sheet).toContainText(/\d+ years.*, sex: female\s*born 1958-03-14/);
  await expect(record.photograph).toBeVisible();
  expect(await inked(record.photograph), "the photograph is drawn").toBe(true);
  await expect(sheet).toContainText(/Summary of 2026-09-02.*, by /);

  await expect(record.section("Alerts")).toContainText("Difficult airway");
  await expect(record.section("Alerts")).toContainText("hydrocortisone in shock");
  const allergies = await record.section("Allergies and intolerances").getByRole("listitem").allInnerTexts();
  expect(allergies.map((line) => /Penicillin|Ibuprofen|Latex|Cat dander/.exec(line)?.[0])[0], "most critical first").toBe("Penicillin");
  expect(allergies).toHaveLength(4);
  const medicines = await record.section("High-alert medicines").getByRole("listitem").allInnerTexts();
  for (const [mark, name] of [["Anticoagulant", /apixaban/i], ["Lowers blood glucose", /insulin/i], ["Opioid", /morphine/i]] as const) {
    expect(medicines.some((line) => line.includes(mark) && name.test(line)), `${mark} is marked`).toBe(true);
  }
  await expect(record.section("Implants and devices")).toContainText(/pacemaker/i);
  await expect(record.section("Advance directives")).toContainText(/resuscitation/i);
  await expect(record.section("Problems")).toContainText("Atrial fibrillation");
  await expect(record.section("About patient and summary")).toContainText("Otto Drillmann");

  await expect(record.countdown).toHaveText(/^4:\d\d$/);
  await expect(record.countdown).toBeInViewport();
  await record.section("About patient and summary").scrollIntoViewIfNeeded();
  await expect(record.countdown, "always to be seen").toBeInViewport();
  await expect(record.done).toBeInViewport();
  await accessible(responder.page, "an open record");
  await record.done.click();
  await expect(record.erased).toBeVisible();
  await accessible(responder.page, "an erased record");
});

/** Whether more than one colour stands on a canvas. */
function inked(canvas: Locator): Promise<boolean> {
  return canvas.evaluate((canvas: HTMLCanvasElement) => {
    const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? new Uint8ClampedArray();
    const colours = new Uint32Array(pixels.buffer);
    return colours.some((colour) => colour !== colours[0]);
  });
}

test("keys scroll an open record without a touch before", async ({ people }) => {
  const { responder, record } = await opened(people);
  const scrolled = () => record.sheet.evaluate(() => scrollY);
  const { keyboard } = responder.page;
  // Browsers scroll smoothly: what is still under way may undo a key that is pressed meanwhile, and then it is pressed again.
  const presses = (key: string, there: (top: number) => boolean): Promise<void> =>
    expect(async () => {
      await keyboard.press(key);
      expect(there(await scrolled()), key).toBe(true);
    }).toPass({ timeout: 10_000 });
  const atTop = (top: number): boolean => top === 0;
  for (const key of ["PageDown", "Space", "ArrowDown"]) {
    await presses("Home", atTop);
    await presses(key, (top) => top > 0);
  }
  // And with the tabulator: out of the record and back into it.
  await record.done.focus();
  await keyboard.press("Tab");
  await expect(record.viewer.getByRole("main")).toBeFocused();
  await presses("Home", atTop);
});

test("attachments open within the window", async ({ people }) => {
  const { responder, record } = await opened(people);
  await expect(record.section("Attachments")).toContainText("PDF");
  const mend = await cut(responder, /\/documents\//);
  await record.show("Pacemaker card").click();
  await expect(record.section("Attachments").getByText("The portal cannot be reached.")).toBeVisible();
  await mend();
  await record.show("Pacemaker card").click();
  const card = record.sheet.getByRole("img", { name: "Pacemaker card" });
  await expect(card).toBeVisible();
  expect(await inked(card), "the card is drawn").toBe(true);
  await record.show("ECG").click();
  const ecg = record.sheet.getByRole("img", { name: "ECG" });
  await expect(ecg).toBeVisible();
  await expect.poll(() => inked(ecg), "the page of the file is drawn").toBe(true);
  // Beside a picture or a document there is no room for words: they stand above it.
  const box = await record.section("Attachments").getByText("ECG", { exact: true }).first().boundingBox();
  expect(box?.width ?? 0, "the title in one line").toBeGreaterThan(box?.height ?? 0);
  await accessible(responder.page, "open attachments");
});

test("on a phone held sideways one row stands above the record", async ({ people }) => {
  const { responder, record } = await opened(people);
  await responder.page.setViewportSize({ width: 640, height: 360 });
  const frame = responder.page.locator("iframe.viewer");
  await expect.poll(async () => (await frame.boundingBox())?.y).toBeLessThanOrEqual(64);
  expect((await frame.boundingBox())?.height).toBeGreaterThanOrEqual(290);
  for (const what of [record.countdown, record.done, responder.signOutButton, responder.page.getByText("DRILL – this patient is made up")]) await expectSeen(what);
  await accessible(responder.page, "an open record on a phone held sideways");
  await responder.signOutButton.click();
  await expectSeen(responder.page.getByRole("button", { name: "Stay signed in" }));
  await expectSeen(record.done);
});

test("an attachment takes the whole width of a phone, and a button gives it more, to be moved sideways", async ({ people }) => {
  const { responder, record } = await opened(people);
  await record.show("ECG").click();
  const page = record.sheet.getByRole("img", { name: "ECG" });
  await expect.poll(() => inked(page)).toBe(true);
  const width = async () => (await page.boundingBox())?.width;
  await expect.poll(width).toBeCloseTo(360, 0);
  const larger = record.sheet.getByRole("button", { name: "Enlarge ECG" });
  expect((await larger.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  await larger.click();
  await expect.poll(width).toBe(await page.evaluate((canvas: HTMLCanvasElement) => canvas.width));
  await accessible(responder.page, "an attachment at its full width");
  const around = record.sheet.getByRole("group", { name: "ECG" });
  await around.focus();
  await responder.page.keyboard.press("ArrowRight");
  await expect.poll(() => around.evaluate((element) => element.scrollLeft)).toBeGreaterThan(0);
  expect(await record.sheet.evaluate(() => document.documentElement.scrollWidth), "nothing else moves sideways").toBe(360);
  await record.sheet.getByRole("button", { name: "Fit ECG" }).click();
  await expect.poll(width).toBeCloseTo(360, 0);
});

test("none, unknown, not asked, withheld and missing are said in different words", async ({ people, portal }) => {
  const dispatcher = await people.joined("dispatcher");
  for (const [patient, sentences] of [
    ["bertil", ["None: the author states that no allergies or intolerances are known.", "None: the author states that no medications are known."]],
    ["chidi", ["Unknown: ", "Not asked: ", "Withheld: ", "That does not mean there is nothing."]],
  ] as const) {
    const responder = await people.joined("responder");
    const bracelet = await portal.enrol(JSON.parse(drill(`${patient}-drillmann.json`).buffer.toString("utf8")));
    const record = await openRecord(responder, dispatcher, USUAL, bracelet);
    for (const sentence of sentences) await expect(record.sheet).toContainText(sentence);
    await accessible(responder.page, `the record of ${patient}`);
    await record.done.click();
  }
});

test("a resource that cannot be read stands beside the rest as unreadable", async ({ people, portal }) => {
  const broken = summary() as { entry: { resource: { section?: Record<string, unknown>[] } }[] };
  const [allergies] = broken.entry[0]?.resource.section ?? [];
  if (allergies !== undefined) {
    delete allergies["emptyReason"];
    allergies["entry"] = [{ reference: "urn:uuid:00000000-0000-4000-8000-00000000dead" }];
  }
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const record = await openRecord(responder, dispatcher, USUAL, await portal.enrol(broken));
  await expect(record.section("Allergies and intolerances")).toContainText("Unreadable");
  await expect(record.section("Problems")).toContainText("None: the author states that no current problems are known.");
});

test("a countdown is read out at its marks and not each second", async ({ people }) => {
  const { responder, record } = await opened(people);
  await expect(record.countdown).toHaveAttribute("aria-live", "off");
  await expect(responder.page.locator(".window").getByRole("status")).toHaveText("");
});

test("a portal that calls a made-up patient real is contradicted by the record", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  await liesAbout<{ drill: boolean }>(responder.page, /\/requests\/[0-9a-f-]{36}$/, (request) => (request.drill = false));
  const record = await openRecord(responder, dispatcher);
  await expect(responder.page.getByText("The portal said that this is a real patient, and the record says that it is made up.")).toBeVisible();
  await expect(responder.page.getByText("DRILL – this patient is made up")).toBeVisible();
  await expect(record.sheet).toBeVisible();
  await accessible(responder.page, "a record that contradicts the portal");
});

test("what ran beside a record could tell nobody and keep nothing", async ({ people }) => {
  const { responder } = await opened(people);
  responder.complaints.expect(/Content Security Policy|Failed to fetch|net::ERR/);
  const viewer = responder.page.frames().find((frame) => frame.url().endsWith("/viewer"));
  const ways = await viewer?.evaluate(async () => {
    const refused = async (way: () => unknown): Promise<string> => {
      try {
        await way();
        return "open";
      } catch {
        return "shut";
      }
    };
    return {
      fetch: await refused(() => fetch("/api/v1/health")),
      elsewhere: await refused(() => fetch("https://example.org/", { mode: "no-cors" })),
      socket: await refused(
        () => new Promise((done, fail) => Object.assign(new WebSocket("wss://example.org/"), { onopen: done, onerror: fail, onclose: fail })),
      ),
      picture: await refused(() => Object.assign(new Image(), { src: "/halligan.svg" }).decode()),
      peer: await refused(() => new RTCPeerConnection()),
      storage: await refused(() => localStorage.setItem("a", "b")),
      database: await refused(() => new Promise((done, fail) => Object.assign(indexedDB.open("a"), { onsuccess: done, onerror: fail }))),
      cookie: await refused(() => (document.cookie = "a=b")),
    };
  });
  expect(new Set(Object.values(ways ?? {})), JSON.stringify(ways)).toEqual(new Set(["shut"]));
});
