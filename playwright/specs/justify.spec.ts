// Why the record is needed: what is asked for, what is refused, and that nothing typed is lost.

import { accessible } from "../support/axe.ts";
import { another, hasSigned, signsNothing, type Prepared } from "../support/hostile.ts";
import { count, cut, loseAnswers } from "../support/offline.ts";
import { arrive, ask, opened } from "../support/path.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { JustifyPage, USUAL } from "../support/pages/justify.ts";
import { RecordPage } from "../support/pages/record.ts";
import { RequestPage } from "../support/pages/request.ts";
import { SignInPage } from "../support/pages/sign_in.ts";
import { expectSeen, WAYS_TO_HOLD } from "../support/sight.ts";
import { summary } from "../support/summary.ts";
import { expect, test } from "../support/test.ts";

test("every missing answer is named, the first takes the focus, and answers clear the faults", async ({ people }) => {
  const responder = await people.joined("responder");
  const form = await arrive(responder);
  await accessible(responder.page, "the form");
  await form.ask.click();
  await expect(responder.page.getByText("Choose how urgent it is.")).toBeVisible();
  await expect(responder.page.getByText("Choose a reason.")).toBeVisible();
  await expect(responder.page.getByText("Enter the ticket or incident number.")).toBeVisible();
  await expect(form.choice("How urgent is it?", "Life-threatening")).toBeFocused();
  await accessible(responder.page, "the form with every fault");

  await form.choice("How urgent is it?", "Urgent").check();
  await expect(responder.page.getByText("Choose how urgent it is.")).toBeHidden();
  await form.choice("Reason", "Other reason").check();
  await form.incident.fill("<2026>");
  await form.ask.click();
  await expect(responder.page.getByText("An incident number has at most 64 letters")).toBeVisible();
  await expect(form.incident).toBeFocused();
  await form.incident.fill("2026-1124");
  await form.ask.click();
  await expect(responder.page.getByText("Say in a sentence why you need the record.")).toBeVisible();
  for (const thin of [".", "test", "x y z"]) {
    await form.text.fill(thin);
    await form.ask.click();
    await expect(responder.page.getByText("Say a little more: at least three words")).toBeVisible();
    await expect(form.text).toHaveValue(thin);
  }
  await form.text.fill("Found alone, confused, insulin pen in the pocket");
  await form.ask.click();
  await expect(new RequestPage(responder.page).title("Waiting for dispatch")).toBeVisible();
  await expect(responder.page.getByText("Found alone, confused, insulin pen in the pocket")).toBeVisible();
});

test("without a bracelet the form keeps what is typed and says what is missing", async ({ people }) => {
  const responder = await people.joined("responder");
  await responder.page.goto("/justify");
  const form = new JustifyPage(responder.page);
  await form.fill({ ...USUAL, text: "Typed before the bracelet was read" });
  await form.ask.click();
  await expect(responder.page.getByText("Scan the bracelet first. What you entered here is kept.")).toBeVisible();
  await accessible(responder.page, "the form without a bracelet");
  const { link } = responder.portal.bracelet();
  // As the phone's camera app opens it, in the tab that is there.
  await responder.page.evaluate((link) => location.assign(link), link);
  await expect(form.ask).toBeVisible();
});

test("a touch that is not given loses nothing, and signs nothing", async ({ people }) => {
  const responder = await people.joined("responder");
  const form = await arrive(responder);
  const filed = count(responder.page, /\/api\/v1\/requests$/);
  await form.fill({ ...USUAL, text: "Kept although nobody was verified" });
  await responder.verifies(false);
  await form.ask.click();
  await expect(responder.page.getByRole("alert").filter({ hasText: "passkey" })).toBeVisible();
  await expect(form.text).toHaveValue("Kept although nobody was verified");
  expect(filed()).toBe(0);
  await responder.verifies(true);
  await form.ask.click();
  await expect(new RequestPage(responder.page).title("Waiting for dispatch")).toBeVisible();
});

