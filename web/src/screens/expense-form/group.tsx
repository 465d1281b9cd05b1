import { useId, type ReactNode } from "react";

/** Fields that belong together. error: announced, and the group gets the focus. actions: at the end of its heading. */
export function Group(props: {
  legend: ReactNode;
  error?: string | undefined;
  actions?: ReactNode;
  children: ReactNode;
}): ReactNode {
  const id = useId();
  return (
    <div
      role="group"
      aria-labelledby={id}
      aria-describedby={`${id}-error`}
      className="expense-form-group"
      tabIndex={-1}
      data-invalid={props.error !== undefined}
    >
      <div className="spread expense-form-group-head">
        <span id={id} className="legend grow">
          {props.legend}
        </span>
        {props.actions}
      </div>
      {props.children}
      <div role="alert" id={`${id}-error`} className="field-error small">
        {props.error}
      </div>
    </div>
  );
}
