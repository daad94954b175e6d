// Prints the tables of `make bench`, and what went wrong instead of one.

import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

/** The kind of annotation that a bench leaves its table in. */
export const TABLE = "table";

/** Columns flush right but for the first. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map(String));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => (row[column] ?? "").length)));
  const line = (row: string[]) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join("   ");
  return cells.map(line).join("\n");
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export default class Figures implements Reporter {
  onTestEnd(test: TestCase, result: TestResult): void {
    console.log(`\n${test.title}`);
    for (const { description } of test.annotations.filter(({ type }) => type === TABLE)) console.log(description);
    for (const error of result.errors) console.error(error.message);
  }
}
