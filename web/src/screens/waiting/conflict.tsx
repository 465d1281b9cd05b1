import { Trans } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { isUnreachable, Refusal, type Schemas } from "../../api/client.ts";
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
        <Trans>Somebody changed this expense while your change was waiting. Which version counts?</Trans>
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
  const mine = useMutation({
    mutationFn: () => outbox.replace(write.key, write.eventId, withEtag(write.operation, theirs.etag)),
  });
  const keep = useMutation({ mutationFn: () => outbox.discard(write.key) });
  const busy = mine.isPending || keep.isPending;
  const error = mine.error ?? keep.error;
  return (
    <>
      {/* What the server refuses is said by the card itself. */}
      {error && (!(error instanceof Refusal) || isUnreachable(error)) && <Problem error={error} />}
      <div className="row">
        <Button className="primary" busy={busy} onClick={() => mine.mutate()}>
          {write.operation.kind === "delete" ? (
            <Trans>Delete it all the same</Trans>
          ) : (
            <Trans>Take mine</Trans>
          )}
        </Button>
        <Button busy={busy} onClick={() => keep.mutate()}>
          <Trans>Keep theirs</Trans>
        </Button>
      </div>
    </>
  );
}

/** The same operation on the version that the user has seen now. */
function withEtag(operation: Operation, etag: string | undefined): Operation {
  const follows = operation.kind !== "create" && operation.kind !== "comment" && etag !== undefined;
  return follows ? { ...operation, etag } : operation;
}
