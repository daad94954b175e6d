// The admin's page of drills.

import type { Locator, Page } from "@playwright/test";

export class DrillsPage {
  constructor(private readonly page: Page) {}

  async open(): Promise<void> {
    await this.page.goto("/drills");
    await this.page.getByRole("heading", { name: "Begin a drill" }).waitFor();
  }

  /** Begins a drill for these members, by name. */
  async begin(name: string, ...members: string[]): Promise<void> {
    await this.page.getByLabel("Name", { exact: true }).fill(name);
    for (const member of members) await this.page.getByRole("checkbox", { name: new RegExp(`^${member} `) }).check();
    await this.page.getByRole("button", { name: "Begin the drill" }).click();
    // Asked where nobody would be left outside.
    const sure = this.page.getByRole("button", { name: "Begin all the same" });
    const begun = this.page.getByText(`${name} has begun.`);
    await sure.or(begun).first().waitFor();
    if (await sure.isVisible()) await sure.click();
    await begun.waitFor();
  }

  /** A drill in the list. */
  line(name: string): Locator {
    return this.page.getByRole("listitem").filter({ hasText: name });
  }

  /** A row of the report, by who asked. */
  row(name: string): Locator {
    return this.page.getByRole("row").filter({ has: this.page.getByRole("rowheader", { name }) });
  }
}
