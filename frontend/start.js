// Starts the portal's module, and says so where it cannot be: a page that stays on "Opening…" helps nobody.
import init from "./halligan-frontend.js";

function say(sentence) {
  const line = document.getElementById("opening");
  if (line) line.textContent = sentence;
}

if (typeof WebAssembly === "object") {
  init().catch(() => say("The portal could not be loaded. Check the connection and load the page again."));
} else {
  say("This browser cannot run the portal, because WebAssembly is turned off or missing. Use another browser.");
}
