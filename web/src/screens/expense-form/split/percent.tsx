import type { ReactNode } from "react";
import { PERCENT_DIGITS } from "../../../money/split.ts";
import { giveRest, shortest } from "../model/figures.ts";
import { Rest } from "../rest.tsx";
import type { Form } from "../use-form.ts";
import { PartRows, setParts } from "./part-rows.tsx";

/** By percentages, which come to 100. */
export function Percent({ form }: { form: Form }): ReactNode {
  const { memberIds, parts } = form.state;
  const { ungiven } = form.figures;
  return (
    <>
      <PartRows form={form} mode="percent" unit="%" />
      <Rest
        units={ungiven}
        text={(units) => `${shortest(units, PERCENT_DIGITS)} %`}
        onGive={() =>
          setParts(form, "percent", giveRest(memberIds, parts.percent, ungiven, PERCENT_DIGITS, shortest))
        }
      />
    </>
  );
}
