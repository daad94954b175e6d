// An admin looks before the emergency at what would fail in it.

import { Authority } from "../support/authority.ts";
import { accessible } from "../support/axe.ts";
import { Portal } from "../support/portal.ts";
import { Crowd, expect, test } from "../support/test.ts";

test("an admin sees what would fail in an emergency, and what to do", async ({ browser }) => {
  const authority = await Authority.start();
  const portal = await Portal.start({}, authority.settings);
  const people = new Crowd(browser, portal);
  try {
    const { page } = await people.joined("admin");
    await expect(page.getByRole("link", { name: "Before the emergency" })).toHaveAttribute("href", "/doctor");
    await page.goto("/doctor");
    await expect(page.getByText("All of it would work.")).toBeVisible({ timeout: 20_000 });
    const check = (name: string) => page.getByRole("listitem").filter({ has: page.getByText(name, { exact: true }) });
    await expect(check("share 1 within the window")).toContainText("Fine");
    await accessible(page, "nothing would fail");

    await authority.cut();
    await page.getByRole("button", { name: "Look again" }).click();
    await expect(page.getByRole("alert").filter({ hasText: "Would fail: 1." })).toBeVisible({ timeout: 20_000 });
    await expect(check("Key service reachable")).toContainText("Fails");
    await expect(check("Key service reachable")).toContainText("Look at AWS_ENDPOINT_URL");
    await expect(check("share 1 within the window")).toContainText("Not known");
    await accessible(page, "something would fail");

    const other = await people.joined("responder");
    await other.page.goto("/doctor");
    await expect(other.page.getByText("Your roles do not include this page.")).toBeVisible();
  } finally {
    await people.leave();
    await portal.end();
    await authority.end();
  }
});
