// A sign-in that ends, or is too old, under an open page: it is made anew in its place, and the page goes on from where it was.

import type { Page } from "@playwright/test";

import { accessible } from "../support/axe.ts";
import type { Member } from "../support/member.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { MembersPage } from "../support/pages/members.ts";
import { PasskeysPage } from "../support/pages/passkeys.ts";
import { RecordPage } from "../support/pages/record.ts";
import { SignInPage } from "../support/pages/sign_in.ts";
import { arrive, ask } from "../support/path.ts";
import { expect, test } from "../support/test.ts";
import { setHidden } from "../support/visibility.ts";

const SIGN_OUT = /\/api\/v1\/sign-out$/;
const ENDED = "You are no longer signed in. Sign in to go on; what you entered is kept.";

/** Ends every session of a member from elsewhere, as they would after a loss. */
async function endEverywhere(member: Member): Promise<void> {
  member.complaints.expectStatus(401, /\/api\/v1\//);
  const origin = new URL(member.page.url()).origin;
  const answer = await member.page.context().request.post("/api/v1/sign-out/everywhere", { headers: { origin, "content-type": "application/json" } });
  expect(answer.status()).toBeLessThan(300);
}

/** The portal signs the member of a page out, and the page never hears of it. */
async function losesTheAnswer(page: Page): Promise<void> {
  await page.route(SIGN_OUT, async (route) => {
    await route.fetch();
    await route.abort();
  });
}

/** The page asks who is signed in when its line ends, and does not hear yet. */
async function staysIgnorant(page: Page): Promise<void> {
  await page.route("/api/v1/session", () => undefined);
}

test("a desk whose sign-in ended says so in its tab, and shows what waits as soon as somebody is in", async ({ people }) => {
  const [dispatcher, responder] = [await people.joined("dispatcher"), await people.joined("responder")];
  const { page } = dispatcher;
  await page.clock.install();
  const desk = new DeskPage(page);
  await desk.open();
  // From here on no timer of the page runs: nothing is tried again later.
  await page.clock.pauseAt(Date.now() + 2_000);
  await endEverywhere(dispatcher);
  await expect(page.getByText(ENDED)).toBeVisible();
  await expect(page).toHaveTitle("Signed out – Dispatch desk – Halligan");
  await ask(responder);
  await page.getByRole("button", { name: "Sign in with passkey" }).click();
  await expect(desk.card(responder.name)).toBeVisible();
  await expect(page).toHaveTitle(/^\(\d+\) Dispatch desk – Halligan$/);
  await expect(page.getByText("Nobody is waiting")).toHaveCount(0);
});

test("where the bracelet is read and the reasons are typed a responder hears that the sign-in ended, and the keyboard goes on where it was", async ({ people }) => {
  const responder = await people.joined("responder");
  const { page } = responder;
  await page.goto("/scan");
  await expect(page.getByRole("button", { name: /camera|Type/ }).first()).toBeVisible();
  await endEverywhere(responder);
  await expect(page.getByText(ENDED)).toBeVisible();
  await expect(page.getByRole("button", { name: "Sign in with passkey" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByText(ENDED)).toHaveCount(0);
  const form = await arrive(responder);
  await form.incident.fill("2026-1");
  await endEverywhere(responder);
  await expect(page.getByText(ENDED)).toBeVisible();
  await expect(page.getByRole("button", { name: "Sign in with passkey" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(form.incident).toBeFocused();
  await page.keyboard.type("127");
  await expect(form.incident).toHaveValue("2026-1127");
});

test("a sign-in that is too old is made anew in its place, and nothing that was typed is lost", async ({ people }) => {
  const admin = await people.joined("admin");
  const { page } = admin;
  const members = new MembersPage(page);
  await members.open();
  admin.complaints.expectStatus(403, /\/api\/v1\/invitations$/);
  // The portal's own answer, ten minutes early.
  const detail = "This was not done: your sign-in is too long ago for it. Sign in again, then repeat it; nothing you typed is lost.";
  const problem = { type: "urn:halligan:problem:stale_sign_in", title: "Sign in again first", status: 403, detail, code: "stale_sign_in", request_id: "1" };
  await page.route("/api/v1/invitations", (route) => {
    const isAsked = route.request().method() === "POST";
    return isAsked ? route.fulfill({ status: 403, contentType: "application/problem+json", json: problem }) : route.fallback();
  });
  await members.invite("EMS-77", "Drill Responder", "Responder");
  const again = page.getByText("Sign in again, then repeat it; what you entered is kept.");
  await expect(again).toBeVisible();
  await accessible(page, "a sign-in that is too old");
  // Whoever leaves it at that has the page back.
  await page.getByRole("button", { name: "Not now" }).click();
  await expect(page.getByLabel("Agency ID")).toHaveValue("EMS-77");
  await page.getByRole("button", { name: "Invite" }).click();
  await expect(again).toBeVisible();
  await page.unrouteAll();
  // What the page asked in the session before is answered once that is over, and after the sign-in: it tells nothing of this one.
  const signedIn = page.waitForResponse(/\/sign-in\/finish$/);
  await page.route("/api/v1/session", async (route) => {
    const headers = await route.request().allHeaders();
    await signedIn;
    const late = await route.fetch({ headers });
    expect(late.status()).toBe(401);
    await route.fulfill({ response: late });
  });
  const asked = page.waitForRequest(/\/api\/v1\/session$/);
  await setHidden(page, true);
  await setHidden(page, false);
  await asked;
  const answered = page.waitForResponse(/\/api\/v1\/session$/);
  await page.getByRole("button", { name: "Sign in with passkey" }).click();
  await expect(again).toHaveCount(0);
  await answered;
  await page.unrouteAll({ behavior: "wait" });
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Drill Responder");
  await expect(page.getByRole("button", { name: "Invite" }), "what was pressed, to be pressed again").toBeFocused();
  await page.getByRole("button", { name: "Invite" }).click();
  await expect(members.link).toBeVisible();
});

test("a sign-out whose answer is lost says that nothing is known, and the next press leads out", async ({ people }) => {
  const member = await people.joined("responder");
  const { page } = member;
  await page.goto("/passkeys");
  await expect(page.getByRole("heading", { name: "Your passkeys" })).toBeVisible();
  member.complaints.expectStatus(401, /\/api\/v1\//);
  member.complaints.expectLostConnection();
  await losesTheAnswer(page);
  await staysIgnorant(page);
  await member.signOutButton.click();
  await expect(page.getByText("It is not known whether you are signed out.")).toBeVisible();
  await expect(page.getByText("You are still signed in.")).toHaveCount(0);
  await page.unroute(SIGN_OUT);
  await member.signOutButton.click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page.getByText("It is not known")).toHaveCount(0);
  await new SignInPage(page).signIn();
  await expect(member.signOutButton).toBeVisible();
});

test("a sign-out whose answer is lost is one as soon as the page hears that nobody is in", async ({ people }) => {
  const dispatcher = await people.joined("dispatcher");
  const { page } = dispatcher;
  await new DeskPage(page).open();
  dispatcher.complaints.expectStatus(401, /\/api\/v1\//);
  dispatcher.complaints.expectLostConnection();
  await losesTheAnswer(page);
  await dispatcher.signOutButton.click();
  // The desk's line ends with the session.
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page.getByText(/It is not known|You are no longer signed in|what you entered is kept/)).toHaveCount(0);
});

test("after a sign-out that was refused, a sign-in that ends takes nothing with it that was typed", async ({ people }) => {
  const admin = await people.joined("admin");
  const { page } = admin;
  await new MembersPage(page).open();
  await page.getByLabel("Agency ID").fill("EMS-77");
  admin.complaints.expectStatus(403, /\/api\/v1\/sign-out$/);
  // The portal's own refusal: as if the call came from another site's page.
  await page.route(SIGN_OUT, async (route) => {
    const response = await route.fetch({ headers: { ...route.request().headers(), origin: "https://elsewhere.example" } });
    await route.fulfill({ response });
  });
  await admin.signOutButton.click();
  const refused = page.getByText("You are still signed in.");
  await expect(refused).toBeVisible();
  await expect(page.getByLabel("Agency ID")).toHaveValue("EMS-77");
  await endEverywhere(admin);
  await expect(page.getByText(ENDED)).toBeVisible();
  await expect(refused, "nobody is").toHaveCount(0);
  await page.getByRole("button", { name: "Sign in with passkey" }).click();
  await expect(page.getByText(ENDED)).toHaveCount(0);
  await expect(page).toHaveURL(/\/members$/);
  await expect(page.getByLabel("Agency ID")).toHaveValue("EMS-77");
});

test("whoever waits reads that the request ended with the sign-in", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  await ask(responder);
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await expect(desk.card(responder.name)).toBeVisible();
  await endEverywhere(responder);
  await expect(responder.page.getByText("your request ended with that: dispatch no longer sees it. Sign in and ask again, or call dispatch.")).toBeVisible();
  await expect(desk.card(responder.name)).toHaveCount(0);
  await accessible(responder.page, "a request that ended with its sign-in");
});

test("a tab finds out that its member signed in in another one, and what they asked there goes on", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const { page } = responder;
  await page.goto("/scan");
  await endEverywhere(responder);
  await expect(page.getByText(ENDED)).toBeVisible();
  await setHidden(page, true);
  const other = await responder.otherTab();
  await other.page.goto("/sign-in");
  await new SignInPage(other.page).signIn();
  await expect(other.signOutButton).toBeVisible();
  await ask(other);
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await expect(desk.card(responder.name)).toBeVisible();
  await setHidden(page, false);
  await expect(page.getByText(ENDED)).toHaveCount(0);
  await expect(responder.signOutButton).toBeVisible();
  await desk.approve(responder.name);
  await expect(new RecordPage(other.page).sheet).toBeVisible();
});

test("whoever types the agency ID, since no passkey is offered, types at once", async ({ people }) => {
  const responder = await people.joined("responder");
  const { page } = responder;
  await responder.signOut();
  await page.getByRole("button", { name: "No passkey offered?" }).click();
  await expect(page.getByLabel("Agency ID")).toBeFocused();
});

test("a sign-out everywhere by nobody claims nothing", async ({ people }) => {
  const member = await people.joined("responder");
  const { page } = member;
  const passkeys = new PasskeysPage(page);
  await passkeys.open();
  await expect(passkeys.signOutEverywhere).toBeVisible();
  await staysIgnorant(page);
  await endEverywhere(member);
  await passkeys.signOutEverywhere.click();
  await expect(page.getByText(ENDED)).toBeVisible();
  await expect(page.getByText("You are still signed in.")).toHaveCount(0);
  await expect(page).toHaveURL(/\/passkeys$/);
});
