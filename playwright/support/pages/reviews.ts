// The privacy officer's page: which reviews there are, and one of them.

import type { Locator, Page } from "@playwright/test";

export class ReviewsPage {
  constructor(private readonly page: Page) {}

  async open(): Promise<void> {
    await this.page.goto("/reviews");
  }

  /** A review in the list, by who asked. */
  line(name: string): Locator {
    return this.page.getByRole("listitem").filter({ hasText: name }).getByRole("link");
  }

  /** The heading of the review of what somebody asked. */
  heading(name: string): Locator {
    return this.page.getByRole("heading", { level: 2, name: new RegExp(name) });
  }

  /** Says what is found, and signs it. */
  async close(finding: "Justified" | "Not justified" | "Unclear", note = ""): Promise<void> {
    await this.page.getByRole("radio", { name: finding, exact: true }).check();
    await this.page.getByLabel("Why?", { exact: true }).fill(note);
    await this.sign.click();
  }

  get sign(): Locator {
    return this.page.getByRole("button", { name: "Sign and close" });
  }
}
