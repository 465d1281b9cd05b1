/** What is being typed, kept on this device until it is saved or thrown away. */

import { createStore, del, get, set, type UseStore } from "idb-keyval";
import { useEffect, useState } from "react";
import type { FormState } from "./model/form-state.ts";

export interface Draft {
  /** Also of a new expense, so that saving it twice cannot add it twice. */
  expenseId: string;
  state: FormState;
  /** Of the expense that was being edited. */
  etag?: string;
}

/** The member is of one user in one event, so nobody else who uses this device is offered the draft. */
export function draftKey(memberId: string, expenseId = "new"): string {
  return `${memberId}/${expenseId}`;
}

let opened: UseStore | undefined;

function store(): UseStore {
  return (opened ??= createStore("howmuch-drafts", "drafts"));
}

/** Where browsers refuse IndexedDB, the form works without a draft. */
export async function readDraft(key: string): Promise<Draft | undefined> {
  return get<Draft>(key, store()).catch(() => undefined);
}

export async function keepDraft(key: string, draft: Draft): Promise<void> {
  await set(key, draft, store()).catch(() => undefined);
}

export async function dropDraft(key: string): Promise<void> {
  await del(key, store()).catch(() => undefined);
}

/** undefined while it is looked up; null if there is none. */
export function useDraft(key: string): [Draft | null | undefined, (draft: null) => void] {
  const [draft, setDraft] = useState<Draft | null>();
  useEffect(() => {
    let current = true;
    void readDraft(key).then((found) => {
      if (current) {
        setDraft(found ?? null);
      }
    });
    return () => {
      current = false;
    };
  }, [key]);
  return [draft, setDraft];
}
