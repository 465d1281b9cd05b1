import type { ReactNode } from "react";
import { giveRest } from "../model/figures.ts";
import { moneyText, Rest } from "../rest.tsx";
import type { Form } from "../use-form.ts";
import { PartRows, setParts } from "./part-rows.tsx";

/** An amount for each, which come to the whole. */
export function Exact({ form }: { form: Form }): ReactNode {
  const { digits, figures, state } = form;
  return (
    <>
      <PartRows form={form} mode="exact" unit={state.currency} />
      {figures.amount !== undefined && (
        <Rest
          units={figures.ungiven}
          text={(units) => moneyText(units, digits, state.currency)}
          onGive={() =>
            setParts(form, "exact", giveRest(state.memberIds, state.parts.exact, figures.ungiven, digits))
          }
        />
      )}
    </>
  );
}
