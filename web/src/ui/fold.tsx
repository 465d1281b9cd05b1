import { Trans } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { Button } from "./button.tsx";

/**
 * The first rows of a list that may be long, and the button that shows all of them or the first again. The button is
 * null where there is nothing to fold.
 */
export function useFold<T>(rows: readonly T[], first = 20): [readonly T[], ReactNode] {
  const [open, setOpen] = useState(false);
  if (rows.length <= first) {
    return [rows, null];
  }
  const count = rows.length;
  const button = (
    <Button className="plain wide" aria-expanded={open} onClick={() => setOpen(!open)}>
      {open ? <Trans>Show fewer</Trans> : <Trans>Show all {count}</Trans>}
    </Button>
  );
  return [open ? rows : rows.slice(0, first), button];
}