test("a portal that has something else asked than what stands in the form gets no signature", async ({ people }) => {
  const responder = await people.joined("responder");
  const lies: Record<string, string> = { severity: "other", reason: "confirm_identity", incident: "2026-9999", text: "Curious about a neighbour" };
  for (const [name, lie] of Object.entries(lies)) {
    await test.step(name, async () => {
      await hasSigned<{ statement: { justification: Record<string, string> } }>(responder.page, /\/requests\/prepare$/, ({ statement }) => {
        expect(statement.justification[name]).not.toBe(lie);
        statement.justification[name] = lie;
      });
      const form = await arrive(responder);
      await form.fill({ ...USUAL, text: "Found alone, does not answer" });
      await signsNothing(responder, () => form.ask.click());
      await responder.page.unrouteAll();
    });
  }
});

test("a portal that has the record of another patient asked for than the bracelet's gets no signature", async ({ people }) => {
  const responder = await people.joined("responder");
  await hasSigned(responder.page, /\/requests\/prepare$/, ({ statement }: Prepared) => {
    statement["record"] = another(statement["record"]);
  });
  const form = await arrive(responder);
  await form.fill();
  await signsNothing(responder, () => form.ask.click(), /This bracelet does not belong to the record the portal found/);
});

test("a second request for the same record is refused while the first is open", async ({ people }) => {
  const responder = await people.joined("responder");
  await ask(responder);
  const form = await arrive(responder);
  await form.fill();
  responder.complaints.expectStatus(409, /\/requests(\/prepare)?/);
  await form.ask.click();
  await expect(responder.page.getByText(/You have an open request for this record.*start page/)).toBeVisible();
  await responder.page.getByRole("link", { name: "Halligan" }).click();
  await expect(responder.page.getByRole("heading", { name: "Your open requests" })).toBeVisible();
  await accessible(responder.page, "the start page with an open request");
  await responder.page.getByRole("link", { name: /Waiting for dispatch/ }).click();
  await expect(new RequestPage(responder.page).title("Waiting for dispatch")).toBeVisible();
});

for (const size of WAYS_TO_HOLD) {
  test(`why nothing was asked stands above the button, at ${size.width}x${size.height}, with a way to what is open already`, async ({ people }) => {
    const responder = await people.joined("responder");
    await responder.page.setViewportSize(size);
    const form = await arrive(responder);
    await form.fill();
    // From the middle of the form, as it stands when the last answer was given.
    await form.incident.scrollIntoViewIfNeeded();
    await responder.verifies(false);
    await form.ask.click();
    await expectSeen(responder.page.getByRole("alert").getByText(/passkey/));
    await expectSeen(form.ask);
    await responder.verifies(true);
    const mend = await cut(responder, "/api/v1/requests/prepare");
    await form.ask.click();
    await expectSeen(responder.page.getByText("The portal cannot be reached."));
    await mend();
    await ask(responder);
    const address = responder.page.url();
    await (await arrive(responder)).fill();
    responder.complaints.expectStatus(409, /\/requests(\/prepare)?/);
    await form.ask.click();
    await expectSeen(responder.page.getByText(/You have an open request for this record/));
    await accessible(responder.page, "a form whose record is asked for already");
    await responder.page.getByRole("link", { name: "To your open request" }).click();
    await expect(new RequestPage(responder.page).title("Waiting for dispatch")).toBeVisible();
    expect(responder.page.url()).toBe(address);
  });
}

test("the sentence does not wait for the way to what is open, and a record that can be opened again is not in that way", async ({ people, portal }) => {
  const { responder } = await opened(people);
  await responder.page.getByRole("link", { name: "Halligan" }).click();
  await expect(responder.page.getByRole("link", { name: "Open the record again" })).toBeVisible();
  const bracelet = await portal.enrol(summary());
  await ask(responder, USUAL, bracelet);
  const address = responder.page.url();
  const form = await arrive(responder, bracelet);
  await form.fill();
  let send = () => {};
  const held = new Promise<void>((done) => (send = done));
  await responder.page.route(/\/api\/v1\/requests$/, async (route) => {
    if (route.request().method() === "GET") await held;
    await route.continue();
  });
  responder.complaints.expectStatus(409, /\/requests(\/prepare)?/);
  // There before it has anything to say: a screen reader notices when it fills.
  await expect(responder.page.locator(".actions").getByRole("alert")).toHaveText("");
  await form.ask.click();
  await expect(responder.page.getByText(/You have an open request for this record/)).toBeVisible();
  await expect(form.ask).toBeEnabled();
  const way = responder.page.getByRole("link", { name: "To your open request" });
  await expect(way).toHaveCount(0);
  send();
  await way.click();
  await expect(new RequestPage(responder.page).title("Waiting for dispatch")).toBeVisible();
  expect(responder.page.url()).toBe(address);
});

