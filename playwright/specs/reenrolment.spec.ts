// A member lost every passkey: two admins agree, the member can object, and a new passkey takes the place of all.

import { accessible } from "../support/axe.ts";
import { Member, SCREENS } from "../support/member.ts";
import { MembersPage } from "../support/pages/members.ts";
import { expect, test, type People } from "../support/test.ts";

/** Seconds that the member has to object. */
const DELAY = 10;

test.use({ limits: { reenrolment_delay: DELAY } });

/** One admin proposes it, another confirms it. */
async function agreed(people: People, member: Member): Promise<{ one: Member; other: Member; first: MembersPage; second: MembersPage }> {
  const [one, other] = [await people.joined("admin"), await people.joined("admin")];
  const [first, second] = [new MembersPage(one.page), new MembersPage(other.page)];
  await first.open();
  const row = await first.edit(member.agencyId);
  await row.getByRole("button", { name: "Propose new passkeys" }).click();
  await expect(row.getByText("Say why: the other admin and the member read it")).toBeVisible();
  await row.getByLabel("Why? The other admin and the member read it.").fill("The security key fell into the river");
  await row.getByRole("button", { name: "Propose new passkeys" }).click();
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
