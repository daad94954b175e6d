// A member lost every passkey: two admins agree, the member can object, and a new passkey takes the place of all.

import type { Locator } from "@playwright/test";

import { accessible } from "../support/axe.ts";
import { another, hasSigned, liesAbout, signsNothing } from "../support/hostile.ts";
import { Member, SCREENS } from "../support/member.ts";
import { MembersPage } from "../support/pages/members.ts";
import { expect, test, type People } from "../support/test.ts";

/** Seconds that the member has to object. */
const DELAY = 10;

test.use({ limits: { reenrolment_delay: DELAY } });

/** In the line of a member that stands open. */
async function propose(row: Locator): Promise<void> {
  await row.getByLabel("Why? The other admin and the member read it.").fill("The security key fell into the river");
  await row.getByRole("button", { name: "Propose new passkeys" }).click();
}

/** One admin proposes it, another confirms it. */
async function agreed(people: People, member: Member): Promise<{ one: Member; other: Member; first: MembersPage; second: MembersPage }> {
  const [one, other] = [await people.joined("admin"), await people.joined("admin")];
  const [first, second] = [new MembersPage(one.page), new MembersPage(other.page)];
  await first.open();
  const row = await first.edit(member.agencyId);
  await row.getByRole("button", { name: "Propose new passkeys" }).click();
  await expect(row.getByText("Say why: the other admin and the member read it")).toBeVisible();
  await propose(row);
  const own = first.replacing(member.agencyId);
  await expect(own).toContainText("Another admin has to confirm it");
  await expect(own.getByRole("button", { name: "Confirm" })).toHaveCount(0);
  await accessible(one.page, "a proposal of one's own");
  await second.open();
  const card = second.replacing(member.agencyId);
  await expect(card).toContainText("The security key fell into the river");
  await accessible(other.page, "a proposal to confirm");
  await card.getByRole("button", { name: "Confirm" }).click();
  await expect(card).toContainText("The member can object for");
  return { one, other, first, second };
}

test("a new passkey takes the place of all once the member had time to object", async ({ browser, people, portal }) => {
  // Five people and the delay.
  test.slow();
  const member = await people.joined("responder");
  member.complaints.expectStatus(401, /\/api\/v1\//);
  const { other, second } = await agreed(people, member);
  const card = second.replacing(member.agencyId);
  await expect(card.getByRole("button", { name: "Show the link" })).toBeVisible({ timeout: (DELAY + 10) * 1_000 });
  await card.getByRole("button", { name: "Show the link" }).click();
  const link = await second.link.innerText();
  await other.page.setViewportSize(SCREENS.phone);
  await accessible(other.page, "the link for a new passkey");

  const anew = people.add(await Member.arrive(browser, portal, { ...member.invitation, link }));
  await anew.page.goto(link);
  await expect(anew.page.getByText("You get a new passkey as:")).toBeVisible();
  await expect(anew.page.getByText("every passkey that you had stops working")).toBeVisible();
  await accessible(anew.page, "the offer of a new passkey");
  await anew.join();
  await member.page.goto("/");
  await member.page.getByRole("button", { name: "Sign in with passkey" }).click();
  await expect(member.page.getByText("That did not sign you in.")).toBeVisible();
  await anew.page.goto("/passkeys");
  await expect(anew.page.getByRole("listitem")).toHaveCount(1);
});

test("the member is told on every page, and stops it with one press", async ({ people }) => {
  const member = await people.joined("dispatcher");
  const { other, second } = await agreed(people, member);
  for (const path of ["/", "/desk", "/passkeys"]) {
    await member.page.goto(path);
    const notice = member.page.getByRole("alert").filter({ hasText: "Somebody began to replace your passkeys." });
    await expect(notice).toContainText("The security key fell into the river");
    await accessible(member.page, `the notice at ${path}`);
  }
  await member.page.getByRole("button", { name: "Stop it" }).click();
  await expect(member.page.getByText("Stopped. Your passkeys stay as they are.")).toBeVisible();
  await expect(member.page.getByRole("button", { name: "Stop it" })).toHaveCount(0);
  await other.page.reload();
  await expect(second.line(member.agencyId)).toBeVisible();
  await expect(second.replacing(member.agencyId)).toHaveCount(0);
});

test("a portal that has other passkeys replaced than those that the proposer means gets no signature", async ({ people }) => {
  const [member, admin] = [await people.joined("responder"), await people.joined("admin")];
  const page = new MembersPage(admin.page);
  const lies: Record<string, (said: unknown) => unknown> = {
    subject: another,
    subject_agency_id: () => admin.agencyId,
    reason: () => "Somebody wanted it so",
  };
  for (const [name, lie] of Object.entries(lies)) {
    await test.step(name, async () => {
      await hasSigned(admin.page, /\/reenrolment\/prepare$/, ({ statement }) => {
        statement[name] = lie(statement[name]);
      });
      await page.open();
      const row = await page.edit(member.agencyId);
      await signsNothing(admin, () => propose(row));
      await admin.page.unrouteAll();
    });
  }
  await page.open();
  await expect(page.replacing(member.agencyId)).toHaveCount(0);
});

test("a portal that has other passkeys replaced than those that the page shows gets no confirmation", async ({ people }) => {
  test.slow();
  const [member, one, other] = [await people.joined("responder"), await people.joined("admin"), await people.joined("admin")];
  const [first, second] = [new MembersPage(one.page), new MembersPage(other.page)];
  await first.open();
  await propose(await first.edit(member.agencyId));
  await expect(first.replacing(member.agencyId)).toBeVisible();
  const confirm = second.replacing(member.agencyId).getByRole("button", { name: "Confirm" });
  const lies: Record<string, (said: unknown) => unknown> = {
    reenrolment: another,
    subject: another,
    reason: () => "Somebody wanted it so",
    delay: () => 1,
  };
  for (const [name, lie] of Object.entries(lies)) {
    await test.step(name, async () => {
      await hasSigned(other.page, /\/confirmation\/prepare$/, ({ statement }) => {
        statement[name] = lie(statement[name]);
      });
      await second.open();
      await signsNothing(other, () => confirm.click());
      await other.page.unrouteAll();
    });
  }
  // A statement about one member, shown as about another, or as another admin's.
  interface Line {
    subject: { id: string };
    by: { id: string };
  }
  for (const name of ["subject", "by"] as const) {
    await test.step(`shown as ${name} somebody else`, async () => {
      await liesAbout<Line[]>(other.page, /\/api\/v1\/reenrolments$/, (lines) => {
        for (const line of lines) line[name].id = another(line[name].id);
      });
      await second.open();
      await expect(second.replacing(member.agencyId)).toContainText("The portal shows other people here than the statement names.");
      await expect(confirm).toHaveCount(0);
      await other.page.unrouteAll();
    });
  }
  await second.open();
  await confirm.click();
  await expect(second.replacing(member.agencyId)).toContainText("The member can object for");
});
