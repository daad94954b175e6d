// The open record.

import type { FrameLocator, Locator, Page } from "@playwright/test";

export class RecordPage {
  constructor(private readonly page: Page) {}

  /** The frame in which the record is shown; not there when none is open. */
  get viewer(): FrameLocator {
    return this.page.frameLocator("iframe.viewer");
  }

  get sheet(): Locator {
    return this.viewer.getByRole("article", { name: "Record" });
  }

  get countdown(): Locator {
    return this.page.getByRole("timer");
  }

  /** What a screen reader is told of the time left, each as it is said. */
  get spoken(): Locator {
    return this.page.locator(".countdown").getByRole("status");
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
    return this.sheet.locator("section").filter({ has: this.viewer.getByRole("heading", { name: title, exact: true }) });
  }

  show(title: string): Locator {
    return this.sheet.getByRole("button", { name: `Show ${title}` });
  }
}
