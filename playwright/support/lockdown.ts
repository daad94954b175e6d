// A lockdown of the whole portal by two admins, for tests of what it does elsewhere.

import { LockdownPage } from "./pages/lockdown.ts";
import { expect, type People } from "./test.ts";

interface Admins {
  first: LockdownPage;
  second: LockdownPage;
}

/** Two admins, each at the page. */
export async function admins(people: People): Promise<Admins> {
  const [one, other] = [await people.joined("admin"), await people.joined("admin")];
  const [first, second] = [new LockdownPage(one.page), new LockdownPage(other.page)];
  await first.open();
  await second.open();
  return { first, second };
}

export async function begin({ first, second }: Admins): Promise<void> {
  await first.propose("Credentials of the backend were seen elsewhere");
  await second.proposal.getByRole("button", { name: "Lock down now" }).click();
  await expect(first.standing).toContainText("Every record was closed, and none opens until two admins lift it.");
}

/** Other tests on the portal open records. */
export async function lift({ first, second }: Admins): Promise<void> {
  await second.propose("The credentials were replaced");
  await first.proposal.getByRole("button", { name: "Lift now" }).click();
  await expect(first.standing).toContainText("Not locked down.");
}
