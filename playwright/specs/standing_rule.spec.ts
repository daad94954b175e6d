// The door of a standing rule: a crew that dispatch sent opens the record at once, in sight of every desk, and no more once the incident is over.

import { accessible } from "../support/axe.ts";
import { Cad } from "../support/cad.ts";
import { Member } from "../support/member.ts";
import { arrive, ask } from "../support/path.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { USUAL } from "../support/pages/justify.ts";
import { RecordPage } from "../support/pages/record.ts";
import { Portal } from "../support/portal.ts";
import { expect, test as base } from "../support/test.ts";

/** A portal that hears computer-aided dispatch. */
const test = base.extend<object, { cad: Cad; portal: Portal }>({
  cad: [
    async ({}, use) => {
      const cad = await Cad.start();
      await use(cad);
      await cad.end();
    },
    { scope: "worker" },
  ],
  portal: [
    async ({ cad }, use) => {
      const portal = await Portal.start({}, cad.settings);
      await use(portal);
      await portal.end();
    },
    { scope: "worker", timeout: 90_000 },
  ],
});

test("a crew that was sent opens the record at once, both desks see by which rule, and a closed incident opens nothing more", async ({ browser, cad, people, portal }) => {
  const responder = people.add(await Member.arrive(browser, portal, await portal.invited(["responder"], "--unit", "M12"), { screen: "phone" }));
  await responder.join();
  const [one, two] = [await people.joined("dispatcher"), await people.joined("dispatcher")];
  const [first, second] = [new DeskPage(one.page), new DeskPage(two.page)];
  await first.open();
  await second.open();
  await cad.tell(portal.origin, USUAL.incident, "Active", ["M12"]);

  const form = await arrive(responder);
  await form.fill(USUAL);
  await form.ask.click();
  const record = new RecordPage(responder.page);
  await expect(record.sheet).toBeVisible();
  for (const desk of [first, second]) {
    await expect(desk.live(responder.name)).toContainText("By a standing rule");
    await expect(desk.card(responder.name), "nobody was asked").toHaveCount(0);
  }
  await accessible(one.page, "a record that a standing rule opened, on the desk");
  await record.done.click();
  await expect(record.sheet).toHaveCount(0);
  await expect(first.live(responder.name)).toHaveCount(0);

  await cad.tell(portal.origin, USUAL.incident, "Closed", ["M12"]);
  await ask(responder);
  await expect(first.card(responder.name)).toBeVisible();
  await second.approve(responder.name);
  await expect(record.sheet).toBeVisible();
  await expect(first.live(responder.name)).toContainText(`Approved by ${two.name}`);
});
