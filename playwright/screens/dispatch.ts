// Pictures of an emergency that is more than one request: other doors, a drill, many at once, a key service that fails.

import { Authority } from "../support/authority.ts";
import { tellHere } from "../support/device.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { DrillsPage } from "../support/pages/drills.ts";
import { USUAL } from "../support/pages/justify.ts";
import { RecordPage } from "../support/pages/record.ts";
import { ask, openRecord } from "../support/path.ts";
import { policies } from "../support/policies.ts";
import { Portal } from "../support/portal.ts";
import { shot } from "../support/shot.ts";
import { Crowd, expect, test } from "../support/test.ts";

test("the doors", async ({ browser }) => {
  const portal = await Portal.start({}, { HALLIGAN_POLICIES: await policies({ '@wait("45")': '@wait("8")', '@decisions("1")': '@decisions("2")' }) });
  const crowd = new Crowd(browser, portal);
  const [one, two, first, second] = [
    await crowd.joined("responder"),
    await crowd.joined("responder"),
    await crowd.joined("dispatcher"),
    await crowd.joined("dispatcher"),
  ];
  const [desk, other] = [new DeskPage(first.page), new DeskPage(second.page)];
  await desk.open();
  await other.open();
  await ask(one);
  await shot(one.page, "waiting_for_two", true);
  await desk.approve(one.name);
  await expect(desk.card(one.name)).toContainText("Yours is given");
  await shot(first.page, "desk_given", true);
  await one.page.getByRole("button", { name: "Open it alone…" }).waitFor();
  await shot(one.page, "alone_offered", true);
  await one.page.getByRole("button", { name: "Open it alone…" }).click();
  await shot(one.page, "alone_words", true);
  await one.page.getByRole("button", { name: "Sign this and open" }).click();
  await new RecordPage(one.page).sheet.waitFor();
  await ask(two);
  await two.page.goto("/");
  await desk.approve(two.name);
  await other.approve(two.name);
  await expect(first.page.getByText("Lapses in")).toBeVisible();
  await first.page.keyboard.press("?");
  await shot(first.page, "desk_doors", true);
  await crowd.leave();
  await portal.end();
});

test("a drill, and notices of it", async ({ people }) => {
  const [admin, responder, dispatcher] = [await people.joined("admin"), await people.joined("responder"), await people.joined("dispatcher")];
  const drills = new DrillsPage(admin.page);
  await drills.open();
  await shot(admin.page, "drills_begin", true);
  await drills.begin("Night drill", responder.name, dispatcher.name);
  await shot(admin.page, "drills", true);
  await responder.page.goto("/");
  await responder.page.getByText("Night drill").waitFor();
  await shot(responder.page, "start_in_drill");
  await openRecord(responder, dispatcher);
  await shot(dispatcher.page, "desk_in_drill");
  await admin.page.getByRole("link", { name: /Night drill/ }).click();
  await drills.row(responder.name).waitFor();
  await shot(admin.page, "drills_report", true);
  await dispatcher.page.goto("/notices");
  await dispatcher.page.getByRole("heading", { name: /^Unread/ }).waitFor();
  await shot(dispatcher.page, "notices");
  await dispatcher.page.goto("/passkeys");
  await dispatcher.page.getByRole("heading", { name: "Notices on your devices" }).waitFor();
  await shot(dispatcher.page, "passkeys_devices", true);
  await tellHere(dispatcher.page);
  await dispatcher.page.getByRole("button", { name: "Remove" }).click();
  await shot(dispatcher.page, "passkeys_device_removing", true);
});

test("a busy minute", async ({ people }) => {
  const responders = await Promise.all(Array.from({ length: 10 }, () => people.joined("responder")));
  const [first, second] = [await people.joined("dispatcher"), await people.joined("dispatcher")];
  const [desk, other] = [new DeskPage(first.page), new DeskPage(second.page)];
  await desk.open();
  await other.open();
  for (const [place, responder] of responders.entries()) {
    const ofBus = { ...USUAL, incident: "2026-1200", text: "Bus on its side, patient does not answer" };
    const others = { ...USUAL, severity: "Urgent", incident: `2026-12${10 + place}`, text: "" } as const;
    await ask(responder, place < 6 ? ofBus : others);
  }
  await desk.card(responders[9]!.name).waitFor();
  await other.card(responders[7]!.name).getByRole("button", { name: "Deny", exact: true }).click();
  await expect(desk.card(responders[7]!.name)).toContainText("is about to decide this");
  await shot(first.page, "desk_busy", true);
  await expect(desk.card(responders[0]!.name).getByRole("button", { name: "Approve" }), "settled").toBeEnabled();
  await first.page.keyboard.press("j");
  await first.page.keyboard.press("a");
  await expect(desk.card(responders[1]!.name).getByRole("button", { name: "Approve" })).toBeFocused();
  await expect(desk.card(responders[0]!.name)).toHaveCount(0);
  await shot(first.page, "desk_next", true);
  await desk.bulk("2026-1200").getByRole("button", { name: "Decide them together" }).click();
  await desk.bulk("2026-1200").getByRole("checkbox").last().uncheck();
  await shot(first.page, "desk_bulk", true);
  await desk.bulk("2026-1200").getByRole("button", { name: "Approve 4 requests" }).click();
  await expect(first.page.getByText("approved 4 requests.")).toBeVisible();
  await expect(first.page.getByRole("group", { name: "What came of it" })).toBeFocused();
  await shot(first.page, "desk_said");
});

test("before the emergency", async ({ browser }) => {
  const authority = await Authority.start();
  const portal = await Portal.start({}, authority.settings);
  const crowd = new Crowd(browser, portal);
  try {
    const admin = await crowd.joined("admin");
    await shot(admin.page, "start_admin");
    await admin.page.goto("/doctor");
    await expect(admin.page.getByText("All of it would work.")).toBeVisible({ timeout: 20_000 });
    await shot(admin.page, "doctor", true);
    await authority.cut();
    await admin.page.getByRole("button", { name: "Look again" }).click();
    await expect(admin.page.getByRole("alert").filter({ hasText: "Would fail: 1." })).toBeVisible({ timeout: 20_000 });
    await shot(admin.page, "doctor_fails", true);
    const [responder, dispatcher] = [await crowd.joined("responder"), await crowd.joined("dispatcher")];
    responder.complaints.expectStatus(503, /\/release/);
    const desk = new DeskPage(dispatcher.page);
    await desk.open();
    await ask(responder);
    await desk.approve(responder.name);
    await expect(responder.page.getByRole("alert").filter({ hasText: "The key service" })).toBeVisible();
    await shot(responder.page, "waiting_without_keys");
    await shot(dispatcher.page, "desk_without_keys");
  } finally {
    await crowd.leave();
    await portal.end();
    await authority.end();
  }
});
