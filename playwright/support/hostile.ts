// A portal that lies: what it sends to a page is changed on the way. The page has to find out by what was signed and sealed.

import type { Page } from "@playwright/test";

/** The page went meanwhile, and the question with it. */
const gone = () => undefined;

/** What the portal answers under `path`, and its live pictures under `path` + "/events", come changed. */
export async function liesAbout<Picture>(page: Page, path: RegExp, change: (picture: Picture) => void): Promise<void> {
  const live = /\/events$/;
  await page.route(
    (url) => path.test(url.pathname.replace(live, "")),
    async (route) => {
      const url = route.request().url();
      const picture = await page.request.get(url.replace(live, "")).then((answer) => answer.json() as Promise<Picture>, gone);
      if (picture === undefined) return;
      change(picture);
      const text = JSON.stringify(picture);
      await (live.test(url)
        ? route.fulfill({ contentType: "text/event-stream", body: `event: picture\ndata: ${text}\n\n` })
        : route.fulfill({ contentType: "application/json", body: text })
      ).catch(gone);
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
      await route.fulfill({ response: answer }).catch(gone);
    },
  );
  return () => go();
}
