import { useId, type ReactNode } from "react";
import { Avatar } from "../../ui/avatar.tsx";
import type { Form } from "./use-form.ts";

/** A member with one number. part: what the member's part comes to; before: what stands before the field. */
export function MemberRow(props: {
  form: Form;
  memberId: string;
  value: string;
  unit: string;
  error: string | undefined;
  part?: string | undefined;
  placeholder?: string;
  before?: ReactNode;
  onType: (typed: string) => void;
}): ReactNode {
  const { form, memberId } = props;
  const id = useId();
  const member = form.members.find((each) => each.id === memberId);
  return (
    <div className="expense-form-row">
      <Avatar member={member} />
      <label htmlFor={id} className="grow">
        <span className="expense-form-clip">{form.name(memberId)}</span>
        {props.part !== undefined && <span className="soft small number"> {props.part}</span>}
      </label>
      {props.before}
      <input
        id={id}
        className="input number"
        inputMode="decimal"
        autoComplete="off"
        maxLength={30}
        placeholder={props.placeholder ?? "0"}
        value={props.value}
        aria-invalid={props.error ? true : undefined}
        aria-describedby={`${id}-unit ${id}-error`}
        onChange={(event) => props.onType(event.target.value)}
      />
      <span id={`${id}-unit`} className="soft small expense-form-unit">
        {props.unit}
      </span>
      <div role="alert" id={`${id}-error`} className="field-error small expense-form-row-error">
        {props.error}
      </div>
    </div>
  );
}
