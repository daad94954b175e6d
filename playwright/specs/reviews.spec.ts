// Reviews: what a responder opened alone is read afterwards by a privacy officer, who signs what they find.

import { accessible } from "../support/axe.ts";
import { hasSigned, signsNothing } from "../support/hostile.ts";
import type { Member } from "../support/member.ts";
import { RecordPage } from "../support/pages/record.ts";
import { ReviewsPage } from "../support/pages/reviews.ts";
import { ask } from "../support/path.ts";
import { HASTY } from "../support/policies.ts";
import { expect, test } from "../support/test.ts";

// Reviews are overdue after twenty seconds.
test.use({ policies: HASTY, settings: { HALLIGAN_REVIEW_DUE: "20" } });

/** Opens the drill patient's record alone, reads it and closes it. */
async function readAlone(responder: Member): Promise<void> {
  await ask(responder);
  await responder.page.getByRole("button", { name: "Open it alone…" }).click();
  await expect(responder.page.getByText("it will be reviewed afterwards")).toBeVisible();
  await responder.page.getByRole("button", { name: "Sign this and open" }).click();
  const record = new RecordPage(responder.page);
  await expect(record.sheet).toBeVisible();
  await record.done.click();
}

/** Waits in front of the list until the review of what somebody asked is overdue, and that stands in the log. */
async function overdue(officer: Member, responder: Member): Promise<ReviewsPage> {
  const reviews = new ReviewsPage(officer.page);
  await expect(async () => {
    await reviews.open();
    await expect(officer.page.getByRole("listitem").filter({ hasText: responder.name })).toContainText("Overdue", { timeout: 1_000 });
  }).toPass({ timeout: 40_000 });
  const [, id] = /request=([0-9a-f-]+)/.exec((await reviews.line(responder.name).first().getAttribute("href")) ?? "") ?? [];
  const events = async () => (await (await officer.page.request.get(`/api/v1/reviews/${id}`)).text());
  await expect.poll(events).toContain("review.overdue");
  return reviews;
}

test("what was opened alone is read by a privacy officer, who closes the review with a passkey", async ({ people }) => {
  const [responder, officer] = [await people.joined("responder"), await people.joined("privacy_officer")];
  test.slow();
  await readAlone(responder);
  // That it is overdue is an event as well, and whoever read the others before it is refused for that.
  const reviews = await overdue(officer, responder);
  await officer.page.goto("/");
  await officer.page.getByRole("link", { name: "Reviews" }).click();
  await expect(reviews.line(responder.name)).toContainText("Opened alone");
  await accessible(officer.page, "the list of reviews");
  await reviews.line(responder.name).click();
  await expect(reviews.heading(responder.name)).toBeFocused();
  await expect(officer.page.getByRole("blockquote")).toContainText("I open this record alone");
  await expect(officer.page.getByText("Summary sent")).toBeVisible();
  await expect(officer.page.getByRole("definition").filter({ hasText: "wipe receipt" })).toBeVisible();
  await expect(officer.page.getByText("Signature holds")).toHaveCount(2);
  await accessible(officer.page, "a review");
  // By keyboard: nothing is chosen yet, and the fault is said where it is.
  await reviews.sign.focus();
  await officer.page.keyboard.press("Enter");
  await expect(officer.page.getByText("Choose what you find.")).toBeVisible();
  await reviews.close("Not justified", "no");
  await expect(officer.page.getByText("Say why, in at least 10 letters or digits")).toBeVisible();
  await reviews.close("Not justified", "There was no such incident that night");
  await expect(officer.page.getByText("The review is closed.")).toBeVisible();
  await expect(officer.page.getByRole("heading", { name: "Found: Not justified" })).toBeVisible();
  await expect(officer.page.getByRole("definition").filter({ hasText: "There was no such incident that night" })).toBeVisible();
  await expect(reviews.sign).toHaveCount(0);
  await officer.page.getByRole("link", { name: "All reviews" }).click();
  await expect(officer.page.getByRole("listitem").filter({ hasText: responder.name })).toContainText(`Not justified, by ${officer.name}`);
});

test("an overdue review stands first, and on the admins' start page, and locks nothing", async ({ people }) => {
  const [responder, officer, admin] = [
    await people.joined("responder"),
    await people.joined("privacy_officer"),
    await people.joined("admin"),
  ];
  await readAlone(responder);
  await overdue(officer, responder);
  await accessible(officer.page, "an overdue review");
  await admin.page.goto("/");
  await expect(admin.page.getByText(/Reviews overdue: [1-9]/)).toBeVisible();
  await accessible(admin.page, "the start page with overdue reviews");
  await readAlone(responder);
});

test("a portal that has something else signed than what the page shows gets no finding", async ({ people }) => {
  test.slow();
  const [responder, officer] = [await people.joined("responder"), await people.joined("privacy_officer")];
  await readAlone(responder);
  const reviews = await overdue(officer, responder);
  let sent = false;
  officer.page.on("request", (request) => (sent ||= /\/finding$/.test(request.url())));
  const digest = Buffer.alloc(32).toString("base64url");
  for (const [name, lie] of Object.entries({ finding: "not_justified", note: "Nothing was amiss", last_event: digest, request_digest: digest })) {
    await test.step(name, async () => {
      await hasSigned(officer.page, /\/finding\/prepare$/, ({ statement }) => {
        statement[name] = lie;
      });
      await reviews.open();
      await reviews.line(responder.name).first().click();
      await expect(reviews.heading(responder.name)).toBeVisible();
      await signsNothing(officer, () => reviews.close("Justified"));
      await officer.page.unrouteAll();
    });
  }
  expect(sent).toBe(false);
});
