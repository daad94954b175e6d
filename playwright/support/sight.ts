// What can be seen: in the window, and with nothing in front of it.

import { expect, type Locator } from "@playwright/test";

/** A phone held upright and sideways. */
export const WAYS_TO_HOLD = [
  { width: 360, height: 640 },
  { width: 640, height: 360 },
] as const;

/** The whole of it is in the window, and no bar lies over it. */
export async function expectSeen(what: Locator): Promise<void> {
  await expect(what).toBeInViewport({ ratio: 0.99 });
  await expect.poll(() => what.evaluate(isBare), "nothing lies over it").toBe(true);
}

/** Runs in the page. */
function isBare(element: Element): boolean {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return [top + 1, (top + bottom) / 2, bottom - 1].every((y) => element.contains(document.elementFromPoint((left + right) / 2, y)));
}
