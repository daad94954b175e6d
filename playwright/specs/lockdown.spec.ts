// Two admins lock the portal down: an open record vanishes, nothing opens, and two admins lift it.

import { accessible } from "../support/axe.ts";
import { another, hasSigned, liesAbout, signsNothing, type Prepared } from "../support/hostile.ts";
import { admins, begin, lift } from "../support/lockdown.ts";
import { expectNoTrace } from "../support/memory.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { LockdownPage } from "../support/pages/lockdown.ts";
import { RecordPage } from "../support/pages/record.ts";
import { arrive, ask, opened } from "../support/path.ts";
import { expect, test } from "../support/test.ts";

test("an open record vanishes when two admins lock the portal down", async ({ people }) => {
  const { responder, dispatcher, record } = await opened(people);
  const house = await admins(people);
  // And what other tests on this portal left open.
  await expect(house.first.standing).toContainText(/Not locked down\. Records open now: [1-9]/);
  await begin(house);
  await expect(record.sheet).toHaveCount(0);
  await expect(responder.page.getByText("The portal was locked down, and every record closed.")).toBeVisible();
  await expect(responder.page.getByText("Locked down. No record opens until two admins lift it. You can ask again")).toBeVisible();
  await accessible(responder.page, "a record erased by a lockdown");
  await expectNoTrace(responder);
  await expect(dispatcher.page.getByText("Locked down. Every record was closed")).toBeVisible();
  await accessible(dispatcher.page, "the desk, locked down");
  await lift(house);
});

test("what is approved in a lockdown opens by itself once it is lifted", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const house = await admins(people);
  await begin(house);
  await responder.page.goto("/");
  await expect(responder.page.getByText("Locked down. No record opens until two admins lift it.")).toBeVisible();
  await accessible(responder.page, "the start page, locked down");
  await arrive(responder);
  await expect(responder.page.getByText("Locked down. No record opens until two admins lift it.")).toBeVisible();
  await ask(responder);
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await desk.approve(responder.name);
  await expect(responder.page.getByText("yours is approved, and opens by itself then")).toBeVisible();
  await expect(responder.page.getByText("Can be opened for")).toBeVisible();
  await expect(responder.page.getByRole("button", { name: "Open again" }), "nothing to press that would be refused").toHaveCount(0);
  const record = new RecordPage(responder.page);
  await expect(record.sheet).toHaveCount(0);
  await lift(house);
  await expect(record.sheet).toBeVisible();
  await expect(dispatcher.page.getByText("Locked down.")).toHaveCount(0);
});

test("the admins' page says who proposed what, and only another admin can confirm it", async ({ people }) => {
  const [one, other] = [await people.joined("admin"), await people.joined("admin")];
  const [first, second] = [new LockdownPage(one.page), new LockdownPage(other.page)];
  await expect(one.page.getByRole("link", { name: "Lockdown" })).toBeVisible();
  await first.open();
  await second.open();
  await one.page.getByRole("button", { name: "Propose lockdown" }).click();
  await expect(one.page.getByText("Say why: the other admin reads it, and it stands in the log.")).toBeVisible();
  await expect(one.page.getByLabel("Why? The other admin reads it.")).toBeFocused();
  await accessible(one.page, "a lockdown proposed without a reason");
  await first.propose("A drill");
  await expect(first.proposal).toContainText("You proposed this. Call another admin now");
  await expect(first.proposal.getByRole("button")).toHaveCount(0);
  await expect(second.proposal).toContainText(one.name);
  await expect(second.proposal).toContainText("A drill");
  await accessible(other.page, "a lockdown to confirm");
  await second.proposal.getByRole("button", { name: "Lock down now" }).click();
  await expect(first.standing).toContainText(other.name);
  await expect(second.standing).toContainText("The key service");
  await accessible(other.page, "locked down");
  await lift({ first, second });
});

