// The viewer's first step: says to the portal's page that it is here, and starts the program that it is given. By the policy of its own
// page it can load nothing but scripts and style of the portal.

/** The portal. This document has no origin of its own, only an address. */
const PORTAL = new URL(document.URL).origin;

/** Nothing is made of mere text here: Leptos sets the fixed parts of pages as HTML, none of which does anything by itself. */
const ACTIVE = /<\s*(script|iframe|frame|object|embed|base|meta|link|style|form|svg:script)\b|\bon\w+\s*=|javascript:/i;
globalThis.trustedTypes?.createPolicy("default", { createHTML: (html) => (ACTIVE.test(html) ? null : html) });

// What could carry a word out of here and is not asked by every browser's policy of a page: connections between browsers.
for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "RTCDataChannel", "WebTransport"]) delete globalThis[name];

async function begin(event) {
  // From the page around this frame, and from the portal's own.
  if (event.source !== parent || event.origin !== PORTAL || event.ports.length !== 1) return;
  removeEventListener("message", begin);
  globalThis.halliganPort = event.ports[0];
  const { default: init } = await import("/halligan-viewer.js");
  await init({ module_or_path: event.data });
}

let pages;

/** Opens a PDF file with the program that draws such files. */
globalThis.halliganPaper = async (program, file) => {
  pages ??= import("/halligan-paper.js").then(async (module) => {
    await module.default({ module_or_path: program });
    return module;
  });
  // What failed is tried anew at the next file.
  pages.catch(() => (pages = undefined));
  return (await pages).open(file);
};

addEventListener("message", begin);
parent.postMessage("here", PORTAL);
