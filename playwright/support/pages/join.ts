// The page an invitation opens.

import type { Locator, Page } from "@playwright/test";

export class JoinPage {
  constructor(private readonly page: Page) {}

  /** What the invitation says about the invited: `Name`, `Agency`, `Agency ID`, `Roles`. */
  fact(label: string): Locator {
    return this.page.getByRole("term").filter({ hasText: new RegExp(`^${label}$`) }).locator("xpath=following-sibling::dd[1]");
  }

  get passkeyName(): Locator {
    return this.page.getByLabel("Passkey name");
  }

  get button(): Locator {
    return this.page.getByRole("button", { name: "Create passkey" });
  }

  async create(): Promise<void> {
    await this.button.click();
  }
}
