// A browser that is told of notices, without a push service, which no test has.

import { expect, type Page } from "@playwright/test";

/** The worker that shows notices. */
export function register(page: Page): Promise<void> {
  return page.evaluate(async () => {
    const script = document.querySelector<HTMLMetaElement>("meta[name=halligan-push]")?.content ?? "";
    await navigator.serviceWorker.register(script);
    await navigator.serviceWorker.ready;
  });
}

/** How many workers there are. */
export function workers(page: Page): Promise<number> {
  return page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);
}

/** Has this browser told, as the button does, with keys of its own and a made-up address; the page is read anew. */
export async function tellHere(page: Page): Promise<void> {
  const status = await page.evaluate(async () => {
    const bytes = (buffer: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
    const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
    const body = {
      endpoint: "https://fcm.googleapis.com/fcm/send/made-up",
      p256dh: bytes(await crypto.subtle.exportKey("raw", pair.publicKey)),
      auth: bytes(crypto.getRandomValues(new Uint8Array(16)).buffer),
    };
    const answer = await fetch("/api/v1/push-devices", { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    return answer.status;
  });
  expect(status).toBeLessThan(300);
  await page.reload();
}
