import { useQuery } from "@tanstack/react-query";
import { Fragment, useEffect, useSyncExternalStore, type ReactNode } from "react";
import { isSignedOut, type Schemas } from "./api/client.ts";
import { activate, LANGUAGES, preferredLanguage } from "./i18n/locale.ts";
import { outbox } from "./outbox/index.ts";
import { onOtherTab, setDeviceUser } from "./state/device.ts";
import { meQuery } from "./state/queries.ts";
import { belongsTo, forget, forgotten, queryClient } from "./state/query-client.ts";

/** The user who is logged in on this device. user: undefined while unknown; null if nobody is. */
export function useSession(): { user: Schemas["User"] | null | undefined; error: Error | null } {
  const { data, error } = useQuery(meQuery);
  if (isSignedOut(error)) {
    return { user: null, error: null };
  }
  return { user: data, error: data ? null : error };
}

/** The language, the waiting writes and the screens follow the user. */
export function Session({ children }: { children: ReactNode }): ReactNode {
  const { user } = useSession();
  const userId = user?.id;
  useEffect(() => {
    // A session that has ended keeps the outbox of its user open: forms that are still shown lose nothing.
    if (userId !== undefined) {
      void outbox.open(userId);
    }
  }, [userId]);
  useEffect(() => onOtherTab((other) => void (other ? queryClient.invalidateQueries(meQuery) : close())), []);
  const language = user?.locale?.split("-")[0] ?? "";
  useEffect(() => {
    if (language in LANGUAGES && !new URLSearchParams(location.search).has("lang")) {
      // Sentences of the server are read again in that language.
      void activate(language).then(() => queryClient.invalidateQueries({ queryKey: ["event"] }));
    }
  }, [language]);
  const screens = useSyncExternalStore(forgotten.subscribe, forgotten.times);
  return <Fragment key={screens}>{children}</Fragment>;
}

/** After a log-in: nothing that somebody else saw on this device is shown, and what waits of the user is sent. */
export async function enter(user: Schemas["User"]): Promise<void> {
  await queryClient.cancelQueries(meQuery);
  queryClient.setQueryData(meQuery.queryKey, await belongsTo(user));
  // What was refused while the session had ended is asked for again.
  void queryClient.invalidateQueries({ predicate: ({ state }) => state.status === "error" });
  void outbox.open(user.id ?? "");
}

/** After a log-out. What waits stays on this device until the same user logs in again, and is shown to no other. */
export async function leave(): Promise<void> {
  await setDeviceUser("");
  await close();
  await activate(preferredLanguage());
}

async function close(): Promise<void> {
  // Not awaited: another tab may be sending, and what is shown has to go now.
  void outbox.open("");
  await forget();
  await queryClient.resetQueries(meQuery);
}
