// Why the record is needed.

import type { Locator, Page } from "@playwright/test";

export interface Answers {
  severity: "Life-threatening" | "Urgent" | "Other";
  reason: "Patient cannot speak for themselves" | "Immediate threat to life" | "Confirming identity" | "Other reason";
  incident: string;
  text?: string;
}

export const USUAL: Answers = { severity: "Life-threatening", reason: "Patient cannot speak for themselves", incident: "2026-1124" };

export class JustifyPage {
  constructor(private readonly page: Page) {}

  /** One answer to one question. */
  choice(question: "How urgent is it?" | "Reason", answer: string): Locator {
    return this.page.getByRole("group", { name: question }).getByRole("radio", { name: answer, exact: true });
  }

  get incident(): Locator {
    return this.page.getByLabel("Ticket or incident number");
  }

  get text(): Locator {
    return this.page.getByLabel("In your words");
  }

  get ask(): Locator {
    return this.page.getByRole("button", { name: "Ask for access" });
  }

  async fill(answers: Answers = USUAL): Promise<void> {
    await this.choice("How urgent is it?", answers.severity).check();
    await this.choice("Reason", answers.reason).check();
    await this.incident.fill(answers.incident);
    if (answers.text !== undefined) await this.text.fill(answers.text);
  }
}
