// One's own passkeys.

import type { Locator, Page } from "@playwright/test";

export class PasskeysPage {
  constructor(private readonly page: Page) {}

  async open(): Promise<void> {
    await this.page.goto("/passkeys");
    await this.page.getByRole("heading", { name: "Add a passkey" }).waitFor();
  }

  line(name: string): Locator {
    return this.page.getByRole("listitem").filter({ has: this.page.getByRole("heading", { name, exact: true }) });
  }

  async add(name: string): Promise<void> {
    await this.page.getByLabel("Passkey name").fill(name);
    await this.page.getByRole("button", { name: "Add passkey" }).click();
  }

  get signOutEverywhere(): Locator {
    return this.page.getByRole("button", { name: "Sign out everywhere" });
  }
}
