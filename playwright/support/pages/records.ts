// The registrar's page: records, sealing, bracelets.

import type { Locator, Page } from "@playwright/test";

/** A file as a file input takes it. */
export interface File {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

export class RecordsPage {
  constructor(private readonly page: Page) {}

  async open(): Promise<void> {
    await this.page.goto("/records");
    await this.newRecord.waitFor();
  }

  get newRecord(): Locator {
    return this.page.getByRole("button", { name: "New record" });
  }

  get summary(): Locator {
    return this.page.getByLabel("Patient summary");
  }

  get attachments(): Locator {
    return this.page.getByLabel("Attachments");
  }

  titleOf(file: string): Locator {
    return this.page.getByLabel(`Title of ${file}`);
  }

  get fileNumber(): Locator {
    return this.page.getByLabel("File number");
  }

  get drill(): Locator {
    return this.page.getByLabel("Drill: this patient is made up");
  }

  get seal(): Locator {
    return this.page.getByRole("button", { name: "Seal record" });
  }

  /** What a responder will see, once a summary is chosen. */
  get preview(): Locator {
    return this.page.locator("section").filter({ hasText: "What a responder will see" });
  }

  /** That a new version is of the patient of its file. */
  get samePatient(): Locator {
    return this.page.getByLabel(/^It is the patient of this file: /);
  }

  get doneAllTheSame(): Locator {
    return this.page.getByRole("button", { name: "Done all the same" });
  }

  get done(): Locator {
    return this.page.getByRole("button", { name: "Done", exact: true });
  }

  /** Both codes of the bracelet just made. */
  get codes(): Locator {
    return this.page.getByRole("img", { name: "Code of the bracelet" });
  }

  /** What is printed under the larger code. */
  async printed(): Promise<string> {
    const lines = await this.page.getByRole("figure").first().locator("figcaption span").allInnerTexts();
    return lines.join("-");
  }

  line(fileNumber: string): Locator {
    return this.page.getByRole("row").filter({ has: this.page.getByRole("rowheader", { name: fileNumber }) });
  }
}
