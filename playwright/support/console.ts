// What the browser complains about. Any error on the console, uncaught exception or violation of the content security policy
// fails the test, unless the test said beforehand that it brings about exactly that.

import type { BrowserContext, ConsoleMessage } from "@playwright/test";

/** A complaint to expect: matched against `text @ address`. */
export type Expected = RegExp;

/** A page asks who is signed in when it starts; the browser reports every 401 as an error. */
const ALWAYS: readonly Expected[] = [/status of 401 .* @ \S+\/api\/v1\/session$/];

export class Complaints {
  private readonly heard: string[] = [];
  private readonly expected: Expected[] = [...ALWAYS];

  constructor(context: BrowserContext) {
    context.on("console", (message) => this.hear(message));
    context.on("weberror", (error) => this.heard.push(`uncaught: ${error.error().stack ?? error.error().message}`));
  }

  /** Lets these pass, whenever they are heard. */
  expect(...expected: Expected[]): void {
    this.expected.push(...expected);
  }

  /** Lets the browser's report of these refused calls pass: `[status, address]`. */
  expectStatus(status: number, address: RegExp): void {
    this.expect(new RegExp(`status of ${status} .* @ \\S*${address.source}`));
  }

  /** Lets everything pass that a lost connection brings. */
  expectLostConnection(): void {
    this.expect(/net::ERR_(FAILED|CONNECTION_\w+|INTERNET_DISCONNECTED|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|NETWORK_CHANGED|ABORTED|SOCKET_NOT_CONNECTED)/);
  }

  /** Whether this was heard, expected or not. */
  has(pattern: RegExp): boolean {
    return this.heard.some((words) => pattern.test(words));
  }

  /** What was heard and not expected. */
  unexpected(): string[] {
    return this.heard.filter((words) => !this.expected.some((pattern) => pattern.test(words)));
  }

  private hear(message: ConsoleMessage): void {
    if (message.type() === "error" || /Content Security Policy/i.test(message.text())) {
      this.heard.push(`${message.text()} @ ${message.location().url}`);
    }
  }
}
