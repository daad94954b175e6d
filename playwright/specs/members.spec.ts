// The admin invites somebody, who joins.

import { accessible } from "../support/axe.ts";
import { Member, SCREENS } from "../support/member.ts";
import { cut } from "../support/offline.ts";
import { MembersPage } from "../support/pages/members.ts";
import { expect, test } from "../support/test.ts";

test("an admin invites a member with two roles, who joins with the link", async ({ browser, people, portal }) => {
  const admin = await people.joined("admin");
  const page = new MembersPage(admin.page);
  await page.open();
  await expect(page.line(admin.agencyId)).toContainText(admin.name);
  await accessible(admin.page, "members");

  await admin.page.getByRole("button", { name: "Invite" }).click();
  await expect(admin.page.getByText("An agency ID has 2 to 64 letters")).toBeVisible();
  await expect(admin.page.getByText("Enter a name of at most 80 characters.")).toBeVisible();
  await expect(admin.page.getByText("Choose at least one role.")).toBeVisible();
  await accessible(admin.page, "an invitation with every fault");
  await expect(admin.page.getByLabel("Agency ID")).toBeFocused();
  await page.invite("EMS-1", "");
  await expect(admin.page.getByLabel("Name", { exact: true })).toBeFocused();
  await page.invite("EMS-1", "Testina Probe");
  await expect(admin.page.getByRole("checkbox").first()).toBeFocused();

  const agencyId = `EMS-${admin.agencyId}`;
  const mend = await cut(admin, "/api/v1/invitations");
  await page.invite(agencyId, "Testina Probe", "Dispatcher", "Auditor");
  await expect(admin.page.getByText("The portal cannot be reached.")).toBeVisible();
  await expect(admin.page.getByLabel("Name", { exact: true })).toHaveValue("Testina Probe");
  await mend();
  await admin.page.getByRole("button", { name: "Invite" }).click();
  await expect(page.code).toBeVisible();
  await accessible(admin.page, "an invitation to hand over");
  const link = await page.link.innerText();
  expect(link).toMatch(new RegExp(`^${portal.origin}/join#\\S{20,}$`));

  const invitation = { link, name: "Testina Probe", agencyId, roles: ["dispatcher" as const, "auditor" as const] };
  const invited = people.add(await Member.arrive(browser, portal, invitation, { screen: "desk" }));
  await invited.join();
  await expect(invited.page.getByRole("link", { name: "Requests" })).toBeVisible();
  await expect(invited.page.getByRole("link", { name: "Audit log" })).toBeVisible();

  await admin.page.getByRole("button", { name: "Done" }).click();
  await expect(page.line(agencyId)).toContainText("dispatcher, auditor");
  admin.complaints.expectStatus(409, /\/invitations/);
  await page.invite(agencyId.toLowerCase(), "Testina Probe", "Dispatcher");
  await expect(admin.page.getByText("A member with this agency ID exists already.")).toBeVisible();
});

for (const [screen, size] of Object.entries(SCREENS)) {
  test(`on a ${screen} one sees whom a question is about, and both of its answers`, async ({ people }) => {
    const [admin, member] = [await people.joined("admin", { screen: "desk" }), await people.joined(["responder", "dispatcher"])];
    await admin.page.setViewportSize(size);
    const page = new MembersPage(admin.page);
    await page.open();
    const line = page.line(member.agencyId);
    for (const label of ["Sign out everywhere", "Keep out"]) {
      const button = line.getByRole("button", { name: label });
      await button.scrollIntoViewIfNeeded();
      for (const part of [line.getByRole("rowheader"), line.getByText(member.name), button]) await expect(part).toBeInViewport({ ratio: 1 });
      await button.click();
      const question = line.getByRole("alert");
      await expect(question).toContainText(member.name);
      const answers = line.getByRole("group").filter({ has: admin.page.getByRole("alert") }).getByRole("button");
      await expect(answers).toHaveCount(2);
      for (const part of [line.getByRole("rowheader"), question, answers.first(), answers.last()]) await expect(part).toBeInViewport({ ratio: 1 });
      await accessible(admin.page, `${label}, on a ${screen}`);
      await answers.last().click();
    }
  });
}

