import { useState } from "react";
import { useLingui } from "@lingui/react/macro";
import { Refusal } from "../../api/client.ts";
import { outbox, type Operation } from "../../outbox/index.ts";
import { toast } from "../../ui/toast.tsx";
import { dropDraft } from "./draft.ts";
import { fieldOf } from "./model/faults.ts";
import { isTransfer } from "./model/form-state.ts";
import { toExpense, type Written } from "./model/to-api.ts";
import type { Checked } from "./use-form.ts";

interface Save {
  busy: boolean;
  /** Why the last try failed, if no field says so. */
  error: unknown;
  /** Keeps the write, and sends it. Resolves to why it failed; undefined if it is safe. */
  save: (operation: Operation, undo: (etag: string) => Operation, done: string) => Promise<unknown>;
  /** The expense as the form has it. */
  written: () => Written;
}

export function useSave(form: Checked): Save {
  const { t } = useLingui();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const eventId = form.event.id ?? "";

  async function save(
    operation: Operation,
    undo: (etag: string) => Operation,
    done: string,
  ): Promise<unknown> {
    setBusy(true);
    setError(undefined);
    try {
      const outcome = await outbox.add(eventId, operation);
      await dropDraft(form.draftKey);
      if ("waiting" in outcome) {
        toast(t`Saved on this device. It is sent when there is a network.`);
      } else {
        const etag = "etag" in outcome.sent ? (outcome.sent.etag ?? "") : "";
        toast(done, { label: t`Undo`, run: () => void outbox.add(eventId, undo(etag)).catch(sayNot) });
      }
      return undefined;
    } catch (failure) {
      const violations = failure instanceof Refusal ? failure.violations : [];
      if (!violations.length) {
        setError(failure);
      } else {
        form.showFaults(
          new Map(violations.map((each) => [fieldOf(each.field, form.state), each.description])),
        );
      }
      return failure;
    } finally {
      setBusy(false);
    }
  }

  function sayNot(failure: unknown): void {
    toast(failure instanceof Refusal ? failure.message : t`This could not be undone.`);
  }

  function written(): Written {
    const { state, digits } = form;
    const reason = isTransfer(state) && !state.reason.trim() ? t`Payment` : state.reason;
    return toExpense({ ...state, reason }, digits);
  }

  return { busy, error, save, written };
}
