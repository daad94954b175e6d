// The admins' page of the lockdown.

import { expect, type Locator, type Page } from "@playwright/test";

export class LockdownPage {
  constructor(private readonly page: Page) {}

  async open(): Promise<void> {
    await this.page.goto("/lockdown");
    await expect(this.page.getByRole("heading", { name: "How it stands" })).toBeVisible();
  }

  async propose(reason: string): Promise<void> {
    await this.page.getByLabel("Why? The other admin reads it.").fill(reason);
    await this.page.getByRole("button", { name: /^Propose/ }).click();
    await expect(this.page.getByText("Proposed. Another admin has to confirm it.")).toBeVisible();
  }

  /** What is proposed. */
  get proposal(): Locator {
    return this.page.getByRole("article");
  }

  get standing(): Locator {
    return this.page.getByRole("region", { name: "How it stands" });
  }
}
