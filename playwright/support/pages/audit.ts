// The auditor's page.

import type { Locator, Page } from "@playwright/test";

export class AuditPage {
  constructor(private readonly page: Page) {}

  async open(): Promise<void> {
    await this.page.goto("/audit");
    await this.events.first().waitFor();
  }

  get chain(): Locator {
    return this.page.getByText("The chain holds");
  }

  get events(): Locator {
    return this.page.getByRole("region", { name: "Events" }).locator("tbody").getByRole("row");
  }

  /** What happened, newest first. */
  get kinds(): Locator {
    return this.events.locator("td:nth-child(3) .kind");
  }

  /** The same in words. */
  get words(): Locator {
    return this.events.locator("td:nth-child(3) .kind-words");
  }

  get actors(): Locator {
    return this.events.locator("td:nth-child(4)");
  }

  async filter(by: { kind?: string; agencyId?: string }): Promise<void> {
    if (by.kind !== undefined) await this.page.getByLabel("Kind").selectOption({ label: by.kind });
    if (by.agencyId !== undefined) await this.page.getByLabel("Agency ID").fill(by.agencyId);
    await this.page.getByRole("button", { name: "Show", exact: true }).click();
  }
}
