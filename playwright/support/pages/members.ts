// The admin's page.

import type { Locator, Page } from "@playwright/test";

export class MembersPage {
  constructor(private readonly page: Page) {}

  async open(): Promise<void> {
    await this.page.goto("/members");
    await this.page.getByRole("rowheader").first().waitFor();
  }

  async invite(agencyId: string, name: string, ...roles: string[]): Promise<void> {
    await this.page.getByLabel("Agency ID").fill(agencyId);
    await this.page.getByLabel("Name", { exact: true }).fill(name);
    for (const role of roles) await this.page.getByRole("checkbox", { name: role }).check();
    await this.page.getByRole("button", { name: "Invite" }).click();
  }

  get link(): Locator {
    return this.page.getByText(/\/join#/);
  }

  get code(): Locator {
    return this.page.getByRole("img", { name: "Code of the invitation link" });
  }

  line(agencyId: string): Locator {
    return this.page.getByRole("row").filter({ has: this.page.getByRole("rowheader", { name: agencyId }) });
  }
}
