/** Payments of the plan that the user marks as paid: each becomes a transfer, which can be undone. */

import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { newExpenseId } from "../../api/ids.ts";
import type { Schemas } from "../../api/client.ts";
import { localDay } from "../../dates.ts";
import { outbox, useWrites } from "../../outbox/index.ts";
import { toast } from "../../ui/toast.tsx";
import { marksOf, placeOf, type Mark, type OpenPayment } from "./marks.ts";

export interface Marking {
  /** Whether the user may add payments: an editor or owner, while the event is not archived. */
  mayWrite: boolean;
  marks: readonly Mark[];
  /** The place, as `placeOf`, of what is being written; empty for nothing. */
  busy: string;
  /** What went wrong with the last press; undefined if nothing did. */
  failure: { currency: string; error: unknown } | undefined;
  mark: (payment: OpenPayment) => Promise<void>;
  undo: (mark: Mark) => Promise<void>;
}

export function useMarking(eventId: string, mayWrite: boolean): Marking {
  const { t } = useLingui();
  const writes = useWrites(eventId);
  const [made, setMade] = useState<readonly Mark[]>([]);
  const [busy, setBusy] = useState("");
  const [failure, setFailure] = useState<Marking["failure"]>();
  const marks = marksOf(made, writes);

  async function mark(payment: OpenPayment): Promise<void> {
    const expenseId = newExpenseId();
    await attempt(payment, async () => {
      const expense = transferOf(payment, t`Settling up`);
      const outcome = await outbox.add(eventId, { kind: "create", expenseId, expense });
      const sent = "sent" in outcome ? (outcome.sent as Schemas["Expense"]) : undefined;
      // The server answers with the transfer that somebody else entered for the same payment, if there is one.
      const marked = { ...payment, expenseId: sent?.id ?? expenseId, etag: sent?.etag, waiting: !sent };
      setMade((before) => [...before, marked]);
      const text = sent ? t`Marked as paid` : t`Marked as paid. It is sent when there is a network.`;
      toast(text, { label: t`Undo`, run: () => void undo(marked) });
    });
  }

  async function undo(marked: Mark): Promise<void> {
    await attempt(marked, async () => {
      const { expenseId, etag } = marked;
      await outbox.add(eventId, { kind: "delete", expenseId, ...(etag && { etag }) });
      setMade((before) => before.filter((each) => each.expenseId !== expenseId));
      toast(t`The payment is open again`);
    });
  }

  async function attempt(payment: OpenPayment, write: () => Promise<void>): Promise<void> {
    setBusy(placeOf(payment));
    setFailure(undefined);
    try {
      await write();
    } catch (error) {
      setFailure({ currency: payment.currency, error });
    } finally {
      setBusy("");
    }
  }

  return { mayWrite, marks, busy, failure, mark, undo };
}

function transferOf({ debt, currency, place }: OpenPayment, reason: string): Schemas["Expense"] {
  const { fromMemberId = "", toMemberId = "", amount = "0" } = debt;
  return {
    kind: "EXPENSE_KIND_TRANSFER",
    reason,
    date: localDay(),
    currencyCode: currency,
    amount,
    payments: [{ memberId: fromMemberId }],
    split: { equal: { memberIds: [toMemberId] } },
    settlementTransfer: place,
  };
}
