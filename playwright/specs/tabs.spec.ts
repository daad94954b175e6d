// The tabs of one browser have one sign-in. What another tab did with it a page hears, or finds out when its line comes back or it is seen again;
// nothing of the member before stands on it then.

import type { Page, Request } from "@playwright/test";

import { Member } from "../support/member.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { MembersPage } from "../support/pages/members.ts";
import { PasskeysPage } from "../support/pages/passkeys.ts";
import { opened } from "../support/path.ts";
import type { Role } from "../support/portal.ts";
import { expect, test } from "../support/test.ts";
import { setHidden } from "../support/visibility.ts";

/** Each page that needs somebody signed in, but for those of a request: by whom it is seen. */
const PAGES: Record<Role, readonly string[]> = {
  responder: ["/", "/scan", "/notices", "/passkeys"],
  dispatcher: ["/desk"],
  registrar: ["/records"],
  auditor: ["/audit"],
  admin: ["/members", "/drills", "/lockdown", "/doctor"],
  privacy_officer: ["/reviews"],
};

/** Who is signed in, as a page says. */
const who = (page: Page) => page.locator("#who");

/** Somebody else joins in another tab of this browser, and is who is signed in at it. */
async function joinsBeside({ context, portal }: Member, role: Role): Promise<Member> {
  const other = await Member.at(context, await context.newPage(), portal, await portal.invite(role));
  await other.join();
  await expect(who(other.page)).toContainText(other.name);
  return other;
}

/**
 * Somebody else signs in while the first tab gets nothing through: its line ends with the sign-in of its member, and by the time that it is back it
 * is another member's. Nobody touches the first tab.
 */
async function succeeded(member: Member, role: Role): Promise<Member> {
  const { page, complaints } = member;
  complaints.expectLostConnection();
  const calls = /\/api\/v1\//;
  await page.route(calls, (route) => route.abort("internetdisconnected"));
  const isTry = (request: Request) => request.resourceType() === "eventsource" && request.failure()?.errorText === "net::ERR_INTERNET_DISCONNECTED";
  const tried = page.waitForEvent("requestfailed", isTry);
  const other = await joinsBeside(member, role);
  await tried;
  await expect(who(page), "it cannot know better yet").toContainText(member.name);
  await page.unroute(calls);
  return other;
}

test("a tab shows nothing of its member, and nothing that they typed, once its line is another member's", async ({ people }) => {
  const admin = await people.joined("admin");
  const { page } = admin;
  const members = new MembersPage(page);
  await members.open();
  await page.getByLabel("Agency ID").fill("EMS-77");
  await page.getByLabel("Name", { exact: true }).fill("Drill Responder");
  const other = await succeeded(admin, "admin");
  await expect(who(page)).toContainText(other.name);
  await expect(who(page)).not.toContainText(admin.name);
  await expect(page.getByLabel("Agency ID")).toHaveValue("");
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("");
  await expect(members.line(other.agencyId)).toBeVisible();
});

test("a page that follows a line of its own is a fresh one, or none, once that is another member's", async ({ people }) => {
  const dispatcher = await people.joined("dispatcher");
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  const other = await succeeded(dispatcher, "registrar");
  dispatcher.complaints.expectStatus(403, /\/api\/v1\/desk\b/);
  await expect(who(dispatcher.page)).toContainText(other.name);
  await expect(dispatcher.page.getByText("Your roles do not include this page.")).toBeVisible();
});

test("an open record is gone once somebody else is signed in at its browser", async ({ people }) => {
  const { responder, record } = await opened(people);
  responder.complaints.expectStatus(404, /\/api\/v1\/requests\//);
  const other = await succeeded(responder, "responder");
  await expect(who(responder.page)).toContainText(other.name);
  await expect(record.sheet).toHaveCount(0);
  await expect(responder.page.locator("iframe"), "nor is the frame there that had it").toHaveCount(0);
});

test("a tab that nobody saw meanwhile finds out that somebody else is signed in as soon as it is seen", async ({ people }) => {
  const responder = await people.joined("responder");
  const { page } = responder;
  await new PasskeysPage(page).open();
  await page.getByLabel("Passkey name").fill("My tablet");
  await setHidden(page, true);
  const other = await joinsBeside(responder, "responder");
  await setHidden(page, false);
  await expect(who(page)).toContainText(other.name);
  await expect(who(page)).not.toContainText(responder.name);
  await expect(page.getByLabel("Passkey name")).not.toHaveValue("My tablet");
});

for (const [role, paths] of Object.entries(PAGES) as [Role, readonly string[]][]) {
  test(`each page of the ${role.replace("_", " ")} holds one line of events, and no more`, async ({ people }) => {
    const { page } = await people.joined(role);
    // Nothing more comes of the page before.
    await page.goto("about:blank");
    const lines: string[] = [];
    page.on("request", (request) => {
      if (request.resourceType() === "eventsource") lines.push(new URL(page.url()).pathname);
    });
    for (const path of paths) {
      const before = lines.length;
      await page.goto(path);
      await expect.poll(() => lines.length, `a line of ${path}`).toBeGreaterThan(before);
      await expect(page.locator(".loading")).toHaveCount(0);
    }
    // What came late is in it.
    expect(lines).toEqual(paths);
  });
}
