// Joining by invitation: every role, once, knowing beforehand as whom.

import { accessible } from "../support/axe.ts";
import { cut } from "../support/offline.ts";
import { Member } from "../support/member.ts";
import { JoinPage } from "../support/pages/join.ts";
import { ROLES } from "../support/portal.ts";
import { expect, test } from "../support/test.ts";

/** Where each role finds itself after joining. */
const WAYS = {
  responder: { role: "link", name: "Scan bracelet" },
  dispatcher: { role: "link", name: "Requests" },
  registrar: { role: "link", name: "Records" },
  auditor: { role: "link", name: "Audit log" },
  admin: { role: "link", name: "Members" },
  privacy_officer: { role: "link", name: "Reviews" },
} as const;

for (const role of ROLES) {
  test(`a ${role} joins with the link that the first start prints`, async ({ browser, people, portal }) => {
    const link = portal.links.get(role) ?? "";
    const named = role.replace("_", " ");
    const invitation = { link, name: `Drill ${named}`, agencyId: `DRILL-${role.toUpperCase()}`, roles: [role] };
    const member = people.add(await Member.arrive(browser, portal, invitation, { screen: role === "responder" ? "phone" : "desk" }));
    const page = new JoinPage(member.page);

    await member.page.goto(link);
    await expect(page.fact("Name")).toHaveText(`Drill ${named}`);
    await expect(page.fact("Agency")).toHaveText("Drill County EMS");
    await expect(page.fact("Agency ID")).toHaveText(invitation.agencyId);
    await expect(page.fact("Roles")).toHaveText(named);
    expect(member.page.url(), "the token has left the address").toBe(`${portal.origin}/join`);
    await accessible(member.page, "an invitation");

    await page.create();
    const way = WAYS[role];
    await expect(member.page.getByRole(way.role, { name: way.name })).toBeVisible();
    await expect(member.page.getByText(`Drill ${named} · ${invitation.agencyId}`)).toBeVisible();
    await accessible(member.page, `the start page of a ${role}`);
  });
}

test("somebody with several roles is told all of them", async ({ people }) => {
  const member = await people.invited(["responder", "registrar"]);
  const page = new JoinPage(member.page);
  await member.page.goto(member.invitation.link);
  await expect(page.fact("Roles")).toHaveText("responder, registrar");
  await page.passkeyName.fill("Blue phone");
  await page.create();
  await expect(member.page.getByRole("link", { name: "Records" })).toBeVisible();
  await expect(member.page.getByRole("link", { name: "Scan bracelet" })).toBeVisible();
});

test("a used link is refused in a sentence", async ({ browser, people, portal }) => {
  const member = await people.joined("responder");
  const stranger = people.add(await Member.arrive(browser, portal, member.invitation));
  stranger.complaints.expectStatus(410, /\/invitations\/view/);
  await stranger.page.goto(member.invitation.link);
  await expect(stranger.page.getByText(/This invitation was used .* Ask an admin for a new one\./)).toBeVisible();
  await accessible(stranger.page, "a used invitation");
});

test("without a link the page says where it comes from", async ({ people }) => {
  const stranger = await people.invited("responder");
  await stranger.page.goto("/join");
  await expect(stranger.page.getByText("This page opens from an invitation link.")).toBeVisible();
  await accessible(stranger.page, "joining without an invitation");
});

test("a link is taken by the tab that shows the page already, and another one after it", async ({ people }) => {
  const [first, second] = [await people.invited("responder"), await people.invited("auditor")];
  const page = new JoinPage(first.page);
  await first.page.goto("/join");
  await expect(first.page.getByText("This page opens from an invitation link.")).toBeVisible();
  for (const { invitation } of [first, second]) {
    await first.page.goto(invitation.link);
    await expect(page.fact("Name")).toHaveText(invitation.name);
  }
});

test("an authenticator that does not verify its user makes no passkey, and the invitation stays good", async ({ people }) => {
  const member = await people.invited("responder");
  const page = new JoinPage(member.page);
  await member.page.goto(member.invitation.link);
  await member.verifies(false);
  await page.create();
  await expect(member.page.getByRole("alert").filter({ hasText: /passkey|device/ })).toBeVisible();
  await member.verifies(true);
  await page.create();
  await expect(member.signOutButton).toBeVisible();
});

test("a lost connection costs nothing at any step of joining", async ({ people }) => {
  const member = await people.invited("responder");
  const page = new JoinPage(member.page);
  const unreachable = member.page.getByText("The portal cannot be reached.");

  let mend = await cut(member, "/api/v1/invitations/view");
  await member.page.goto(member.invitation.link);
  await expect(unreachable).toBeVisible();
  await mend();
  await member.page.getByRole("button", { name: "Try again" }).click();

  for (const step of ["start", "finish"]) {
    mend = await cut(member, `/api/v1/invitations/${step}`);
    await page.passkeyName.fill("Yellow phone");
    await page.create();
    await expect(unreachable).toBeVisible();
    await expect(page.passkeyName).toHaveValue("Yellow phone");
    await mend();
    // The passkey that was made for the lost call stays behind in the authenticator.
    await member.changeAuthenticator();
  }
  await page.create();
  await expect(member.signOutButton).toBeVisible();
});
