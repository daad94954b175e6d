// A drill: marked on every page, only made-up records, left by one press, and reported.

import { readFile } from "node:fs/promises";

import { accessible } from "../support/axe.ts";
import { arrive, ask } from "../support/path.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { DrillsPage } from "../support/pages/drills.ts";
import { USUAL } from "../support/pages/justify.ts";
import { RecordPage } from "../support/pages/record.ts";
import { RequestPage } from "../support/pages/request.ts";
import { Portal } from "../support/portal.ts";
import { summary } from "../support/summary.ts";
import { Crowd, expect, test } from "../support/test.ts";
import { setHidden } from "../support/visibility.ts";

test("an agency runs a drill, and reads how long each step took", async ({ people }) => {
  const [admin, responder, dispatcher, silent] = [
    await people.joined("admin"),
    await people.joined("responder"),
    await people.joined("dispatcher"),
    await people.joined("dispatcher"),
  ];
  const drills = new DrillsPage(admin.page);
  await drills.open();
  await admin.page.getByRole("button", { name: "Begin the drill" }).click();
  await expect(admin.page.getByText("Choose who takes part.")).toBeVisible();
  await accessible(admin.page, "a drill without a name");
  await drills.begin("Night drill", responder.name, dispatcher.name, silent.name);
  await expect(drills.line("Night drill")).toContainText("Runs");
  await expect(drills.line("Night drill")).toContainText("Take part: ");
  await accessible(admin.page, "a drill that runs");

  const mark = responder.page.getByText("DRILL “Night drill” – you are in a drill: only made-up records open.");
  await responder.page.goto("/");
  await expect(mark).toBeVisible();
  await accessible(responder.page, "the start page in a drill");
  for (const path of ["/scan", "/passkeys"]) {
    await responder.page.goto(path);
    await expect(mark, path).toBeVisible();
  }
  const form = await arrive(responder);
  await expect(mark).toBeVisible();
  await form.fill(USUAL);
  await form.ask.click();
  await expect(new RequestPage(responder.page).title("Waiting for dispatch")).toBeVisible();
  await expect(responder.page.getByText("DRILL – this patient is made up")).toBeVisible();
  await expect(responder.page.getByRole("button", { name: "Leave the drill" }), "also while one waits").toBeVisible();
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await expect(dispatcher.page.getByText("“Night drill” runs, 3 take part.")).toBeVisible();
  const banner = dispatcher.page.getByText("Requests without the mark Drill are real: decide them as always.");
  await expect(banner).toBeVisible();
  await desk.approve(responder.name);
  const record = new RecordPage(responder.page);
  await expect(record.sheet).toBeVisible();
  await expect(responder.page.getByText("DRILL – this patient is made up")).toBeVisible();

  await admin.page.getByRole("link", { name: /Night drill/ }).click();
  await expect(drills.row(responder.name)).toContainText(`${dispatcher.name} approved after`);
  await expect(admin.page.getByText(`Dispatchers who gave no answer: ${silent.name}`)).toBeVisible();
  await expect(admin.page.getByText("Still open: 1.")).toBeVisible();
  await accessible(admin.page, "the report of a drill");
  const download = admin.page.waitForEvent("download");
  await admin.page.getByRole("link", { name: "Save as CSV" }).click();
  const text = await readFile(await (await download).path(), "utf8");
  expect(text.split("\r\n")).toHaveLength(2);
  expect(text).toContain(`"${responder.agencyId}"`);
  await admin.page.getByRole("link", { name: "All drills" }).click();
  const colleague = await people.joined("admin");
  const seen = new DrillsPage(colleague.page);
  await seen.open();
  await expect(seen.line("Night drill")).toContainText("Runs");
  // What is typed for the next one outlives the end of this one.
  await admin.page.getByLabel("Name", { exact: true }).fill("The next one");
  await drills.line("Night drill").getByRole("button", { name: "End it now" }).click();
  await drills.line("Night drill").getByRole("button", { name: "End the drill" }).click();
  await expect(drills.line("Night drill")).not.toContainText("Runs");
  await expect(drills.line("Night drill")).toContainText("Took part: ");
  await expect(admin.page.getByLabel("Name", { exact: true })).toHaveValue("The next one");
  await expect(admin.page.getByRole("heading", { name: "Drills", level: 2 })).toBeFocused();
  await expect(banner, "an untouched desk").toHaveCount(0);
  for (const hidden of [true, false]) await setHidden(colleague.page, hidden);
  await expect(seen.line("Night drill"), "another admin's list, once they look").not.toContainText("Runs");
  await admin.page.getByRole("link", { name: /Night drill/ }).click();
  await expect(admin.page.getByText(`Ended by ${admin.name}, `)).toBeVisible();
});

test("a real patient in the middle of a drill: one press, and nothing typed is lost", async ({ people, portal }) => {
  const real = await portal.enrol(summary("Testina"), [], { drill: false });
  const [admin, responder] = [await people.joined("admin"), await people.joined("responder")];
  const drills = new DrillsPage(admin.page);
  await drills.open();
  await drills.begin("Day drill", responder.name);
  responder.complaints.expectStatus(403, /\/requests\/prepare$/);
  const form = await arrive(responder, real);
  await form.fill({ ...USUAL, incident: "2026-1300", text: "This one is real" });
  await form.ask.click();
  await expect(responder.page.getByText("You are in a drill: only made-up records open. For a real patient")).toBeVisible();
  await accessible(responder.page, "a real patient in a drill");
  // One above every page, and one where the refusal is read.
  const leave = responder.page.getByRole("button", { name: "Leave the drill" });
  await expect(leave).toHaveCount(2);
  await leave.last().click();
  await expect(responder.page.getByText("DRILL “Day drill”")).toHaveCount(0);
  await expect(form.incident).toHaveValue("2026-1300");
  await expect(form.text).toHaveValue("This one is real");
  await form.ask.click();
  await expect(new RequestPage(responder.page).title("Waiting for dispatch")).toBeVisible();
  await expect(responder.page.getByText("DRILL –")).toHaveCount(0);
  // What is real stands before what is not.
  const other = await people.joined("responder");
  const dispatcher = await people.joined("dispatcher");
  await ask(other);
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  // Other tests' requests wait there as well.
  const ours = async (): Promise<string[]> => (await desk.waiting().allTextContents()).filter((name) => [responder.name, other.name].includes(name));
  await expect.poll(ours).toEqual([responder.name, other.name]);
});

test("a drill that leaves nobody outside is begun all the same, and nobody is blamed while nothing was asked", async ({ browser }) => {
  const portal = await Portal.start();
  const people = new Crowd(browser, portal);
  try {
    const [admin, dispatcher] = [await people.joined("admin"), await people.joined("dispatcher")];
    await new DrillsPage(admin.page).open();
    await admin.page.getByLabel("Name", { exact: true }).fill("All hands");
    await admin.page.getByRole("checkbox", { name: new RegExp(`^${dispatcher.name} `) }).check();
    await admin.page.getByRole("button", { name: "Begin the drill" }).press("Enter");
    await admin.page.getByRole("button", { name: "Begin all the same" }).press("Enter");
    const begun = admin.page.getByRole("link", { name: /All hands/ });
    await expect(begun).toBeFocused();
    await begun.press("Enter");
    await expect(admin.page.getByText("Nothing was asked for in this drill.")).toBeVisible();
    await expect(admin.page.getByText("Dispatchers who gave no answer")).toHaveCount(0);
  } finally {
    await people.leave();
    await portal.end();
  }
});
