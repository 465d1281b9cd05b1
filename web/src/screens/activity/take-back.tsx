import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { Refusal, type Schemas } from "../../api/client.ts";
import { outbox, useWrites } from "../../outbox/index.ts";
import { Button } from "../../ui/button.tsx";
import { Problem } from "../../ui/message.tsx";
import { toast } from "../../ui/toast.tsx";
import { reversal } from "./changes.ts";

/** The button that takes the last change of an expense back: it restores what was deleted, and undoes an edit. */
export function TakeBack({ eventId, change }: { eventId: string; change: Schemas["Change"] }): ReactNode {
  const { t } = useLingui();
  const writes = useWrites(eventId);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const operation = reversal(change);
  if (!operation) {
    return null;
  }
  if (writes.some((write) => write.operation.expenseId === operation.expenseId)) {
    return (
      <p className="soft small">
        <Trans>A change of yours waits for a network</Trans>
      </p>
    );
  }
  const expense = change.after?.expense ?? change.before?.expense;
  const reason = expense?.reason ?? "";
  const restores = operation.kind === "undelete";

  async function run(): Promise<void> {
    if (!operation) {
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      const outcome = await outbox.add(eventId, operation);
      toast("sent" in outcome ? t`“${reason}” is as it was before` : t`It is sent when there is a network`);
    } catch (failure) {
      if (failure instanceof Refusal && failure.reason === "ETAG_STALE") {
        // The button goes away with the newer change that comes now.
        toast(t`Nothing was undone: somebody has changed “${reason}” meanwhile. See the newest change.`);
      } else {
        setError(failure);
      }
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <Button
        className="activity-button"
        busy={busy}
        aria-label={restores ? t`Restore “${reason}”` : t`Undo the change of “${reason}”`}
        onClick={() => void run()}
      >
        {restores ? <Trans>Restore</Trans> : <Trans>Undo</Trans>}
      </Button>
      {error !== undefined && <Problem error={error} />}
    </>
  );
}
