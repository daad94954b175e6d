// The open record.

import type { Locator, Page } from "@playwright/test";

export class RecordPage {
  constructor(private readonly page: Page) {}

  get sheet(): Locator {
    return this.page.getByRole("article", { name: "Record" });
  }

  get countdown(): Locator {
    return this.page.getByRole("timer");
  }

  get done(): Locator {
    return this.page.getByRole("button", { name: "Done" });
  }

  get photograph(): Locator {
    return this.sheet.getByRole("img", { name: "Photograph of the patient" });
  }

  get erased(): Locator {
    return this.page.getByRole("heading", { name: "Record erased" });
  }

  /** Headings of the sheet, from the top. */
  headings(): Promise<string[]> {
    return this.sheet.getByRole("heading").allInnerTexts();
  }

  section(title: string): Locator {
    return this.sheet.locator("section").filter({ has: this.page.getByRole("heading", { name: title, exact: true }) });
  }

  show(title: string): Locator {
    return this.sheet.getByRole("button", { name: `Show ${title}` });
  }
}
