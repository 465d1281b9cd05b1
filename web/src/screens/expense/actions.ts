import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { useLocation } from "wouter";
import type { Schemas } from "../../api/client.ts";
import { outbox, type Operation } from "../../outbox/index.ts";
import { leaveTo } from "../../ui/back.ts";
import { toast } from "../../ui/toast.tsx";
import { listAddress } from "../event/place.ts";

export interface Actions {
  busy: boolean;
  error: unknown;
  remove: () => Promise<void>;
  bringBack: () => Promise<void>;
  restore: (version: number) => Promise<void>;
}

/** What the user can do to an expense here. Each also works without a network: then it waits. */
export function useActions(eventId: string, expense: Schemas["Expense"]): Actions {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const expenseId = expense.id ?? "";
  const { reason, etag } = expense;

  async function run(operation: Operation, done: (etag: string | undefined) => void): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      const outcome = await outbox.add(eventId, operation);
      done("sent" in outcome && "etag" in outcome.sent ? outcome.sent.etag : etag);
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  }

  return {
    busy,
    error,
    remove: () =>
      run({ kind: "delete", expenseId, ...etagged(etag) }, (after) => {
        const undo: Operation = { kind: "undelete", expenseId, ...etagged(after) };
        leaveTo(listAddress(eventId), navigate);
        toast(t`“${reason}” is deleted.`, {
          label: t`Undo`,
          run: () =>
            void outbox.add(eventId, undo).then(
              () => toast(t`“${reason}” is back.`),
              () => toast(t`“${reason}” could not be restored. Open it among the deleted ones.`),
            ),
        });
      }),
    bringBack: () =>
      run({ kind: "undelete", expenseId, ...etagged(etag) }, () => toast(t`“${reason}” is back.`)),
    restore: (version) =>
      run({ kind: "restore", expenseId, version, ...etagged(etag) }, () => toast(t`It is again as it was.`)),
  };
}

function etagged(etag: string | undefined): { etag?: string } {
  return etag ? { etag } : {};
}
