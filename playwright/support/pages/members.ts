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

  /** Where somebody works, in the invitation; [`editPost`] in a line. */
  async post(words: Partial<Record<"Crew" | "Unit" | "Station" | "Shift" | "Supervisor", string>>, within: Locator | Page = this.page): Promise<void> {
    for (const [label, text] of Object.entries(words)) await within.getByLabel(label, { exact: true }).fill(text);
  }

  async keepOut(agencyId: string): Promise<void> {
    const line = this.line(agencyId);
    await line.getByRole("button", { name: "Keep out" }).click();
    await line.getByRole("button", { name: "Keep out", exact: true }).click();
  }

  /** Those who are invited and have not joined. */
  invited(agencyId: string): Locator {
    return this.page.getByRole("region", { name: "Invited" }).getByRole("listitem").filter({ hasText: agencyId });
  }

  /** Opens the line of a member. */
  async edit(agencyId: string): Promise<Locator> {
    const button = this.line(agencyId).getByRole("button", { name: "Edit" });
    await button.click();
    const row = this.page.getByRole("row").filter({ has: this.page.getByRole("form", { name: /^Edit / }) });
    await row.waitFor();
    return row;
  }

  /** What is under way about a member's passkeys. */
  replacing(agencyId: string): Locator {
    return this.page.getByRole("article").filter({ hasText: agencyId });
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