test("signing out asks first while a request waits, there and on the start page, and then withdraws it", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  const request = await ask(responder);
  const question = responder.page.getByText("Your request is withdrawn: dispatch no longer sees it.");
  await responder.signOutButton.click();
  await expectSeen(question);
  await responder.page.getByRole("button", { name: "Stay signed in" }).click();
  await expect(request.title("Waiting for dispatch")).toBeVisible();
  await responder.page.getByRole("link", { name: "Halligan" }).click();
  await expect(responder.page.getByRole("link", { name: /Waiting for dispatch/ })).toBeVisible();
  await responder.signOutButton.click();
  await expect(question).toBeVisible();
  await expect(desk.card(responder.name)).toBeVisible();
  await responder.page.getByRole("button", { name: "Withdraw and sign out" }).click();
  await expect(new SignInPage(responder.page).button).toBeVisible();
  await expect(desk.card(responder.name)).toHaveCount(0);
});

test("an approval shows on the start page by itself, and leads to the record", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  await ask(responder);
  await responder.page.getByRole("link", { name: "Halligan" }).click();
  await expect(responder.page.getByRole("link", { name: /Waiting for dispatch/ })).toBeVisible();
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await desk.approve(responder.name);
  await responder.page.getByRole("link", { name: /Approved: open the record/ }).click();
  const record = new RecordPage(responder.page);
  await expect(record.sheet).toBeVisible();
  await responder.page.goBack();
  await expect(responder.page.getByRole("link", { name: /Open the record again/ }), "the way back").toBeVisible();
});

test("a lost connection costs nothing at any step of asking, and asks nothing twice", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  const form = await arrive(responder);
  const text = "Typed once, and kept through every lost call";
  await form.fill({ ...USUAL, text });
  const unreachable = responder.page.getByText("The portal cannot be reached.");

  for (const path of ["/api/v1/requests/prepare", "/api/v1/requests"]) {
    const mend = await cut(responder, path);
    await form.ask.click();
    await expect(unreachable).toBeVisible();
    await expect(form.text).toHaveValue(text);
    await expect(form.choice("Reason", USUAL.reason)).toBeChecked();
    await mend();
  }
  await accessible(responder.page, "the form without a connection");
  const mend = await loseAnswers(responder, "/api/v1/requests");
  await form.ask.click();
  await expect(desk.card(responder.name), "the request has arrived").toBeVisible();
  await expect(unreachable).toBeVisible();
  await expect(form.text).toHaveValue(text);
  await mend();

  const prepared = count(responder.page, /\/requests\/prepare$/);
  await form.ask.click();
  await expect(new RequestPage(responder.page).title("Waiting for dispatch")).toBeVisible();
  expect(prepared(), "sent again as it was signed, without another touch").toBe(0);
  await expect(desk.card(responder.name)).toHaveCount(1);
});

test("a session that ends under the form leaves everything typed in place", async ({ people }) => {
  const responder = await people.joined("responder");
  const form = await arrive(responder);
  await form.fill({ ...USUAL, text: "Typed before the session was over" });
  await responder.context.clearCookies();
  responder.complaints.expectStatus(401, /\/requests\/prepare/);
  await form.ask.click();
  await expect(responder.page.getByText("You are no longer signed in. Sign in to go on; what you entered is kept.")).toBeVisible();
  await expect(form.ask, "nothing can be asked meanwhile").toBeHidden();
  await accessible(responder.page, "the form after the session is over");
  await new SignInPage(responder.page).signIn();
  await expect(form.text).toHaveValue("Typed before the session was over");
  await form.ask.click();
  await expect(new RequestPage(responder.page).title("Waiting for dispatch")).toBeVisible();
});
