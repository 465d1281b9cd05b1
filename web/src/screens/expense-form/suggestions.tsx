import type { ReactNode } from "react";

/** Values to take by a tap. label: what they are, for screen readers. */
export function Suggestions(props: {
  label: string;
  values: readonly string[];
  onTake: (value: string) => void;
}): ReactNode {
  if (!props.values.length) {
    return null;
  }
  return (
    <div className="expense-form-suggestions" role="group" aria-label={props.label}>
      {props.values.map((value) => (
        <button key={value} type="button" className="button" onClick={() => props.onTake(value)}>
          <span className="expense-form-clip">{value}</span>
        </button>
      ))}
    </div>
  );
}

/** Those with a word that begins as what was typed, without regard to case and accents; none once one of them is typed. */
export function matching(values: readonly string[], typed: string, most: number): string[] {
  const wanted = folded(typed);
  const found = [...new Set(values)].filter((value) => ` ${folded(value)}`.includes(` ${wanted}`));
  return found.some((value) => folded(value) === wanted) ? [] : found.slice(0, most);
}

export function folded(text: string): string {
  return text.trim().normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
