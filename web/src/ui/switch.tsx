import { useId, type ReactNode } from "react";
import "./switch.css";

/** A setting that is on or off, and takes effect at once. busy: the change is under way. */
export function Switch(props: {
  label: ReactNode;
  hint?: ReactNode;
  on: boolean;
  busy?: boolean;
  onChange: (on: boolean) => void;
}): ReactNode {
  const id = useId();
  return (
    <div className="switch">
      <div className="grow">
        <label htmlFor={id}>{props.label}</label>
        {props.hint !== undefined && (
          <div id={`${id}-hint`} className="soft small">
            {props.hint}
          </div>
        )}
      </div>
      <input
        id={id}
        type="checkbox"
        role="switch"
        checked={props.on}
        aria-disabled={props.busy ?? false}
        aria-describedby={props.hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => {
          if (!props.busy) {
            props.onChange(event.target.checked);
          }
        }}
      />
    </div>
  );
}
