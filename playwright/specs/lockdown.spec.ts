// Two admins lock the portal down: an open record vanishes, nothing opens, and two admins lift it.

import { accessible } from "../support/axe.ts";
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
