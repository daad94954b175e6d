// The portal is made of parts, a module each. Whoever goes from one to the other by a link does not notice.

import { expect, test } from "../support/test.ts";

for (const [role, links] of [
  ["dispatcher", { Requests: "Dispatch desk" }],
  ["registrar", { Records: "Records" }],
  ["auditor", { "Audit log": "Audit log" }],
  ["admin", { Members: "Members", Drills: "Drills", Lockdown: "Lockdown", "Before the emergency": "Before the emergency" }],
  ["privacy_officer", { Reviews: "Reviews" }],
] as const) {
  test(`the start page leads the ${role} to each desk of theirs, and back`, async ({ people }) => {
    const { page } = await people.joined(role);
    await page.goto("/");
    for (const [link, title] of Object.entries(links)) {
      await page.getByRole("navigation", { name: "Desks" }).getByRole("link", { name: link }).click();
      await expect(page.getByRole("heading", { name: title, level: 1 })).toBeVisible();
      await page.goBack();
      await expect(page.getByRole("navigation", { name: "Desks" })).toBeVisible();
      await page.goForward();
      await expect(page.getByRole("heading", { name: title, level: 1 })).toBeVisible();
      await page.getByRole("link", { name: "Halligan" }).click();
      await expect(page.getByRole("navigation", { name: "Desks" })).toBeVisible();
    }
  });
}