test("words typed for a lockdown are not signed for its lift when another admin was faster", async ({ people }) => {
  const house = await admins(people);
  const slow = await people.joined("admin");
  const page = new LockdownPage(slow.page);
  await page.open();
  await house.first.propose("Credentials of the backend were seen elsewhere");
  const reason = slow.page.getByLabel("Why? The other admin reads it.");
  await reason.fill("Lock it down, an attack is going on");
  await house.second.proposal.getByRole("button", { name: "Lock down now" }).click();
  const propose = slow.page.getByRole("button", { name: "Propose to lift" });
  await expect(propose).toBeVisible();
  await expect(reason).toHaveValue("");
  await propose.click();
  await expect(slow.page.getByText("Say why: the other admin reads it")).toBeVisible();
  await lift(house);
  await expect(reason, "and they are there again for what they were typed for").toHaveValue("Lock it down, an attack is going on");
});

/** What a portal could change of a statement. */
type Lies = Record<string, (statement: Prepared["statement"]) => void>;

test("a portal that has another lockdown signed than the one that is proposed gets no signature", async ({ people }) => {
  const admin = await people.joined("admin");
  const page = new LockdownPage(admin.page);
  const lies: Lies = {
    act: (statement) => (statement["act"] = "lift"),
    reason: (statement) => (statement["reason"] = "All is well"),
  };
  for (const [name, lie] of Object.entries(lies)) {
    await test.step(name, async () => {
      await hasSigned(admin.page, /\/proposals\/prepare$/, ({ statement }) => lie(statement));
      await page.open();
      await signsNothing(admin, async () => {
        await page.reason.fill("Credentials of the backend were seen elsewhere");
        await page.button.click();
      });
      await admin.page.unrouteAll();
    });
  }
  await expect(page.proposal).toHaveCount(0);
});

test("a portal that has another lockdown signed than the one that is confirmed or lifted gets no signature", async ({ people }) => {
  test.slow();
  const [one, other] = [await people.joined("admin"), await people.joined("admin")];
  const house = { first: new LockdownPage(one.page), second: new LockdownPage(other.page) };
  await house.first.open();
  await house.first.propose("Credentials of the backend were seen elsewhere");
  const confirm = house.second.proposal.getByRole("button", { name: "Lock down now" });
  const lies: Lies = {
    proposal: (statement) => (statement["proposal"] = another(statement["proposal"])),
    act: (statement) => (statement["act"] = "lift"),
    reason: (statement) => (statement["reason"] = "All is well"),
    until: (statement) => (statement["until"] = "2099-01-01T00:00:00Z"),
  };
  for (const [name, lie] of Object.entries(lies)) {
    await test.step(name, async () => {
      await hasSigned(other.page, /\/confirmation\/prepare$/, ({ statement }) => lie(statement));
      await house.second.open();
      await signsNothing(other, () => confirm.click());
      await other.page.unrouteAll();
    });
  }
  await test.step("shown as another admin's", async () => {
    interface Board {
      proposals: { by: { id: string; agency_id: string; display_name: string } }[];
    }
    await liesAbout<Board>(other.page, /\/api\/v1\/lockdown$/, ({ proposals }) => {
      for (const { by } of proposals) Object.assign(by, { id: another(by.id), agency_id: "ADM-0000", display_name: "Somebody else" });
    });
    await house.second.open();
    await expect(house.second.proposal).toContainText("Somebody else");
    await signsNothing(other, () => confirm.click());
    await other.page.unrouteAll();
  });
  await house.second.open();
  await confirm.click();
  await expect(house.second.standing).toContainText("Every record was closed");
  await test.step("another lockdown is lifted than the one that the page shows", async () => {
    await hasSigned(other.page, /\/proposals\/prepare$/, ({ statement }) => {
      statement["lockdown"] = another(statement["lockdown"]);
    });
    await house.second.open();
    await signsNothing(other, async () => {
      await house.second.reason.fill("The credentials were replaced");
      await house.second.button.click();
    });
    await other.page.unrouteAll();
  });
  await house.second.open();
  await lift(house);
});
