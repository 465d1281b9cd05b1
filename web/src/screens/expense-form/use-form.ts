import { useLingui } from "@lingui/react/macro";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Schemas } from "../../api/client.ts";
import { byId } from "../../state/queries.ts";
import { keepDraft } from "./draft.ts";
import { useFaultText } from "./fault-text.ts";
import { faultsOf, type Faults } from "./model/faults.ts";
import { figuresOf, type Figures } from "./model/figures.ts";
import { digitsOfCurrency } from "./model/currency.ts";
import { isActive } from "./model/usual-split.ts";
import { onlyOf, type FormState, type Member } from "./model/form-state.ts";

export interface Given {
  event: Schemas["Event"];
  /** All of the event, for names. */
  members: readonly Member[];
  /** Those that the expense can name. */
  selectable: readonly Member[];
  currencies: readonly Schemas["Currency"][];
  expenseId: string;
  initial: FormState;
  draftKey: string;
  etag?: string;
}

/** What every part of the form reads, and how it changes it. */
export interface Form extends Given {
  state: FormState;
  change: (values: Partial<FormState>) => void;
  digits: number;
  figures: Figures;
  /** What is wrong with a field, once saving was tried. */
  error: (field: string) => string | undefined;
  /** The name of a member, who may have left. */
  name: (memberId: string) => string;
}

export interface Checked extends Form {
  faults: Faults;
  /** All that is wrong by field, once saving was tried. */
  errors: ReadonlyMap<string, string>;
  /** Shows all that is wrong, and moves to the first of it. */
  showFaults: (violations?: ReadonlyMap<string, string>) => void;
  asked: number;
}

/** started: what the form begins with: `initial`, or a draft. */
export function useForm(given: Given, started: FormState): Checked {
  const [typed, setTyped] = useState(started);
  const [violations, setViolations] = useState<ReadonlyMap<string, string>>(new Map());
  // How often saving was tried in vain: each time, the first fault gets the focus.
  const [asked, setAsked] = useState(0);
  const { t } = useLingui();
  const faultText = useFaultText();
  const names = useMemo(() => byId(given.members), [given.members]);
  const state = useMemo(
    () =>
      onlyOf(
        typed,
        given.selectable.map((member) => member.id ?? ""),
      ),
    [typed, given.selectable],
  );
  const digits = digitsOfCurrency(given.currencies, state.currency);
  const figures = useMemo(() => figuresOf(state, digits, given.expenseId), [state, digits, given.expenseId]);
  const faults = useMemo(() => faultsOf(state, digits), [state, digits]);
  const errors = new Map(violations);
  faults.forEach((fault, field) => asked > 0 && errors.set(field, faultText(fault)));
  useKeptDraft(given, typed, started);
  return {
    ...given,
    state,
    digits,
    figures,
    faults,
    asked,
    change(values) {
      setViolations(new Map());
      setTyped((before) => ({ ...before, ...values }));
    },
    errors,
    error: (field) => errors.get(field),
    name(memberId) {
      const member = names.get(memberId);
      const name = member?.name ?? "?";
      return !member || isActive(member) ? name : t`${name} (left)`;
    },
    showFaults(found = new Map()) {
      setViolations(found);
      setAsked((times) => times + 1);
    },
  };
}

/** Keeps each change on this device. */
function useKeptDraft(given: Given, state: FormState, started: FormState): void {
  const last = useRef(started);
  const { draftKey, expenseId, etag } = given;
  useEffect(() => {
    if (last.current !== state) {
      last.current = state;
      void keepDraft(draftKey, { expenseId, state, ...(etag !== undefined && { etag }) });
    }
  }, [draftKey, expenseId, etag, state]);
}
