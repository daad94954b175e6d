// A request of one's own: waiting, decided, over.

import type { Locator, Page } from "@playwright/test";

export class RequestPage {
  constructor(private readonly page: Page) {}

  /** `Waiting for dispatch`, `Denied`, `Cancelled`, `Record erased`… */
  title(name: string): Locator {
    return this.page.getByRole("heading", { name, exact: true });
  }

  /** Until the request expires, or its record closes; not that of the override. */
  get countdown(): Locator {
    return this.page.locator(".countdown").filter({ hasNotText: "open it alone" }).getByRole("timer");
  }

  get cancel(): Locator {
    return this.page.getByRole("button", { name: "Cancel request" });
  }

  get askAgain(): Locator {
    return this.page.getByRole("button", { name: "Ask again" });
  }

  get openAgain(): Locator {
    return this.page.getByRole("button", { name: "Open again" });
  }

  get tryAgain(): Locator {
    return this.page.getByRole("button", { name: "Try again" });
  }

  get lost(): Locator {
    return this.page.getByText("Connection lost. Trying again…");
  }
}
