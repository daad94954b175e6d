// A portal that lies: what it sends to a page is changed on the way. The page has to find out by what was signed and sealed.

import type { Page } from "@playwright/test";

/** The live pictures under `path` + "/events" come changed; each is what the portal answers under `path` at that moment. */
export async function liesAbout<Picture>(page: Page, path: RegExp, change: (picture: Picture) => void): Promise<void> {
  await page.route(
    (url) => url.pathname.endsWith("/events") && path.test(url.pathname.slice(0, -"/events".length)),
    async (route) => {
      const shown = route.request().url().slice(0, -"/events".length);
      const picture = (await (await page.request.get(shown)).json()) as Picture;
      change(picture);
      await route.fulfill({ contentType: "text/event-stream", body: `event: picture\ndata: ${JSON.stringify(picture)}\n\n` });
    },
  );
}

/** The answers under `path` wait until the returned function is called. */
export async function holdsBack(page: Page, path: RegExp): Promise<() => void> {
  let go = () => {};
  const held = new Promise<void>((done) => (go = done));
  await page.route(
    (url) => path.test(url.pathname),
    async (route) => {
      const answer = await route.fetch();
      await held;
      await route.fulfill({ response: answer }).catch(() => undefined);
    },
  );
  return () => go();
}
