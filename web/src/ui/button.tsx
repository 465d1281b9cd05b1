import type { AnchorHTMLAttributes, ButtonHTMLAttributes, MouseEvent, ReactNode } from "react";
import { Link } from "wouter";

/** The looks: `primary` once a screen, `danger` for what removes, `plain` and `icon` without a frame, `wide`. */
export type Looks = string;

/**
 * A button. busy: it was pressed and works; it keeps the focus and ignores presses, which `disabled` would not.
 */
export function Button({
  className = "",
  busy = false,
  onClick,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { className?: Looks; busy?: boolean }): ReactNode {
  const press = (event: MouseEvent<HTMLButtonElement>): void => {
    if (busy) {
      event.preventDefault();
    } else {
      onClick?.(event);
    }
  };
  return (
    <button type="button" aria-disabled={busy} className={`button ${className}`} onClick={press} {...rest} />
  );
}

/** A link to a screen of the app that looks like a button. */
export function LinkButton({
  className = "",
  href,
  ...rest
}: AnchorHTMLAttributes<HTMLAnchorElement> & { className?: Looks; href: string }): ReactNode {
  return <Link href={href} className={`button ${className}`} {...rest} />;
}
