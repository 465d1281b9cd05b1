import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api, body, type Schemas } from "../../api/client.ts";
import { formatInstant } from "../../dates.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { sessionsQuery } from "../../state/queries.ts";
import { queryClient } from "../../state/query-client.ts";
import { Button } from "../../ui/button.tsx";
import { useFold } from "../../ui/fold.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Problem } from "../../ui/message.tsx";

/** Where the user is logged in. */
export function Sessions(): ReactNode {
  const { data, error, refetch } = useQuery(sessionsQuery);
  const [shown, fold] = useFold(data ?? [], 5);
  return (
    <section className="card stack-close">
      <h2>
        <Trans>Where you are logged in</Trans>
      </h2>
      {error && !data && <Problem error={error} retry={() => void refetch()} />}
      {!error && !data && <Loading />}
      <ul>
        {shown.map((session) => (
          <SessionRow key={session.id} session={session} />
        ))}
      </ul>
      {fold}
    </section>
  );
}

function SessionRow({ session }: { session: Schemas["Session"] }): ReactNode {
  const { t } = useLingui();
  const since = formatInstant(session.createTime ?? "", formatLocale());
  const until = formatInstant(session.expireTime ?? "", formatLocale());
  const client = session.client || t`A program without a name`;
  const ending = useMutation({
    mutationFn: async () => {
      const path = { sessionId: session.id ?? "" };
      return body(await api.DELETE("/v1/sessions/{sessionId}", { params: { path } }));
    },
    onSettled: () => queryClient.invalidateQueries(sessionsQuery),
  });
  return (
    <li className="settings-session">
      <div className="grow">
        <strong>{client}</strong>
        {session.current && (
          <span className="soft">
            {" "}
            <Trans>(this device)</Trans>
          </span>
        )}
        <div className="soft small">
          <Trans>
            since {since}, until {until}
          </Trans>
        </div>
        {ending.error && <Problem error={ending.error} />}
      </div>
      {!session.current && (
        <Button
          className="plain"
          aria-label={t`Log out ${client}`}
          busy={ending.isPending}
          onClick={() => ending.mutate()}
        >
          <Trans>Log out</Trans>
        </Button>
      )}
    </li>
  );
}
