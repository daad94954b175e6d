// A role whose passkeys must not leave their device, and invitations that run out while they are looked at.

import { accessible } from "../support/axe.ts";
import { JoinPage } from "../support/pages/join.ts";
import { PasskeysPage } from "../support/pages/passkeys.ts";
import { expect, test } from "../support/test.ts";

const INVITATION = 20;
test.use({ limits: { device_bound: "dispatcher", invitation: INVITATION } });

test("a dispatcher's passkey that can be copied is refused, and the invitation stays good for another", async ({ people }) => {
  const dispatcher = await people.invited("dispatcher");
  await dispatcher.changeAuthenticator({ copies: true });
  await dispatcher.page.goto(dispatcher.invitation.link);
  const page = new JoinPage(dispatcher.page);
  dispatcher.complaints.expectStatus(403, /\/invitations\/finish/);
  await page.create();
  await expect(dispatcher.page.getByText("Your role needs a passkey that cannot leave its device")).toBeVisible();
  await accessible(dispatcher.page, "a passkey that can be copied where none may be");
  await dispatcher.changeAuthenticator();
  await page.create();
  await expect(dispatcher.signOutButton).toBeVisible();
  await new PasskeysPage(dispatcher.page).open();
  await expect(dispatcher.page.getByText("Stays on its device")).toBeVisible();
});

test("a responder's may be copied, and says so", async ({ people }) => {
  const responder = await people.invited("responder");
  await responder.changeAuthenticator({ copies: true });
  await responder.join();
  await new PasskeysPage(responder.page).open();
  await expect(responder.page.getByText("Can be copied to other devices")).toBeVisible();
});

test("an invitation that runs out on the page says so, and is refused", async ({ people }) => {
  const late = await people.invited("responder");
  await late.page.goto(late.invitation.link);
  const page = new JoinPage(late.page);
  await expect(page.fact("Name")).toHaveText(late.name);
  await expect(late.page.getByText("This invitation has run out. Ask an admin for a new one.")).toBeVisible({
    timeout: (INVITATION + 2) * 1_000,
  });
  await expect(page.button).toHaveCount(0);
  await accessible(late.page, "an invitation that ran out");
  late.complaints.expectStatus(410, /\/invitations\/view/);
  await late.page.goto("/");
  await late.page.goto(late.invitation.link);
  await expect(late.page.getByText("This invitation was used already or is too old.")).toBeVisible();
});
