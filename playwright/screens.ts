// Pictures of every page and state, at three sizes, light and dark: `npm run screens` in this folder.
//
// Into docs/screens: the few that the README shows. Into the folder that HALLIGAN_SCREENS names: all of them.

import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import type { Browser, Page } from "@playwright/test";

import { Authority } from "./support/authority.ts";
import { withCamera } from "./support/camera.ts";
import { Member, SCREENS, type Screen } from "./support/member.ts";
import { cut } from "./support/offline.ts";
import { arrive, ask, opened, openRecord } from "./support/path.ts";
import { AuditPage } from "./support/pages/audit.ts";
import { DeskPage } from "./support/pages/desk.ts";
import { DrillsPage } from "./support/pages/drills.ts";
import { JoinPage } from "./support/pages/join.ts";
import { USUAL } from "./support/pages/justify.ts";
import { LockdownPage } from "./support/pages/lockdown.ts";
import { MembersPage } from "./support/pages/members.ts";
import { PasskeysPage } from "./support/pages/passkeys.ts";
import { RecordPage } from "./support/pages/record.ts";
import { RecordsPage } from "./support/pages/records.ts";
import { RequestPage } from "./support/pages/request.ts";
import { ReviewsPage } from "./support/pages/reviews.ts";
import { SignInPage } from "./support/pages/sign_in.ts";
import { drill, file, summary } from "./support/summary.ts";
import { HASTY, policies } from "./support/policies.ts";
import { Portal } from "./support/portal.ts";
import { Crowd, expect, test, type People } from "./support/test.ts";
import { ScanPage } from "./support/pages/scan.ts";

const everything = process.env["HALLIGAN_SCREENS"];
const folder = everything === undefined ? fileURLToPath(new URL("../docs/screens", import.meta.url)) : resolve(everything);

/** What the README shows, each at the size it is made for. */
const CHOSEN: Record<string, Screen> = {
  sign_in: "phone",
  scan: "phone",
  justify: "phone",
  waiting: "phone",
  record: "phone",
  record_erased: "phone",
  desk: "desk",
  records_preview: "desk",
  audit: "desk",
};

