import { useLingui } from "@lingui/react/macro";
import { useEffect, useLayoutEffect, useRef, type ReactNode } from "react";
import { LinkButton } from "./button.tsx";
import { scrollToPlace } from "./scroll.ts";

/**
 * A screen: its heading, the way back, and what is in it. back: the address of the screen above; without it, there is
 * no arrow. actions: buttons at the end of the heading's line.
 */
export function Page(props: {
  title: string;
  back?: string;
  actions?: ReactNode;
  children: ReactNode;
}): ReactNode {
  const { t } = useLingui();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${props.title} · howmuch`;
  }, [props.title]);
  // A screen reader says where it is now, as it does when a browser loads a page.
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  useLayoutEffect(scrollToPlace, []);
  return (
    <div className="page">
      <header className="page-header">
        {props.back !== undefined && (
          <LinkButton className="icon" href={props.back} aria-label={t`Back`}>
            <span aria-hidden="true" className="back-arrow">
              ←
            </span>
          </LinkButton>
        )}
        <h1 ref={heading} tabIndex={-1}>
          {props.title}
        </h1>
        {props.actions}
      </header>
      <main className="stack">{props.children}</main>
    </div>
  );
}
