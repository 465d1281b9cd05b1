import { useQuery } from "@tanstack/react-query";
import { useEffect, type ReactNode } from "react";
import { isSignedOut, type Schemas } from "./api/client.ts";
import { activate, LANGUAGES, preferredLanguage } from "./i18n/locale.ts";
import { outbox } from "./outbox/index.ts";
import { meQuery } from "./state/queries.ts";
import { forget, queryClient } from "./state/query-client.ts";

/** The user who is logged in on this device. user: undefined while unknown; null if nobody is. */
export function useSession(): { user: Schemas["User"] | null | undefined; error: Error | null } {
  const { data, error } = useQuery(meQuery);
  if (isSignedOut(error)) {
    return { user: null, error: null };
  }
  return { user: data, error: data ? null : error };
}

/** The language and the waiting writes follow the user. */
export function Session({ children }: { children: ReactNode }): ReactNode {
  const { user } = useSession();
  const userId = user === undefined ? undefined : (user?.id ?? "");
  useEffect(() => {
    if (userId !== undefined) {
      void outbox.open(userId);
    }
  }, [userId]);
  const language = user?.locale?.split("-")[0] ?? "";
  useEffect(() => {
    if (language in LANGUAGES && !new URLSearchParams(location.search).has("lang")) {
      void activate(language);
    }
  }, [language]);
  return children;
}

/** After a log-in: nothing that somebody else saw on this device is shown. */
export async function enter(user: Schemas["User"]): Promise<void> {
  await forget();
  queryClient.setQueryData(meQuery.queryKey, user);
}

/** After a log-out. */
export async function leave(): Promise<void> {
  await forget();
  await queryClient.invalidateQueries(meQuery);
  await activate(preferredLanguage());
}