/** Takes the page as it stands; `whole` as well with everything that has to be scrolled to. */
async function shot(page: Page, name: string, whole = false): Promise<void> {
  const before = page.viewportSize() ?? SCREENS.phone;
  const chosen = CHOSEN[name];
  if (everything === undefined && chosen === undefined) return;
  const sizes = everything === undefined && chosen !== undefined ? [chosen] : (Object.keys(SCREENS) as Screen[]);
  for (const size of sizes) {
    await page.setViewportSize(SCREENS[size]);
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      const picture = (suffix: string) => ({ path: join(folder, `${name}-${size}-${scheme}${suffix}.png`), scale: "css" as const });
      await page.screenshot(picture(""));
      if (whole && everything !== undefined) await page.screenshot({ ...picture("-whole"), fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(before);
}

test.beforeAll(() => mkdir(folder, { recursive: true }));

test("joining, signing in, passkeys", async ({ browser, people, portal }) => {
  const member = await people.invited("responder");
  const join = new JoinPage(member.page);
  await member.page.goto("/join");
  await join.button.or(member.page.getByText("opens from an invitation link")).waitFor();
  await shot(member.page, "join_without_link");
  await member.page.goto(member.invitation.link);
  await join.button.waitFor();
  await shot(member.page, "join");
  await join.create();
  await member.page.getByRole("link", { name: "Scan bracelet" }).waitFor();
  await shot(member.page, "start");
  const stranger = people.add(await Member.arrive(browser, portal, member.invitation));
  stranger.complaints.expectStatus(410, /\/view/);
  await stranger.page.goto(member.invitation.link);
  await stranger.page.getByText("This invitation was used").waitFor();
  await shot(stranger.page, "join_used_link");

  const passkeys = new PasskeysPage(member.page);
  await passkeys.open();
  await shot(member.page, "passkeys_one");
  await member.changeAuthenticator();
  await passkeys.add("Security key");
  await passkeys.line("Security key").waitFor();
  await shot(member.page, "passkeys", true);
  await passkeys.line("Security key").getByRole("button", { name: "Rename" }).click();
  await shot(member.page, "passkeys_naming", true);
  await member.page.goto("/desk");
  await member.page.getByText("Your roles do not include this page.").waitFor();
  await shot(member.page, "other_roles");
  await member.page.goto("/nowhere");
  await shot(member.page, "not_found");
  await member.page.goto("/");
  await member.signOut();
  await shot(member.page, "sign_in");
  const mend = await cut(member, "/api/v1/sign-in/start");
  await new SignInPage(member.page).signIn();
  await member.page.getByText("The portal cannot be reached.").waitFor();
  await shot(member.page, "sign_in_unreachable");
  await mend();
  await new SignInPage(member.page).signInAs("?");
  await shot(member.page, "sign_in_agency_id");
  await cut(member, "/api/v1/session");
  await member.page.goto("/");
  await member.page.getByText("The portal cannot be reached.").waitFor();
  await shot(member.page, "unreachable");

  const plain = await browser.newContext({ javaScriptEnabled: false, baseURL: portal.origin });
  const shell = await plain.newPage();
  await shell.goto("/");
  await shot(shell, "shell");
  await plain.close();
});

test("scanning", async ({ browser, people, portal }) => {
  const member = await people.joined("responder");
  const scan = new ScanPage(member.page);
  await scan.open();
  await scan.typeInstead();
  await shot(member.page, "scan_typed");
  await member.page.getByLabel("Characters under the code").fill("0123-4567-89AB");
  await shot(member.page, "scan_typed_half");
  await member.page.getByRole("button", { name: "Continue" }).click();
  await shot(member.page, "scan_typed_fault");
  await member.page.goto("/s#nothing");
  await member.page.getByText("That link is not a Halligan bracelet.").waitFor();
  await shot(member.page, "scan_refused_link");
  const look = async (name: string, browser: Browser, people: People) => {
    const responder = people.add(await Member.arrive(browser, portal, await portal.invite("responder")));
    await responder.join();
    await responder.page.getByRole("link", { name: "Scan bracelet" }).click();
    await expect(responder.page.getByRole("heading", { level: 1 })).not.toHaveText("Start");
    return { responder, take: () => shot(responder.page, name) };
  };
  for (const [name, sight] of [
    ["scan_denied", "denied"],
    ["scan_no_camera", "none"],
  ] as const) {
    await withCamera(sight, async (browser) => {
      const { responder, take } = await look(name, browser, people);
      await responder.page.getByRole("alert").filter({ hasText: /camera/i }).waitFor();
      await take();
    });
  }
  await withCamera({ payload: "https://example.invalid/menu" }, async (browser) => {
    const { responder, take } = await look("scan", browser, people);
    await responder.page.getByText(/Hold the code|not a Halligan bracelet/).waitFor();
    await take();
    await responder.page.getByText("This is not a Halligan bracelet.").waitFor();
    await shot(responder.page, "scan_foreign_code");
  });
  void browser;
});

test("asking, waiting, deciding, reading", async ({ people, portal }) => {
  const dispatcher = await people.joined("dispatcher");
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await shot(dispatcher.page, "desk_empty");
  const responder = await people.joined("responder");
  const form = await arrive(responder);
  await shot(responder.page, "justify", true);
  await form.ask.click();
  await shot(responder.page, "justify_faults", true);
  await form.fill({ ...USUAL, text: "Found alone in the stairwell, does not answer, insulin pen in the pocket" });
  const mend = await cut(responder, "/api/v1/requests/prepare");
  await form.ask.click();
  await responder.page.getByText("The portal cannot be reached.").waitFor();
  await shot(responder.page, "justify_unreachable", true);
  await mend();
  await form.ask.click();
  const request = new RequestPage(responder.page);
  await request.title("Waiting for dispatch").waitFor();
  await shot(responder.page, "waiting");

  const others = [await people.joined("responder"), await people.joined("responder")];
  const [second, third] = others as [Member, Member];
  await ask(second, { ...USUAL, severity: "Urgent", incident: "2026-1130" });
  await ask(third, { ...USUAL, severity: "Other", reason: "Other reason", incident: "2026-1131", text: "Relatives ask what he takes, nobody knows" });
  await desk.card(third.name).waitFor();
  await shot(dispatcher.page, "desk_waiting", true);
  await desk.card(second.name).getByRole("button", { name: "Deny", exact: true }).click();
  await shot(dispatcher.page, "desk_denying", true);
  await desk.deny(third.name, "Call the ward: he is there already");
  await new RequestPage(third.page).title("Denied").waitFor();
  await shot(third.page, "denied");
  await new RequestPage(second.page).cancel.click();
  await new RequestPage(second.page).title("Cancelled").waitFor();
  await shot(second.page, "cancelled");
  await ask(second, { ...USUAL, severity: "Urgent", incident: "2026-1132" });
  await second.page.getByRole("link", { name: "Halligan" }).click();
  await second.page.getByRole("heading", { name: "Your open requests" }).waitFor();
  await shot(second.page, "start_with_request");

  await desk.approve(responder.name);
  const record = new RecordPage(responder.page);
  await record.sheet.waitFor();
  await desk.live(responder.name).waitFor();
  await expect(dispatcher.page.getByRole("button", { name: "Approve" }).first(), "settled").toBeEnabled();
  await shot(dispatcher.page, "desk", true);
  await shot(responder.page, "record", true);
  await record.show("Pacemaker card").click();
  await record.sheet.getByRole("img", { name: "Pacemaker card" }).waitFor();
  await record.show("ECG").click();
  await record.section("Attachments").scrollIntoViewIfNeeded();
  await shot(responder.page, "record_attachments");
  await responder.page.reload();
  await request.openAgain.waitFor();
  await shot(responder.page, "record_open_again");
  await request.openAgain.click();
  await record.done.click();
  await record.erased.waitFor();
  await shot(responder.page, "record_erased");
  await responder.page.reload();
  await request.title("Record closed").waitFor();
  await shot(responder.page, "record_closed");

  for (const patient of ["bertil", "chidi"]) {
    const reader = await people.joined("responder");
    const bracelet = await portal.enrol(JSON.parse(drill(`${patient}-drillmann.json`).buffer.toString("utf8")));
    const open = await openRecord(reader, dispatcher, USUAL, bracelet);
    await shot(reader.page, `record_${patient}`, true);
    await open.done.click();
  }
});

test("records, audit, members", async ({ people }) => {
  const registrar = await people.joined("registrar");
  const records = new RecordsPage(registrar.page);
  await records.open();
  await shot(registrar.page, "records");
  await records.newRecord.click();
  await shot(registrar.page, "records_new");
  await records.summary.setInputFiles(file("search.json", { ...summary(), type: "searchset" }));
  await registrar.page.getByText("The Bundle is a searchset").waitFor();
  await records.seal.click();
  await shot(registrar.page, "records_faults", true);
  await records.summary.setInputFiles(drill("anna-drillmann.json"));
  await records.attachments.setInputFiles([drill("ecg.pdf"), drill("pacemaker-card.png")]);
  await records.titleOf("pacemaker-card.png").waitFor();
  await records.fileNumber.fill("F-100");
  await records.drill.check();
  await shot(registrar.page, "records_preview", true);
  await records.seal.click();
  await records.codes.first().waitFor();
  await shot(registrar.page, "records_bracelet", true);
  await records.done.click();
  await shot(registrar.page, "records_unprinted");
  await records.doneAllTheSame.click();
  await records.line("F-100").getByRole("button", { name: "Replace bracelet" }).click();
  await shot(registrar.page, "records_replacing");

  const auditor = await people.joined("auditor");
  const audit = new AuditPage(auditor.page);
  await audit.open();
  await shot(auditor.page, "audit", true);
  await auditor.page.locator("summary").first().click();
  await shot(auditor.page, "audit_facts");
  await audit.filter({ kind: "Missing wipe receipts", agencyId: auditor.agencyId });
  await auditor.page.getByText("No event fits this filter.").waitFor();
  await shot(auditor.page, "audit_nothing");
});

test("members", async ({ people }) => {
  const [admin, other, lost] = [await people.joined("admin"), await people.joined("admin"), await people.joined(["responder", "dispatcher"])];
  const [members, theirs] = [new MembersPage(admin.page), new MembersPage(other.page)];
  await members.open();
  await shot(admin.page, "members", true);
  await admin.page.getByRole("button", { name: "Invite" }).click();
  await shot(admin.page, "members_faults", true);
  await members.post({ Crew: "M12-A", Unit: "M12", Station: "4", Shift: "B", Supervisor: other.agencyId });
  await members.invite("EMS-4711", "Testina Probe", "Responder");
  await members.code.waitFor();
  await shot(admin.page, "members_invited", true);
  await admin.page.getByRole("button", { name: "Done" }).click();
  await members.invited("EMS-4711").waitFor();
  let row = await members.edit(lost.agencyId);
  await members.post({ Crew: "M14-B", Unit: "M14", Station: "Station 4", Shift: "Night", Supervisor: other.agencyId }, row);
  await row.getByRole("button", { name: "Save" }).click();
  await row.waitFor({ state: "detached" });
  row = await members.edit(lost.agencyId);
  await shot(admin.page, "members_edit", true);
  await row.getByLabel("Why? The other admin and the member read it.").fill("The security key fell into the river");
  await row.getByRole("button", { name: "Propose new passkeys" }).click();
  await members.replacing(lost.agencyId).waitFor();
  await shot(admin.page, "members_proposed", true);
  await theirs.open();
  await shot(other.page, "members_to_confirm", true);
  await theirs.replacing(lost.agencyId).getByRole("button", { name: "Confirm" }).click();
  await expect(theirs.replacing(lost.agencyId)).toContainText("The member can object for");
  await shot(other.page, "members_waiting", true);
  await lost.page.goto("/");
  await lost.page.getByRole("button", { name: "Stop it" }).waitFor();
  await shot(lost.page, "start_passkeys_replaced");
});

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
  await desk.bulk("2026-1200").getByRole("button", { name: "Decide them together" }).click();
  await desk.bulk("2026-1200").getByRole("checkbox").last().uncheck();
  await shot(first.page, "desk_bulk", true);
});

test("a lockdown", async ({ people }) => {
  const [one, other] = [await people.joined("admin"), await people.joined("admin")];
  const { responder, dispatcher } = await opened(people);
  const [first, second] = [new LockdownPage(one.page), new LockdownPage(other.page)];
  await first.open();
  await second.open();
  await shot(one.page, "lockdown_none");
  await one.page.getByRole("button", { name: "Propose lockdown" }).click();
  await shot(one.page, "lockdown_faults");
  await first.propose("Credentials of the backend were seen elsewhere");
  await expect(first.proposal).toBeVisible();
  await shot(one.page, "lockdown_proposed");
  await expect(second.proposal).toBeVisible();
  await shot(other.page, "lockdown_to_confirm");
  await second.proposal.getByRole("button", { name: "Lock down now" }).click();
  await expect(second.standing).toContainText("The key service");
  await shot(other.page, "lockdown", true);
  await expect(responder.page.getByText("The portal was locked down, and every record closed.")).toBeVisible();
  await shot(responder.page, "record_locked_down");
  await shot(dispatcher.page, "desk_locked_down");
  await responder.page.goto("/");
  await expect(responder.page.getByText("Locked down. No record opens until two admins lift it.")).toBeVisible();
  await shot(responder.page, "start_locked_down");
  await first.propose("The credentials were replaced");
  await second.proposal.getByRole("button", { name: "Lift now" }).click();
  await expect(second.standing).toContainText("Not locked down.");
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

test("reviews", async ({ browser }) => {
  const settings = { HALLIGAN_POLICIES: await policies(HASTY), HALLIGAN_REVIEW_DUE: "15" };
  const portal = await Portal.start({}, settings);
  const crowd = new Crowd(browser, portal);
  const [responder, officer, admin] = [await crowd.joined("responder"), await crowd.joined("privacy_officer"), await crowd.joined("admin")];
  const reviews = new ReviewsPage(officer.page);
  await reviews.open();
  await officer.page.getByText("Nothing waits for a review.").waitFor();
  await shot(officer.page, "reviews_none");
  for (let times = 0; times < 2; times += 1) {
    await ask(responder, USUAL);
    await responder.page.getByRole("button", { name: "Open it alone…" }).click();
    if (times === 0) await shot(responder.page, "alone_reviewed", true);
    await responder.page.getByRole("button", { name: "Sign this and open" }).click();
    const record = new RecordPage(responder.page);
    await record.sheet.waitFor();
    await record.done.click();
    await record.erased.waitFor();
  }
  await reviews.open();
  await reviews.line(responder.name).first().click();
  await reviews.sign.click();
  await shot(officer.page, "review", true);
  await reviews.close("Not justified", "no");
  await shot(officer.page, "review_without_a_reason", true);
  await reviews.close("Not justified", "There was no such incident that night");
  await officer.page.getByText("The review is closed.").waitFor();
  await shot(officer.page, "review_closed", true);
  await expect(async () => {
    await reviews.open();
    await expect(officer.page.getByText("Overdue", { exact: true })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 40_000 });
  await shot(officer.page, "reviews", true);
  await officer.page.goto("/");
  await shot(officer.page, "start_privacy_officer");
  await admin.page.goto("/");
  await admin.page.getByText(/Reviews overdue/).waitFor();
  await shot(admin.page, "start_overdue");
  await crowd.leave();
  await portal.end();
});