test("each act says what became of it, and the focus stays with the member", async ({ people }) => {
  const [admin, member] = [await people.joined("admin"), await people.joined("responder")];
  member.complaints.expectStatus(401, /\/api\/v1\//);
  const page = new MembersPage(admin.page);
  await page.open();
  const line = page.line(member.agencyId);
  const here = line.getByRole("rowheader");
  const said = (words: string) => admin.page.getByRole("status").filter({ hasText: words });
  await line.getByRole("button", { name: "Sign out everywhere" }).click();
  await line.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(said(`${member.name} is signed out on every device.`)).toBeInViewport();
  await expect(line.getByRole("button", { name: "Sign out everywhere" })).toHaveCount(0);
  await expect(here).toBeFocused();
  await line.getByRole("button", { name: "Keep out" }).click();
  await line.getByRole("button", { name: "Keep out", exact: true }).click();
  await expect(said(`${member.name} is kept out.`)).toBeInViewport();
  await expect(line.getByRole("button", { name: "Let in again" })).toBeVisible();
  await expect(here).toBeFocused();
  await accessible(admin.page, "a member who is kept out");
  await line.getByRole("button", { name: "Let in again" }).click();
  await expect(said(`${member.name} is let in again.`)).toBeInViewport();
  await expect(line.getByRole("button", { name: "Keep out" })).toBeVisible();
  await expect(here).toBeFocused();

  const mend = await cut(admin, /\/suspend$/);
  await line.getByRole("button", { name: "Keep out" }).click();
  await line.getByRole("button", { name: "Keep out", exact: true }).click();
  const unreachable = admin.page.getByRole("alert").filter({ hasText: `${member.name}: The portal cannot be reached.` });
  await expect(unreachable).toBeInViewport();
  await mend();
  await page.invite(`EMS-${member.agencyId}`, "Testina Probe", "Auditor");
  await admin.page.getByRole("button", { name: "Done" }).click();
  await expect(unreachable, "the portal is heard again").toHaveCount(0);
});

test("what an admin types while an act is under way is typed to its end", async ({ people }) => {
  const [admin, member] = [await people.joined("admin"), await people.joined("responder")];
  member.complaints.expectStatus(401, /\/api\/v1\//);
  const page = new MembersPage(admin.page);
  await page.open();
  const line = page.line(member.agencyId);
  let send = () => {};
  const held = new Promise<void>((done) => (send = done));
  await admin.page.route(/\/suspend$/, async (route) => {
    await held;
    await route.continue();
  });
  const asked = admin.page.waitForRequest(/\/suspend$/);
  await line.getByRole("button", { name: "Keep out" }).click();
  await line.getByRole("button", { name: "Keep out", exact: true }).click();
  await asked;
  const name = admin.page.getByLabel("Name", { exact: true });
  await name.pressSequentially("Testina ");
  send();
  await expect(line.getByRole("button", { name: "Let in again" })).toBeVisible();
  await admin.page.keyboard.type("Probe");
  await expect(name).toHaveValue("Testina Probe");
});

test("an invitation says where somebody will work, is seen by admins, and is taken back", async ({ browser, people, portal }) => {
  const [admin, supervisor] = [await people.joined("admin"), await people.joined("dispatcher")];
  const page = new MembersPage(admin.page);
  await page.open();
  const agencyId = `EMS-${admin.agencyId}`;
  await page.post({ Unit: "-", Supervisor: "NOBODY-1" });
  await page.invite(agencyId, "Testina Probe", "Responder");
  await expect(admin.page.getByText("Crews, units, stations and shifts are named with")).toBeVisible();
  await expect(admin.page.getByText("No member has this agency ID.")).toBeVisible();
  await expect(admin.page.getByLabel("Unit", { exact: true })).toBeFocused();
  await accessible(admin.page, "an invitation to a post that cannot be");
  await page.post({ Crew: "m12-a", Unit: "m12", Station: "Station 4", Supervisor: supervisor.agencyId });
  await admin.page.getByRole("button", { name: "Invite" }).click();
  const link = await page.link.innerText();
  await admin.page.getByRole("button", { name: "Done" }).click();
  const line = page.invited(agencyId);
  await expect(line).toContainText("Crew M12-A · Unit M12 · Station STATION 4");
  await expect(line).toContainText(`Invited by ${admin.name}`);
  await expect(line).not.toContainText("join#");
  for (const size of Object.values(SCREENS)) {
    await admin.page.setViewportSize(size);
    await accessible(admin.page, "somebody who is invited");
  }

  await line.getByRole("button", { name: "Take back" }).click();
  await line.getByRole("button", { name: "Take back", exact: true }).click();
  await expect(admin.page.getByRole("status").filter({ hasText: "Testina Probe is no longer invited." })).toBeVisible();
  await expect(line).toHaveCount(0);
  const invitation = { link, name: "Testina Probe", agencyId, roles: ["responder" as const] };
  const invited = people.add(await Member.arrive(browser, portal, invitation));
  invited.complaints.expectStatus(410, /\/invitations\/view/);
  await invited.page.goto(link);
  await expect(invited.page.getByText("This invitation was used already or is too old.")).toBeVisible();
});

for (const [screen, size] of Object.entries({ ...SCREENS, narrow: { width: 320, height: 640 } })) {
  test(`where somebody works and what they may do is changed in their line, on a ${screen}`, async ({ people }) => {
    const [admin, member] = [await people.joined("admin", { screen: "desk" }), await people.joined("responder")];
    member.complaints.expectStatus(401, /\/api\/v1\//);
    await admin.page.setViewportSize(size);
    const page = new MembersPage(admin.page);
    await page.open();
    const line = page.line(member.agencyId);
    const row = await page.edit(member.agencyId);
    await expect(row.getByLabel("Crew", { exact: true })).toBeFocused();
    await accessible(admin.page, `a line that is open, on a ${screen}`);
    await page.post({ Unit: "m14", Shift: "b", Supervisor: member.agencyId }, row);
    await row.getByRole("button", { name: "Save" }).click();
    await expect(row.getByText("Nobody is their own supervisor.")).toBeVisible();
    await expect(row.getByLabel("Supervisor", { exact: true })).toBeFocused();
    await page.post({ Supervisor: admin.agencyId.toLowerCase() }, row);
    await row.getByRole("checkbox", { name: "Dispatcher" }).check();
    await admin.page.keyboard.press("Enter");
    await expect(admin.page.getByRole("status").filter({ hasText: `${member.name} is as you entered it.` })).toBeVisible();
    await expect(line).toContainText(`Unit M14 · Shift B · Supervisor ${admin.agencyId}`);
    await expect(line).toContainText("responder, dispatcher");
    await expect(row).toHaveCount(0);
    await expect(line.getByRole("rowheader")).toBeFocused();

    await page.edit(member.agencyId);
    await expect(row.getByLabel("Unit", { exact: true }), "it begins with how it is").toHaveValue("M14");
    for (const role of ["Responder", "Dispatcher"]) await row.getByRole("checkbox", { name: role }).uncheck();
    await row.getByRole("button", { name: "Save" }).click();
    await expect(row.getByText("Choose at least one role.")).toBeVisible();
    await row.getByRole("checkbox", { name: "Auditor" }).check();
    await row.getByRole("button", { name: "Save" }).click();
    await expect(line).toContainText("auditor");
    await member.page.goto("/");
    await expect(member.page.getByRole("heading", { name: "Sign in", level: 1 }), "whoever loses a role is signed out").toBeVisible();
    await member.signIn();
    await expect(member.page.getByRole("link", { name: "Audit log" })).toBeVisible();
  });
}
