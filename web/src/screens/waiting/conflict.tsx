import { Trans } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api, body, isUnreachable, Refusal, type Schemas } from "../../api/client.ts";
import { outbox, type Operation, type Write } from "../../outbox/index.ts";
import { expenseQuery } from "../../state/queries.ts";
import { usePeople } from "../event/people.ts";
import { Button } from "../../ui/button.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Problem } from "../../ui/message.tsx";
import { useFields } from "./fields.ts";

/** Somebody has changed the expense meanwhile: both versions, and the choice between them. */
export function Conflict({ write }: { write: Write }): ReactNode {
  const { eventId, operation } = write;
  const {
    data: theirs,
    error,
    refetch,
  } = useQuery({
    ...expenseQuery(eventId, operation.expenseId),
    refetchOnMount: "always",
  });
  if (!theirs) {
    return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading />;
  }
  return (
    <div className="stack-close">
      <p>
        {theirs.deleteTime === undefined ? (
          <Trans>Somebody changed this expense while your change was waiting. Which version counts?</Trans>
        ) : (
          <Trans>Somebody deleted this expense while your change was waiting.</Trans>
        )}
      </p>
      {operation.kind === "update" ? (
        <Versions eventId={eventId} mine={operation.expense} theirs={theirs} />
      ) : (
        <Versions eventId={eventId} mine={undefined} theirs={theirs} />
      )}
      <Choice write={write} theirs={theirs} />
    </div>
  );
}

/** The fields that differ. mine: undefined if my write changes no field, as to delete does not. */
function Versions(props: {
  eventId: string;
  mine: Schemas["UpdateExpenseBody"] | undefined;
  theirs: Schemas["Expense"];
}): ReactNode {
  const { mine, theirs } = props;
  const fieldsOf = useFields(usePeople(props.eventId));
  const now = fieldsOf(theirs);
  const wanted = fieldsOf({ ...theirs, ...mine });
  const rows = now.flatMap(({ label, words }, index) => {
    const own = wanted[index]?.words ?? "";
    return mine === undefined || own !== words ? [{ label, own, words }] : [];
  });
  if (rows.length === 0) {
    return (
      <p>
        <Trans>Both say the same.</Trans>
      </p>
    );
  }
  return (
    <table className="waiting-versions">
      <thead>
        <tr>
          <td />
          {mine !== undefined && (
            <th scope="col">
              <Trans>Mine</Trans>
            </th>
          )}
          <th scope="col">
            <Trans>Theirs</Trans>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ label, own, words }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            {mine !== undefined && <td>{own || "–"}</td>}
            <td>{words || "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Choice({ write, theirs }: { write: Write; theirs: Schemas["Expense"] }): ReactNode {
  const { key, eventId, operation } = write;
  const deleted = theirs.deleteTime !== undefined;
  const mine = useMutation({
    mutationFn: async () => {
      const now = deleted ? await bringBack(eventId, theirs) : theirs;
      await outbox.replace(key, eventId, withEtag(operation, now.etag));
    },
  });
  const keep = useMutation({ mutationFn: () => outbox.discard(key) });
  const busy = mine.isPending || keep.isPending;
  const error = mine.error ?? keep.error;
  // What the server refuses of the write itself is said by the card.
  const isSaid = error instanceof Refusal && !isUnreachable(error) && !deleted;
  const deletesTwice = deleted && operation.kind === "delete";
  return (
    <>
      {error && !isSaid && <Problem error={error} />}
      <div className="row">
        {!deletesTwice && (
          <Button className="primary" busy={busy} onClick={() => mine.mutate()}>
            {operation.kind === "delete" ? (
              <Trans>Delete it all the same</Trans>
            ) : deleted ? (
              <Trans>Bring it back, with mine</Trans>
            ) : (
              <Trans>Take mine</Trans>
            )}
          </Button>
        )}
        <Button busy={busy} onClick={() => keep.mutate()}>
          {deleted ? <Trans>Leave it deleted</Trans> : <Trans>Keep theirs</Trans>}
        </Button>
      </div>
    </>
  );
}

/** A deleted expense takes no change. */
async function bringBack(
  eventId: string,
  { id = "", etag }: Schemas["Expense"],
): Promise<Schemas["Expense"]> {
  const params = { path: { eventId, expenseId: id } };
  return body(
    await api.POST("/v1/events/{eventId}/expenses/{expenseId}:undelete", {
      params,
      body: etag ? { etag } : {},
    }),
  );
}

/** The same operation on the version that the user has seen now. */
function withEtag(operation: Operation, etag: string | undefined): Operation {
  const follows = operation.kind !== "create" && operation.kind !== "comment" && etag !== undefined;
  return follows ? { ...operation, etag } : operation;
}
