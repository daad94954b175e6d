// Signing in, on its page or in the place of another one.

import type { Locator, Page } from "@playwright/test";

export class SignInPage {
  constructor(private readonly page: Page) {}

  get button(): Locator {
    return this.page.getByRole("button", { name: "Sign in with passkey" });
  }

  async signIn(): Promise<void> {
    await this.button.click();
  }

  /** With the agency ID typed, for a browser that has no passkey to offer. */
  async signInAs(agencyId: string): Promise<void> {
    await this.page.getByRole("button", { name: "No passkey offered?" }).click();
    await this.page.getByLabel("Agency ID").fill(agencyId);
    await this.button.click();
  }
}
