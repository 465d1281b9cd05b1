import type { ReactNode } from "react";
import { partText } from "../beneficiaries.tsx";
import { MemberRow } from "../member-row.tsx";
import type { PartMode } from "../model/form-state.ts";
import type { Form } from "../use-form.ts";

/** A number for each member for whom the expense is. */
export function PartRows(props: {
  form: Form;
  mode: PartMode;
  unit: string;
  before?: (memberId: string) => ReactNode;
}): ReactNode {
  const { form, mode } = props;
  const typed = form.state.parts[mode];
  return form.state.memberIds.map((id) => (
    <MemberRow
      key={id}
      form={form}
      memberId={id}
      unit={props.unit}
      value={typed[id] ?? ""}
      error={form.error(`part.${id}`)}
      part={mode === "exact" ? undefined : partText(form, id)}
      before={props.before?.(id)}
      onType={(text) => setPart(form, mode, id, text)}
    />
  ));
}

export function setPart(form: Form, mode: PartMode, memberId: string, text: string): void {
  setParts(form, mode, { ...form.state.parts[mode], [memberId]: text });
}

export function setParts(form: Form, mode: PartMode, typed: Readonly<Record<string, string>>): void {
  form.change({ parts: { ...form.state.parts, [mode]: typed } });
}
