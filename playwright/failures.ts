// Leaves one line for each failed test: where it stands, what it is called, and how what it met begins. Shown by scripts/test at its end,
// where a log that was cut off still has it.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { stripVTControlCharacters as plain } from "node:util";

import type { Reporter, TestCase, TestError, TestResult } from "@playwright/test/reporter";

/** How much of a message is said, in characters. */
const SAID = 300;

const begins = ({ message = "" }: TestError) => plain(message).replaceAll(/\s+/g, " ").slice(0, SAID);

export default class Failures implements Reporter {
  readonly #file: string;
  readonly #lines: string[] = [];

  constructor({ outputFile }: { outputFile: string }) {
    this.#file = outputFile;
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status === test.expectedStatus) return;
    const { file, line } = test.location;
    this.#lines.push([`${relative(".", file)}:${line} ${test.title}`, ...result.errors.map(begins)].join(" | "));
  }

  /** What failed outside of any test: a file that does not load. */
  onError(error: TestError): void {
    this.#lines.push(begins(error));
  }

  onEnd(): void {
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, this.#lines.map((line) => `${line}\n`).join(""));
  }
}
