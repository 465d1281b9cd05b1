import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { PersistQueryClientProvider } from "@tanstack/react-query-persist-client";
import { Suspense, type ReactNode } from "react";
import { OutboxBanner } from "./outbox/banner.tsx";
import { Routes } from "./routes.tsx";
import { Session } from "./session.tsx";
import { meQuery } from "./state/queries.ts";
import { persistOptions, queryClient } from "./state/query-client.ts";
import { Faults, ScreenFaults } from "./ui/faults.tsx";
import { Loading } from "./ui/loading.tsx";
import { Toasts } from "./ui/toast.tsx";

export function App(): ReactNode {
  return (
    <I18nProvider i18n={i18n}>
      <Faults>
        <PersistQueryClientProvider
          client={queryClient}
          persistOptions={persistOptions}
          onSuccess={() => queryClient.invalidateQueries(meQuery)}
        >
          <Session>
            <OutboxBanner />
            <ScreenFaults>
              <Suspense fallback={<Loading />}>
                <Routes />
              </Suspense>
            </ScreenFaults>
          </Session>
        </PersistQueryClientProvider>
      </Faults>
      <Toasts />
    </I18nProvider>
  );
}
