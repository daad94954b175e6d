// Starts the module that the page preloads, and says so where it cannot be: a page that stays on "Opening…" helps nobody.

function say(sentence) {
  const line = document.getElementById("opening");
  if (line) line.textContent = sentence;
}

/** Markup that does something by itself. Leptos sets the fixed parts of pages as HTML, and none of them holds such. */
const ACTIVE = /<\s*(script|iframe|frame|object|embed|base|meta|link|style|form|svg:script)\b|\bon\w+\s*=|javascript:/i;

/** What the browser lets be made of mere text (Trusted Types): harmless markup, and the workers that the page names. */
function guard() {
  const workers = ["scanner", "push"].map((name) => document.querySelector(`meta[name=halligan-${name}]`).content);
  globalThis.trustedTypes?.createPolicy("default", {
    createHTML: (html) => (ACTIVE.test(html) ? null : html),
    createScriptURL: (address) => (workers.includes(address) ? address : null),
  });
}

async function start() {
  guard();
  const module = document.querySelector("link[rel=modulepreload]").href;
  const program = document.querySelector("link[rel=preload][as=fetch]");
  const { default: init } = await import(module);
  await init({ module_or_path: fetch(program.href, { integrity: program.dataset.integrity }) });
}

if (typeof WebAssembly === "object") {
  start().catch(() => say("The portal could not be loaded. Check the connection and load the page again."));
} else {
  say("This browser cannot run the portal, because WebAssembly is turned off or missing. Use another browser.");
}
