// The key service fails in the middle of an emergency: everybody is told what to do, nothing is used up, and it goes on by itself.

import { Authority } from "../support/authority.ts";
import { accessible } from "../support/axe.ts";
import { ask } from "../support/path.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { RecordPage } from "../support/pages/record.ts";
import { Portal } from "../support/portal.ts";
import { Crowd, expect, test } from "../support/test.ts";

test.describe.configure({ timeout: 120_000 });

test("a responder whose record does not open is told what to do, and opens it when the keys are back", async ({ browser }) => {
  const authority = await Authority.start();
  const portal = await Portal.start({}, authority.settings);
  const people = new Crowd(browser, portal);
  try {
    const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
    responder.complaints.expectStatus(503, /\/release/);
    const [desk, record] = [new DeskPage(dispatcher.page), new RecordPage(responder.page)];
    await desk.open();
    await ask(responder);
    await authority.cut();
    await desk.approve(responder.name);
    const said = responder.page.getByRole("alert").filter({ hasText: "The key service cannot be reached." });
    await expect(said).toContainText("no approval is used up");
    await expect(said).toContainText("call dispatch");
    await expect(responder.page.getByRole("timer"), "the approval still stands").toHaveText(/^9:\d\d$/);
    await accessible(responder.page, "a record that does not open for want of keys");

    const notice = (page: typeof dispatcher.page) => page.getByRole("status").filter({ hasText: "Records may not open just now." });
    await expect(notice(dispatcher.page)).toContainText("The key service cannot be reached.");
    await accessible(dispatcher.page, "a desk without keys");
    // Whoever begins now is told, and may ask all the same.
    const other = await people.joined("responder");
    await expect(notice(other.page)).toContainText("Ask all the same");
    await ask(other);
    await expect(notice(other.page)).toContainText("Your request goes on");
    await accessible(other.page, "a request without keys");

    await authority.mend();
    // The portal finds out by itself, and tells whoever looks.
    await expect(notice(dispatcher.page)).toHaveCount(0, { timeout: 40_000 });
    await expect(notice(other.page)).toHaveCount(0);
    // What was approved opens by itself, as was said.
    await expect(record.sheet).toBeVisible();
    await expect(record.countdown, "the whole window is there").toHaveText(/^(5:00|4:5\d)$/);
  } finally {
    await people.leave();
    await portal.end();
    await authority.end();
  }
});
