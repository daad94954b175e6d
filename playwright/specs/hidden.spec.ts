// A page in the background: with a record open it may stay there for a while and no longer. The while is short here.

import { accessible } from "../support/axe.ts";
import { expectNoTrace, expectRecordInMemory } from "../support/memory.ts";
import { opened } from "../support/path.ts";
import { RequestPage } from "../support/pages/request.ts";
import { expect, test } from "../support/test.ts";
import { setHidden } from "../support/visibility.ts";

const HIDDEN = 2;
test.use({ limits: { hidden: HIDDEN } });

test("a page hidden longer than the limit loses the record; shorter, it keeps it", async ({ people }) => {
  const { responder, record } = await opened(people);
  await setHidden(responder.page, true);
  await setHidden(responder.page, false);
  await expect(record.sheet).toBeVisible();
  await expectRecordInMemory(responder);
  await setHidden(responder.page, true);
  await expect(record.erased).toBeVisible({ timeout: (HIDDEN + 2) * 1_000 });
  await expectNoTrace(responder);
  await setHidden(responder.page, false);
  await expect(responder.page.getByText("The page was hidden for too long.")).toBeVisible();
  await accessible(responder.page, "a record erased because it was hidden");
  await new RequestPage(responder.page).openAgain.click();
  await expect(record.sheet).toBeVisible();
});
