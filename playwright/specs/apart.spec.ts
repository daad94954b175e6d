// Tests that share a portal do not meet each other's people.

import { DeskPage } from "../support/pages/desk.ts";
import { ask } from "../support/path.ts";
import { Crowd, expect, test } from "../support/test.ts";

test("what somebody asked for is on no desk once they have left", async ({ browser, portal, people }) => {
  const before = new Crowd(browser, portal);
  const responder = await before.joined("responder");
  const desk = new DeskPage((await people.joined("dispatcher")).page);
  await desk.open();
  await ask(responder);
  await expect(desk.card(responder.name)).toBeVisible();
  await before.leave();
  await expect(desk.card(responder.name)).toHaveCount(0);
});
