/** What screens need in order to work without a network. */

import { usePrefetchQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { formatLocale } from "../i18n/locale.ts";
import { currenciesQuery } from "./queries.ts";

/** Whether this device has a network. Whether the server answers is another matter. */
export function useOnline(): boolean {
  return useSyncExternalStore(listen, () => navigator.onLine);
}

/** Keeps what the form of an expense needs beside the event, so that it opens without a network. */
export function useFormOffline(): void {
  usePrefetchQuery(currenciesQuery(formatLocale()));
}

function listen(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}
