import "./base.css";
import "./ui/ui.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { activate, preferredLanguage } from "./i18n/locale.ts";
import { registerServiceWorker } from "./service-worker.ts";
import { reloadIfReachable } from "./ui/lazily.ts";

const JUST_LOADED_MS = 10_000;

// After an upgrade of the server, the screens of the version before are no longer there. A page that was just loaded is
// not old: to load it again would change nothing.
window.addEventListener("vite:preloadError", () => {
  if (performance.now() > JUST_LOADED_MS) {
    void reloadIfReachable();
  }
});

await activate(preferredLanguage());
createRoot(document.getElementById("app") ?? document.body).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
// The first screen comes first: the service worker loads all others.
setTimeout(registerServiceWorker, 3000);
