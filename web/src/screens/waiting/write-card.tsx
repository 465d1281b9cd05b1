import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Link } from "wouter";
import { formatAgo } from "../../dates.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { outbox, type Write } from "../../outbox/index.ts";
import { eventQuery } from "../../state/queries.ts";
import { Button, LinkButton } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { Problem } from "../../ui/message.tsx";
import { Conflict } from "./conflict.tsx";
import { WriteWords } from "./write-words.tsx";

/** A write: what it is, what the server said, and what can be done. held: it waits for a decision about another. */
export function WriteCard({ write, held = false }: { write: Write; held?: boolean }): ReactNode {
  const { data: event } = useQuery(eventQuery(write.eventId));
  const { refused } = write;
  const conflict = refused?.reason === "ETAG_STALE";
  return (
    <article className={`card stack-close ${refused ? "waiting-refused" : ""}`}>
      <h3 className="waiting-title">
        <WriteWords write={write} />
      </h3>
      <p className="soft small">
        <Link href={`/events/${write.eventId}`}>{event?.name ?? <Trans>Event</Trans>}</Link> ·{" "}
        {formatAgo(write.madeAt, formatLocale())}
      </p>
      {held && (
        <p className="small">
          <Trans>Waits for your decision above about the same expense.</Trans>
        </p>
      )}
      {conflict && <Conflict write={write} />}
      {refused && !conflict && <WhatTheServerSaid refused={refused} />}
      <Actions write={write} conflict={conflict} />
    </article>
  );
}

function WhatTheServerSaid({ refused }: { refused: NonNullable<Write["refused"]> }): ReactNode {
  // The message of an error of fields repeats them, with their paths in the request.
  const { message, violations } = refused;
  const faults = violations.length > 0 ? violations.map(({ description }) => description) : [message];
  return (
    <div>
      <p>
        <Trans>howmuch did not take it:</Trans>
      </p>
      <ul className="waiting-faults">
        {faults.map((fault) => (
          <li key={fault}>{fault}</li>
        ))}
      </ul>
    </div>
  );
}

function Actions({ write, conflict }: { write: Write; conflict: boolean }): ReactNode {
  const [asking, setAsking] = useState(false);
  const { key, eventId, operation, refused } = write;
  const retrying = useMutation({ mutationFn: () => outbox.retry(key) });
  const changeable = operation.kind === "create" || operation.kind === "update";
  return (
    <>
      {retrying.error && <Problem error={retrying.error} />}
      <div className="row waiting-actions">
        {refused && !conflict && (
          <Button busy={retrying.isPending} onClick={() => retrying.mutate()}>
            <Trans>Try again</Trans>
          </Button>
        )}
        {refused && changeable && (
          <LinkButton href={`/events/${eventId}/expenses/${operation.expenseId}/edit`}>
            <Trans>Change it</Trans>
          </LinkButton>
        )}
        {!conflict && (
          <Button className="plain" onClick={() => setAsking(true)}>
            <Trans>Throw away</Trans>
          </Button>
        )}
      </div>
      {asking && <ThrowAway write={write} onClose={() => setAsking(false)} />}
    </>
  );
}

function ThrowAway({ write, onClose }: { write: Write; onClose: () => void }): ReactNode {
  const { t } = useLingui();
  return (
    <Confirm
      title={t`Throw this away?`}
      action={<Trans>Throw away</Trans>}
      run={() => outbox.discard(write.key)}
      onClose={onClose}
    >
      <p>
        <strong>
          <WriteWords write={write} />
        </strong>
      </p>
      <p>
        <Trans>It is then nowhere any more: howmuch does not have it.</Trans>
      </p>
    </Confirm>
  );
}
