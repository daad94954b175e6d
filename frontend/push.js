// Shows what the portal pushes to this device, and opens the portal when it is pressed. Nothing else: no call of a page goes through
// here, and nothing is kept.

/** What a push says, or what there is to say of one that cannot be read: browsers demand that something is shown. */
function read(event) {
  try {
    const { tag, title, body, url, closed } = event.data.json();
    return { tag: String(tag), title: String(title), body: String(body), url: String(url), closed: closed === true };
  } catch {
    return { tag: "halligan", title: "Halligan", body: "Something waits for you in the portal.", url: "/", closed: false };
  }
}

self.addEventListener("push", (event) => {
  const { tag, title, body, url, closed } = read(event);
  // Its end takes the place of a notice without a sound.
  const options = { tag, body, data: url, silent: closed, renotify: !closed, requireInteraction: !closed };
  event.waitUntil(self.registration.showNotification(title, options));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const address = new URL(event.notification.data ?? "/", self.location.origin);
  event.waitUntil(open(address.origin === self.location.origin ? address.href : "/"));
});

/** To the page that shows it, if one is open, else to a new one. */
async function open(address) {
  const pages = await self.clients.matchAll({ type: "window" });
  const page = pages.find((page) => page.url === address);
  return page ? page.focus() : self.clients.openWindow(address);
}

self.addEventListener("install", () => self.skipWaiting());
