// What a screen reader hears of the countdown, and what a sleeping device does to it. The page's clock is the test's here: nobody waits for
// five minutes.

import { expectNoTrace, expectRecordInMemory } from "../support/memory.ts";
import { opened } from "../support/path.ts";
import { expect, test } from "../support/test.ts";

test("the time left is said at four marks and at no other, and the last half minute stands out", async ({ people }) => {
  const { responder, record } = await opened(people, { clock: true });
  const { clock } = responder.page;
  const said: string[] = [];
  await responder.page.exposeFunction("hear", (words: string) => said.push(words));
  await record.spoken.evaluate((element) => {
    const { hear } = window as unknown as { hear: (words: string) => void };
    new MutationObserver(() => element.textContent !== "" && hear(element.textContent ?? "")).observe(element, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  await expect(record.countdown).toHaveText(/^[45]:\d\d$/);
  const last = responder.page.locator(".countdown.last");
  for (const [seconds, words] of [
    [170, []],
    [20, ["2 minutes left"]],
    [60, ["2 minutes left", "1 minute left"]],
  ] as const) {
    await clock.fastForward(seconds * 1_000);
    await expect.poll(() => said).toEqual(words);
    await expect(last).toHaveCount(0);
  }
  await clock.fastForward(30_000);
  await expect.poll(() => said).toEqual(["2 minutes left", "1 minute left", "30 seconds left"]);
  await expect(last).toHaveCount(1);
  await clock.fastForward(13_000);
  await expect.poll(() => said).toEqual(["2 minutes left", "1 minute left", "30 seconds left", "10 seconds left"]);
  await clock.fastForward(10_000);
  await expect(record.erased).toBeVisible();
});

test("a device that slept past the end wakes up with nothing of the record", async ({ people }) => {
  const { responder, record } = await opened(people, { clock: true });
  await expectRecordInMemory(responder);
  // Wall time went on, and nothing else: what the page sees of a sleep where the monotonic clock stands still meanwhile.
  await responder.page.clock.setSystemTime(Date.now() + 600_000);
  await expect(record.erased).toBeVisible();
  await expect(responder.page.getByText("The device slept past the end.")).toBeVisible();
  await expectNoTrace(responder);
});
