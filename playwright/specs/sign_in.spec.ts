// Signing in and out, passkeys, and pages that somebody may not see.

import { accessible } from "../support/axe.ts";
import { cut } from "../support/offline.ts";
import { Member } from "../support/member.ts";
import { PasskeysPage } from "../support/pages/passkeys.ts";
import { SignInPage } from "../support/pages/sign_in.ts";
import { expect, test } from "../support/test.ts";

test("signing out and in again takes one touch", async ({ people }) => {
  const member = await people.joined("responder");
  await member.signOut();
  expect(new URL(member.page.url()).pathname).toBe("/sign-in");
  await accessible(member.page, "signing in");
  await member.signIn();
  await expect(member.page.getByRole("link", { name: "Scan bracelet" })).toBeVisible();
});

test("the session's cookie is no script's, goes to no other site, and changes at sign-in", async ({ people }) => {
  const member = await people.joined("responder");
  const session = async () => (await member.context.cookies()).filter(({ name }) => name === "halligan");
  const [before] = await session();
  expect(before).toMatchObject({ httpOnly: true, sameSite: "Strict" });
  expect(await member.page.evaluate(() => document.cookie)).toBe("");
  await member.signOut();
  await member.signIn();
  const [after] = await session();
  expect(after?.value).not.toBe(before?.value);
});

test("a page asks for the sign-in in its own place, and goes on afterwards", async ({ people }) => {
  const member = await people.joined("dispatcher");
  await member.signOut();
  await member.page.goto("/desk");
  await expect(member.page.getByRole("heading", { name: "Sign in", level: 1 })).toBeVisible();
  await member.signIn();
  await expect(member.page.getByRole("heading", { name: "Dispatch desk", level: 1 })).toBeVisible();
});

test("the agency ID can be typed; a malformed one is named", async ({ people }) => {
  const member = await people.joined("responder");
  await member.signOut();
  const page = new SignInPage(member.page);
  await page.signInAs("?");
  await expect(member.page.getByText("an agency ID has 2 to 64 letters")).toBeVisible();
  await accessible(member.page, "signing in with a malformed agency ID");
  await member.page.getByLabel("Agency ID").fill(member.agencyId.toLowerCase());
  await page.signIn();
  await expect(member.signOutButton).toBeVisible();
});

test("an unverified user, an unknown passkey and an unknown agency ID are refused", async ({ browser, people, portal }) => {
  const member = await people.joined("responder");
  await member.signOut();
  const page = new SignInPage(member.page);
  await member.verifies(false);
  await page.signIn();
  await expect(member.page.getByRole("alert").filter({ hasText: "passkey" })).toBeVisible();
  await member.verifies(true);

  const stranger = people.add(await Member.arrive(browser, portal, member.invitation));
  await stranger.page.goto("/sign-in");
  await new SignInPage(stranger.page).signIn();
  await expect(stranger.page.getByText("No passkey was used")).toBeVisible();
  await new SignInPage(stranger.page).signInAs("EMS-0000");
  await expect(stranger.page.getByRole("alert").filter({ hasText: /passkey/i })).toBeVisible();
  await accessible(stranger.page, "a refused sign-in");
});

