import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes } from "react";

interface Label {
  label: ReactNode;
  /** What the field is for or takes, below it. */
  hint?: ReactNode;
  /** What is wrong with the value; announced when it appears. */
  error?: string | undefined;
}

/** A labelled input of one line. */
export function TextField({
  label,
  hint,
  error,
  className = "",
  ...rest
}: Label & InputHTMLAttributes<HTMLInputElement>): ReactNode {
  const ids = useIds();
  return (
    <Labelled ids={ids} label={label} hint={hint} error={error}>
      <input className={`input ${className}`} {...described(ids, hint, error)} {...rest} id={ids.input} />
    </Labelled>
  );
}

/** A labelled text of several lines. */
export function TextArea({
  label,
  hint,
  error,
  ...rest
}: Label & React.TextareaHTMLAttributes<HTMLTextAreaElement>): ReactNode {
  const ids = useIds();
  return (
    <Labelled ids={ids} label={label} hint={hint} error={error}>
      <textarea className="input" rows={3} {...described(ids, hint, error)} {...rest} id={ids.input} />
    </Labelled>
  );
}

/** A labelled choice; its options are the children. */
export function Select({
  label,
  hint,
  error,
  children,
  ...rest
}: Label & SelectHTMLAttributes<HTMLSelectElement>): ReactNode {
  const ids = useIds();
  return (
    <Labelled ids={ids} label={label} hint={hint} error={error}>
      <select className="input" {...described(ids, hint, error)} {...rest} id={ids.input}>
        {children}
      </select>
    </Labelled>
  );
}

/** A choice among a few, as buttons that stay pressed. One name a group. */
export function Chip({
  children,
  type = "checkbox",
  ...rest
}: InputHTMLAttributes<HTMLInputElement> & { type?: "checkbox" | "radio" }): ReactNode {
  return (
    <label className="chip">
      <input type={type} {...rest} />
      <span>{children}</span>
    </label>
  );
}

interface Ids {
  input: string;
  hint: string;
  error: string;
}

function useIds(): Ids {
  const id = useId();
  return { input: id, hint: `${id}-hint`, error: `${id}-error` };
}

function described(ids: Ids, hint: ReactNode, error: string | undefined): Record<string, string | boolean> {
  const by = [error ? ids.error : "", hint === undefined ? "" : ids.hint].filter(Boolean).join(" ");
  return { ...(by && { "aria-describedby": by }), ...(error && { "aria-invalid": true }) };
}

function Labelled({
  ids,
  label,
  hint,
  error,
  children,
}: Label & { ids: Ids; children: ReactNode }): ReactNode {
  return (
    <div className="field">
      <label htmlFor={ids.input}>{label}</label>
      {children}
      <div role="alert" id={ids.error} className="field-error small">
        {error}
      </div>
      {hint !== undefined && (
        <div id={ids.hint} className="soft small">
          {hint}
        </div>
      )}
    </div>
  );
}
