import { fileURLToPath } from "node:url";
import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { VitePWA } from "vite-plugin-pwa";
import { linguiMacros } from "./build/lingui-macros.ts";
import { manifest, serviceWorker } from "./build/pwa.ts";
import { precompressed } from "./build/precompressed.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

// `npm run dev` serves the app on a port of its own and sends the API's requests to `make run`.
const API = process.env["HOWMUCH_API"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [
    linguiMacros(),
    react(),
    lingui(),
    VitePWA({ manifest, workbox: serviceWorker, injectRegister: null, registerType: "prompt" }),
    precompressed(),
  ],
  resolve: {
    // The client's sources, so that the app needs no build of it.
    alias: { "howmuch-client/rest": path("../clients/typescript/src/rest.ts") },
  },
  build: {
    outDir: path("../howmuch/web_app"),
    emptyOutDir: true,
    target: "es2022",
    // The Content-Security-Policy forbids inline code and `data:` scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One file for what all screens share, and one a screen: many small files cost a phone more than they save.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: "shared", test: /\/src\/(api|dates|i18n\/locale|money|outbox|state|ui|session)/ }],
        },
      },
    },
  },
  server: { proxy: { "/v1": API, "/join": API, "/developers": API, "/docs": API } },
});
