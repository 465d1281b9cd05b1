import { useLingui } from "@lingui/react/macro";
import { useEffect, useLayoutEffect, useRef, type MouseEvent, type ReactNode } from "react";
import { cameFrom } from "./back.ts";
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
  const goBack = (event: MouseEvent): void => {
    if (props.back !== undefined && cameFrom(props.back)) {
      event.preventDefault();
      history.back();
    }
  };
  return (
    <div className="page">
      <header className="page-header">
        {props.back !== undefined && (
          <LinkButton className="icon" href={props.back} aria-label={t`Back`} onClick={goBack}>
            <svg className="back-arrow" aria-hidden="true" width="24" height="24" viewBox="0 0 24 24">
              <path d="M20 12H5M11 5l-7 7 7 7" fill="none" stroke="currentColor" strokeWidth="2" />
            </svg>
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
