// Pictures of what a responder sees: joining and signing in, scanning, asking, waiting, reading; and the desk that answers.

import type { Browser } from "@playwright/test";

import { withCamera } from "../support/camera.ts";
import { Member } from "../support/member.ts";
import { cut } from "../support/offline.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { JoinPage } from "../support/pages/join.ts";
import { USUAL } from "../support/pages/justify.ts";
import { PasskeysPage } from "../support/pages/passkeys.ts";
import { RecordPage } from "../support/pages/record.ts";
import { RequestPage } from "../support/pages/request.ts";
import { ScanPage } from "../support/pages/scan.ts";
import { SignInPage } from "../support/pages/sign_in.ts";
import { arrive, ask, openRecord } from "../support/path.ts";
import { shot } from "../support/shot.ts";
import { drill } from "../support/summary.ts";
import { expect, test, type People } from "../support/test.ts";

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
  // The desk asks what became of the request that it was about to deny.
  dispatcher.complaints.expectStatus(409, /\/decision$/);
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
