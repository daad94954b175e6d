// Time: a request that nobody answers, an approval that nobody uses. The spans are short here.

import { accessible } from "../support/axe.ts";
import { ask } from "../support/path.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { RequestPage } from "../support/pages/request.ts";
import { expect, test } from "../support/test.ts";

const PENDING = 6;
const APPROVAL = 8;
test.use({ limits: { pending: PENDING, approval: APPROVAL } });

test("a request that nobody answers expires on both screens", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  const request = await ask(responder);
  await expect(desk.card(responder.name)).toBeVisible();
  await expect(request.title("Nobody answered in time")).toBeVisible({ timeout: (PENDING + 3) * 1_000 });
  await accessible(responder.page, "a request that nobody answered");
  await expect(desk.card(responder.name)).toHaveCount(0);
  await expect(request.askAgain).toBeVisible();
});

test("an approval that is not used lapses", async ({ people }) => {
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const desk = new DeskPage(dispatcher.page);
  await desk.open();
  await ask(responder);
  const address = responder.page.url();
  await responder.page.goto("/passkeys");
  await desk.approve(responder.name);
  await expect(dispatcher.page.getByText(`Approved: ${responder.name}`)).toBeVisible();
  // The start page offers it for as long as it lasts.
  await responder.page.goto("/");
  const offered = responder.page.getByRole("link", { name: "Approved: open the record" });
  await expect(offered).toBeVisible();
  await expect(offered).toHaveCount(0, { timeout: (APPROVAL + 5) * 1_000 });
  const request = new RequestPage(responder.page);
  await expect(async () => {
    const answer = await responder.page.request.get(`/api/v1/requests/${address.split("/").at(-1)}`);
    expect(((await answer.json()) as { state: unknown }).state).toMatchObject({ state: "lapsed" });
  }).toPass({ timeout: (APPROVAL + 3) * 1_000 });
  await responder.page.goto(address);
  await expect(request.title("Approval not used in time")).toBeVisible();
  await accessible(responder.page, "an approval that was not used");
});
