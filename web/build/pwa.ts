import type { VitePWAOptions } from "vite-plugin-pwa";

export const manifest: VitePWAOptions["manifest"] = {
  id: "/",
  name: "howmuch",
  short_name: "howmuch",
  description: "Share expenses with friends, and see who owes whom",
  start_url: "/",
  scope: "/",
  display: "standalone",
  background_color: "#f4f5f4",
  theme_color: "#14532d",
  icons: [
    { src: "/icons/icon-192.png", sizes: "192x192", type: "image/png" },
    { src: "/icons/icon-512.png", sizes: "512x512", type: "image/png" },
    { src: "/icons/icon-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
  ],
};

/** The service worker keeps the app itself. What the server says is kept by the app, in IndexedDB. */
export const serviceWorker: VitePWAOptions["workbox"] = {
  globPatterns: ["**/*.{html,js,css,svg,webmanifest}", "icons/icon-*.png"],
  navigateFallback: "/index.html",
  // Pages of the server, which must not be answered with the app.
  navigateFallbackDenylist: [
    /^\/v1\//,
    /^\/join\//,
    /^\/docs/,
    /^\/developers/,
    /^\/openapi\./,
    /^\/healthz/,
    /^\/readyz/,
    /^\/metrics/,
  ],
  cleanupOutdatedCaches: true,
  clientsClaim: true,
  inlineWorkboxRuntime: true,
  sourcemap: false,
};
