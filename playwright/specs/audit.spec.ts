// The evidence: what the auditor lists and filters, and that the chain holds after the whole path.

import { accessible } from "../support/axe.ts";
import { SCREENS } from "../support/member.ts";
import { cut } from "../support/offline.ts";
import { lookUp, opened } from "../support/path.ts";
import { AuditPage } from "../support/pages/audit.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { expect, test } from "../support/test.ts";

test("every step of the path is in the log, which can be filtered and verified", async ({ people, portal }) => {
  const { responder, dispatcher, record } = await opened(people);
  await record.show("ECG").click();
  await expect(record.sheet.getByRole("img", { name: "ECG" })).toBeVisible();
  await record.done.click();
  await expect(record.erased).toBeVisible();

  const auditor = await people.joined("auditor");
  const page = new AuditPage(auditor.page);
  await page.open();
  await expect(page.chain).toBeVisible();
  await accessible(auditor.page, "the log");

  await page.filter({ agencyId: responder.agencyId.toLowerCase() });
  await expect(page.actors.first()).toHaveText(responder.agencyId);
  await expect(async () => {
    expect(new Set(await page.actors.allInnerTexts())).toEqual(new Set([responder.agencyId]));
    expect((await page.kinds.allInnerTexts()).filter((kind) => /^(request|record|document|grant)\./.test(kind)).reverse()).toEqual([
      "request.filed",
      "record.opened",
      "document.sent",
      "document.sent",
      "record.wiped",
      "grant.ended",
    ]);
  }).toPass();

  await page.filter({ kind: "Requests and decisions", agencyId: dispatcher.agencyId });
  await expect(page.kinds).toHaveText(["request.opened", "request.decided"]);
  await auditor.page.locator("summary").first().click();
  await expect(auditor.page.getByText("SHA-256 ").first()).toBeVisible();
  await accessible(auditor.page, "the facts of an event");

  await page.filter({ kind: "Bracelets replaced" });
  await expect(auditor.page.getByText("No event fits this filter.")).toBeVisible();
  await accessible(auditor.page, "a filter that nothing fits");
  await page.filter({ agencyId: "?" });
  await expect(auditor.page.getByText("an agency ID has 2 to 64 letters")).toBeVisible();

  expect(await portal.command("audit", "verify")).toMatch(/^The chain holds: \d+ events/);
});

test("nothing of patient, bracelet or typed words that is not meant to be there is in the log", async ({ people, portal }) => {
  const { record } = await opened(people);
  await record.done.click();
  const auditor = await people.joined("auditor");
  const page = new AuditPage(auditor.page);
  await page.open();
  const text = await auditor.page.getByRole("main").evaluate((main) => main.textContent ?? "");
  const { text: printed } = portal.bracelet();
  for (const secret of ["Anna", "Drillmann", printed, printed.replaceAll("-", "")]) expect(text).not.toContain(secret);
});

test("a log that cannot be read says so and can be asked again", async ({ people }) => {
  const auditor = await people.joined("auditor");
  const mend = await cut(auditor, "/api/v1/audit");
  await auditor.page.goto("/audit");
  await expect(auditor.page.getByText("The portal cannot be reached.")).toBeVisible();
  await accessible(auditor.page, "a log that cannot be read");
  await mend();
  await auditor.page.getByRole("button", { name: "Try again" }).click();
  await expect(new AuditPage(auditor.page).chain).toBeVisible();
});

test("alarms about many bracelets have a filter of their own, and every event is in words too", async ({ people }) => {
  const [responder, dispatcher, auditor] = [await people.joined("responder"), await people.joined("dispatcher"), await people.joined("auditor")];
  responder.complaints.expectStatus(404, /\/requests\/prepare/);
  for (let strange = 0; strange < 6; strange += 1) expect(await lookUp(responder)).toBe(404);
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await desk.alarm(responder.name).getByRole("button", { name: "In order" }).click();
  await expect(desk.alarm(responder.name)).toHaveCount(0);

  const page = new AuditPage(auditor.page);
  await page.open();
  expect((await page.words.allInnerTexts()).every((words) => words !== "")).toBe(true);
  await expect(page.words).toHaveCount(await page.events.count());
  await page.filter({ kind: "Alarms about many bracelets", agencyId: dispatcher.agencyId });
  await expect(page.kinds).toHaveText(["bracelets.allowed"]);
  await expect(page.words).toHaveText(["Many bracelets are in order"]);
  await page.filter({ kind: "Alarms about many bracelets", agencyId: responder.agencyId });
  await expect(page.kinds).toHaveText(["bracelets.many"]);
  await expect(page.words).toHaveText(["Many bracelets in a short time"]);
  const { width, height } = (await auditor.page.locator("summary").boundingBox())!;
  expect(Math.min(width, height)).toBeGreaterThanOrEqual(44);
  await auditor.page.setViewportSize(SCREENS.phone);
  await accessible(auditor.page, "an alarm in the log, on a phone");
});
