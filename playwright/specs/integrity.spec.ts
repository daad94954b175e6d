// Files that were changed on their way or in a cache are not run: each is named with its digest.

import { ask, openRecord } from "../support/path.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { RecordPage } from "../support/pages/record.ts";
import { expect, test } from "../support/test.ts";
import type { Member } from "../support/member.ts";

/** What any script may end in, and any module: a blank line; a custom section without a name or content. Nothing but a digest sees it. */
const [BLANK_LINE, EMPTY_SECTION] = [Buffer.from("\n"), Buffer.from([0, 1, 0])];

/** Makes a file longer on its way to a browser, by what changes nothing of what it does. */
async function changes(member: Member, file: RegExp): Promise<void> {
  const more = file.source.includes("wasm") ? EMPTY_SECTION : BLANK_LINE;
  member.complaints.expect(/integrity|Failed to (fetch|load)|net::ERR_FAILED/);
  await member.context.route(file, async (route) => {
    const answer = await route.fetch();
    const body = await answer.body();
    await route.fulfill({ response: answer, body: Buffer.concat([body, more]) });
  });
}

for (const [what, file] of [
  ["module", /halligan-frontend_bg-\w+\.wasm$/],
  ["script around the module", /halligan-frontend-\w+\.js$/],
] as const) {
  test(`a changed ${what} is not started, and the page says so`, async ({ people }) => {
    const responder = await people.invited("responder");
    await changes(responder, file);
    await responder.page.goto("/");
    await expect(responder.page.getByText("The portal could not be loaded.")).toBeVisible();
  });
}

test("a changed first script is not run", async ({ people }) => {
  const responder = await people.invited("responder");
  await changes(responder, /start-\w+\.js$/);
  await responder.page.goto("/", { waitUntil: "load" });
  await expect.poll(() => responder.complaints.has(/integrity/), "what the browser says of it").toBe(true);
  // The first thing that the script does, where it runs.
  const policy = await responder.page.evaluate(() => (globalThis as { trustedTypes?: { defaultPolicy: unknown } }).trustedTypes?.defaultPolicy);
  expect(policy, "the script ran").toBeNull();
});

for (const [what, file] of [
  ["program", /halligan-viewer_bg-\w+\.wasm$/],
  ["first script", /\/viewer-\w+\.js$/],
] as const) {
  test(`a viewer with a changed ${what} opens no record`, async ({ people }) => {
    const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
    await changes(responder, file);
    await ask(responder);
    const desk = new DeskPage(dispatcher.page);
    await desk.open();
    await desk.approve(responder.name);
    await expect(responder.page.getByRole("button", { name: "Try again" })).toBeVisible({ timeout: 45_000 });
    await expect(new RecordPage(responder.page).sheet).toHaveCount(0);
    await expect(desk.live(responder.name), "no window was begun for it").toHaveCount(0);
  });
}

for (const [what, file] of [
  ["program", /halligan-paper_bg-\w+\.wasm$/],
  ["script around the program", /halligan-paper-\w+\.js$/],
] as const) {
  test(`with a changed ${what} that draws files, the record opens and no file does`, async ({ people }) => {
    const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
    await changes(responder, file);
    const record = await openRecord(responder, dispatcher);
    await record.show("ECG").click();
    await expect(record.section("Attachments").getByText("PDF files cannot be shown right now.")).toBeVisible();
    await expect(record.sheet.getByRole("img", { name: "ECG" })).toHaveCount(0);
  });
}
