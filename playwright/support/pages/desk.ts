// The dispatcher's desk.

import type { Locator, Page } from "@playwright/test";

export class DeskPage {
  constructor(private readonly page: Page) {}

  async open(): Promise<void> {
    await this.page.goto("/desk");
    await this.heading.waitFor();
  }

  /** The waiting request of a member. */
  card(name: string): Locator {
    return this.page.getByRole("region", { name: /^Waiting/ }).getByRole("article", { name, exact: true });
  }

  /** The line about several requests of an incident. */
  bulk(incident: string): Locator {
    return this.page.getByRole("region", { name: new RegExp(`requests of incident ${incident}$`) });
  }

  /** What a member says in their own words. */
  words(name: string): Locator {
    return this.card(name).locator(".words");
  }

  /** Shows what of these words does not stand there; there is no such button if all of them do. */
  rest(name: string): Locator {
    return this.card(name).getByRole("button", { name: "Show the rest of what you sign" });
  }

  /** The heading of the queue. */
  get heading(): Locator {
    return this.page.getByRole("heading", { name: /^Waiting/ });
  }

  /** What a screen reader is told when somebody new is there. */
  get news(): Locator {
    return this.page.locator(".news");
  }

  /** How many wait or alarm, as the heading says it. */
  async tally(): Promise<string> {
    return this.heading.locator(".tally").innerText();
  }

  /** Names on the waiting cards, from the top. */
  waiting(): Locator {
    return this.page.getByRole("region", { name: /^Waiting/ }).getByRole("heading", { level: 3 });
  }

  /** The open record of a member. */
  live(name: string): Locator {
    return this.page.getByRole("region", { name: /^Open now/ }).getByRole("article", { name, exact: true });
  }

  async approve(name: string): Promise<void> {
    await this.card(name).getByRole("button", { name: "Approve" }).click();
  }

  async deny(name: string, reason: string): Promise<void> {
    await this.card(name).getByRole("button", { name: "Deny", exact: true }).click();
    await this.card(name).getByLabel("Why? The responder will read this.").fill(reason);
    await this.card(name).getByRole("button", { name: "Send denial" }).click();
  }

  async end(name: string, reason = ""): Promise<void> {
    await this.live(name).getByLabel("Reason, if there is time. The responder will read this.").fill(reason);
    await this.live(name).getByRole("button", { name: "End now" }).click();
  }

  /** The alarm about a member's many bracelets. */
  alarm(name: string): Locator {
    return this.page.getByRole("region", { name: /^Waiting/ }).getByRole("article", { name, exact: true }).filter({ hasText: "Many bracelets" });
  }

  /** The line of a responder who is signed in; the list is opened for it. */
  async onDuty(name: string): Promise<Locator> {
    await this.page.getByText(/^Responders signed in/).click();
    return this.page.getByRole("listitem").filter({ hasText: name });
  }

  get lost(): Locator {
    return this.page.getByText("Connection lost. What you see may be out of date");
  }
}
