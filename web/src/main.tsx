import "./base.css";
import "./ui/ui.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { activate, preferredLanguage } from "./i18n/locale.ts";
import { registerServiceWorker } from "./service-worker.ts";

await activate(preferredLanguage());
createRoot(document.getElementById("app") ?? document.body).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
registerServiceWorker();