test("a second passkey is added, named and removed; the last one stays", async ({ people }) => {
  const member = await people.joined("responder");
  const page = new PasskeysPage(member.page);
  await page.open();
  await expect(page.line("This device").getByText("Your only passkey cannot be removed.")).toBeVisible();
  await expect(page.line("This device").getByRole("button", { name: "Remove" })).toHaveCount(0);
  await accessible(member.page, "one passkey");

  await member.page.getByRole("button", { name: "Add passkey" }).click();
  await expect(member.page.getByText("Give the new passkey a name first")).toBeVisible();

  await page.add("This device too");
  await expect(member.page.getByText("This device already has your passkey for the portal.")).toBeVisible();

  for (const name of ["Spare key", "Security key"]) {
    await member.changeAuthenticator();
    await page.add(name);
    await expect(page.line(name)).toBeVisible();
  }
  await accessible(member.page, "three passkeys");

  // After each step the focus is in the passkey's line, and where that is gone, at the page's heading.
  const [rename, remove] = ["Rename", "Remove"].map((name) => page.line("Security key").getByRole("button", { name }));
  const heading = (name: string) => member.page.getByRole("heading", { name, exact: true });
  await rename!.press("Enter");
  await expect(member.page.getByLabel("New name")).toBeFocused();
  await member.page.getByRole("button", { name: "Keep the old name" }).press("Enter");
  await expect(rename!).toBeFocused();
  await remove!.press("Enter");
  await expect(page.line("Security key").getByRole("group")).toBeFocused();
  await member.page.getByRole("button", { name: "Keep it" }).press("Enter");
  await expect(remove!).toBeFocused();
  await rename!.press("Enter");
  await member.page.getByLabel("New name").fill("Green key");
  await accessible(member.page, "naming a passkey");
  await member.page.getByLabel("New name").press("Enter");
  await expect(page.line("Green key")).toBeVisible();
  await expect(page.line("Security key")).toHaveCount(0);
  await expect(heading("Green key")).toBeFocused();
  await page.line("Spare key").getByRole("button", { name: "Remove" }).press("Enter");
  await member.page.getByRole("button", { name: "Remove for good" }).press("Enter");
  await expect(page.line("Spare key")).toHaveCount(0);
  await expect(heading("Your passkeys")).toBeFocused();

  await page.line("This device").getByRole("button", { name: "Remove" }).click();
  await accessible(member.page, "removing a passkey");
  member.complaints.expectStatus(401, /\/api\/v1\//);
  await member.page.getByRole("button", { name: "Remove for good" }).click();
  await expect(member.page.getByText("You are no longer signed in."), "it began this very session").toBeVisible();
  await member.signIn();
  await expect(page.line("This device")).toHaveCount(0);
  await expect(page.line("Green key").getByRole("button", { name: "Remove" })).toHaveCount(0);

  await member.signOut();
  await member.signIn();
});

test("signing out everywhere ends the session of every browser", async ({ browser, people }) => {
  const phone = await people.joined("responder");
  const tablet = people.add(await phone.otherDevice(browser, { screen: "tablet" }));
  await tablet.page.goto("/sign-in");
  await tablet.signIn();
  await tablet.page.getByRole("link", { name: "Scan bracelet" }).click();

  await new PasskeysPage(phone.page).open();
  await new PasskeysPage(phone.page).signOutEverywhere.click();
  await expect(phone.page.getByRole("heading", { name: "Sign in", level: 1 })).toBeVisible();

  await tablet.page.goto("/");
  await expect(tablet.page.getByRole("heading", { name: "Sign in", level: 1 })).toBeVisible();
});

test("a page for other roles, and an address without a page, say so", async ({ people }) => {
  const member = await people.joined("responder");
  for (const path of ["/desk", "/records", "/audit", "/members"]) {
    await member.page.goto(path);
    await expect(member.page.getByText("Your roles do not include this page.")).toBeVisible();
  }
  await accessible(member.page, "a page for other roles");
  await member.page.goto("/nowhere");
  await expect(member.page.getByRole("heading", { level: 1 })).toBeVisible();
  await accessible(member.page, "an address without a page");
  const dispatcher = await people.joined("dispatcher");
  await dispatcher.page.goto("/scan");
  await expect(dispatcher.page.getByText("Your roles do not include this page.")).toBeVisible();
});

test("a lost connection costs nothing at any step of signing in and out", async ({ people }) => {
  const member = await people.joined("responder");
  const unreachable = member.page.getByText("The portal cannot be reached.");
  const page = new SignInPage(member.page);

  let mend = await cut(member, "/api/v1/sign-out");
  await member.signOutButton.click();
  await expect(member.page.getByText("It is not known whether you are signed out.")).toBeVisible();
  await accessible(member.page, "a sign-out that did not arrive");
  await mend();
  await member.signOut();

  for (const step of ["start", "finish"]) {
    mend = await cut(member, `/api/v1/sign-in/${step}`);
    await page.signIn();
    await expect(unreachable).toBeVisible();
    await mend();
  }
  await member.signIn();

  mend = await cut(member, "/api/v1/session");
  await member.page.goto("/");
  await expect(unreachable).toBeVisible();
  await accessible(member.page, "a portal that cannot be reached");
  await mend();
  await member.page.getByRole("button", { name: "Try again" }).click();
  await expect(member.page.getByRole("link", { name: "Scan bracelet" })).toBeVisible();
});

test("a page says that it is opening, and what it needs, before its module is there", async ({ browser, portal }) => {
  const plain = await browser.newContext({ javaScriptEnabled: false, baseURL: portal.origin, viewport: { width: 360, height: 640 } });
  const page = await plain.newPage();
  await page.goto("/");
  await expect(page.getByText("Opening the portal…")).toBeVisible();
  await expect(page.locator("noscript p")).toBeVisible();
  await plain.close();
});
