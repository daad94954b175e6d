// Which bracelet: by the camera, or typed.

import type { Locator, Page } from "@playwright/test";

export class ScanPage {
  constructor(private readonly page: Page) {}

  async open(): Promise<void> {
    await this.page.goto("/");
    await this.page.getByRole("link", { name: "Scan bracelet" }).click();
  }

  /** Makes the typed entry visible, which is one tap away from the camera. */
  async typeInstead(): Promise<void> {
    const way = this.page.getByRole("button", { name: /type/i });
    await this.reference.or(way).first().waitFor();
    if (!(await this.reference.isVisible())) await way.click();
  }

  get reference(): Locator {
    return this.page.getByLabel("Characters under the code");
  }

  get goOn(): Locator {
    return this.page.getByRole("button", { name: "Continue" });
  }

  /** Types what is printed under the code, key by key, as a person does. */
  async type(text: string): Promise<void> {
    await this.reference.click();
    await this.reference.pressSequentially(text);
  }
}
