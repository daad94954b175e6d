// Accessibility: no rule of WCAG 2.0, 2.1 or 2.2 at levels A and AA is broken by what is on the page, in light or in dark.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Frame, type Page } from "@playwright/test";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

/** Those of the rules that colours can break: the rest is the same in the other scheme. */
const RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"];

/**
 * Checks the page as it stands, in both colour schemes. `what` names the state in the report; `except` a rule that axe
 * misjudges there.
 */
export async function accessible(page: Page, what: string, except: readonly string[] = []): Promise<void> {
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    const all = new AxeBuilder({ page });
    const { violations } = await (scheme === "light" ? all.withTags(RULES) : all.withRules(RULES_OF_COLOUR)).analyze();
    const broken = violations.filter(({ id }) => !except.includes(id)).map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(" ")} (${node.failureSummary ?? ""})`).join("; ")}`);
    expect(broken, `${what}, ${scheme}`).toEqual([]);
  }
  await expectNoOverhang(page, what);
}

/** Nothing is wider than the window, or the frame. */
export async function expectNoOverhang(page: Page | Frame, what: string): Promise<void> {
  expect(await page.evaluate(overhanging), `${what}: nothing sticks out sideways`).toEqual([]);
}

/** Runs in the page: what makes it wider than the window, innermost last; nothing while it is not. */
function overhanging(): string[] {
  const { clientWidth, scrollWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const out = [...document.body.querySelectorAll("*")].filter((element) => element.getBoundingClientRect().right > clientWidth);
  return [`${scrollWidth} of ${clientWidth}`, ...out.map((element) => `${element.tagName}.${element.className} ${element.getBoundingClientRect().right}`)];
}
