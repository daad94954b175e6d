// The admins' page of the lockdown.

import { expect, type Locator, type Page } from "@playwright/test";

export class LockdownPage {
  constructor(private readonly page: Page) {}

  async open(): Promise<void> {
    await this.page.goto("/lockdown");
    await expect(this.page.getByRole("heading", { name: "How it stands" })).toBeVisible();
  }

  async propose(reason: string): Promise<void> {
    await this.reason.fill(reason);
    await this.button.click();
    await expect(this.page.getByText("Proposed. Another admin has to confirm it.")).toBeVisible();
  }

  get reason(): Locator {
    return this.page.getByLabel("Why? The other admin reads it.");
  }

  /** Proposes what stands above it. */
  get button(): Locator {
    return this.page.getByRole("button", { name: /^Propose/ });
  }

  /** What is proposed. */
  get proposal(): Locator {
    return this.page.getByRole("article");
  }

  get standing(): Locator {
    return this.page.getByRole("region", { name: "How it stands" });
  }
}
