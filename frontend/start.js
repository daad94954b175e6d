// Starts the module that the page preloads, and says so where it cannot be: a page that stays on "Opening…" helps nobody.

function say(sentence) {
  const line = document.getElementById("opening");
  if (line) line.textContent = sentence;
}

async function start() {
  const module = document.querySelector("link[rel=modulepreload]").href;
  const { default: init } = await import(module);
  await init();
}

if (typeof WebAssembly === "object") {
  start().catch(() => say("The portal could not be loaded. Check the connection and load the page again."));
} else {
  say("This browser cannot run the portal, because WebAssembly is turned off or missing. Use another browser.");
}
