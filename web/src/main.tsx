import "./base.css";
import "./ui/ui.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { activate, preferredLanguage } from "./i18n/locale.ts";
import { registerServiceWorker } from "./service-worker.ts";

// After an upgrade of the server, the screens of the version before are no longer there.
window.addEventListener("vite:preloadError", () => {
  if (navigator.onLine) {
    location.reload();
  }
});

await activate(preferredLanguage());
createRoot(document.getElementById("app") ?? document.body).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
registerServiceWorker();
