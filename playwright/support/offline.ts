// A lost network, one call at a time: the calls of a step do not arrive, or arrive and their answers get lost.

import type { Page, Route } from "@playwright/test";

import type { Member } from "./member.ts";

/** Calls under this path get no further than the browser, until the returned function is called. */
export async function cut(member: Member, path: string | RegExp): Promise<() => Promise<void>> {
  return intercept(member, path, (route) => route.abort("internetdisconnected"));
}

/** Calls under this path reach the portal and do their work; their answers do not come back. */
export async function loseAnswers(member: Member, path: string | RegExp): Promise<() => Promise<void>> {
  return intercept(member, path, async (route) => {
    await route.fetch();
    await route.abort("internetdisconnected");
  });
}

/** How often calls under this path go out from now on. */
export function count(page: Page, path: RegExp): () => number {
  let calls = 0;
  page.on("request", (request) => {
    if (path.test(new URL(request.url()).pathname)) calls += 1;
  });
  return () => calls;
}

async function intercept(member: Member, path: string | RegExp, how: (route: Route) => Promise<void>): Promise<() => Promise<void>> {
  const isMeant = (url: URL) => (typeof path === "string" ? url.pathname === path : path.test(url.pathname));
  member.complaints.expectLostConnection();
  const underWay = new Set<Promise<void>>();
  const handle = (route: Route): Promise<void> => {
    const handled = how(route).finally(() => underWay.delete(handled));
    underWay.add(handled);
    return handled;
  };
  await member.context.route(isMeant, handle);
  // A call that is still being handled would be let through by its removal.
  return async () => {
    while (underWay.size > 0) await Promise.allSettled(underWay);
    await member.context.unroute(isMeant, handle);
  };
}
