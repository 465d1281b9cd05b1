/// <reference types="vite-plugin-pwa/client" />
/** Keeps the app on this device, where the browser allows it, and says when a new version is there. */

import { t } from "@lingui/core/macro";
import { registerSW } from "virtual:pwa-register";
import { toast } from "./ui/toast.tsx";

const CHECK_MS = 3600 * 1000;

/** Browsers allow it on HTTPS and on this machine; elsewhere the app works without. */
export function registerServiceWorker(): void {
  let asked = false;
  const load = registerSW({
    onRegisteredSW: (_, registration) => registration && checkForNew(registration),
    onNeedRefresh() {
      offer();
      // Whoever comes back to the app is told again, until they load it or close all its tabs.
      document.addEventListener("visibilitychange", () => {
        if (document.visibilityState === "visible") {
          offer();
        }
      });
    },
    // Another tab has loaded the new version. This one goes on: something may be typed in it.
    onNeedReload: () => asked && location.reload(),
  });

  function offer(): void {
    const run = (): void => {
      asked = true;
      void load();
    };
    toast(t`A new version is there`, { label: t`Load it`, run });
  }
}

/** An installed app stays open for days. */
function checkForNew(registration: ServiceWorkerRegistration): void {
  setInterval(() => {
    if (navigator.onLine) {
      registration.update().catch(() => undefined);
    }
  }, CHECK_MS);
}
