import { Trans } from "@lingui/react/macro";
import { useEffect, useRef, type ReactNode } from "react";
import { Button } from "./button.tsx";
import { Problem } from "./message.tsx";

interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  error: Error | null;
  fetchNextPage: () => unknown;
}

// The next page is asked for before its place comes into view.
const AHEAD = "600px";

/** The end of a list that goes on: it loads when it comes near, and when its button is pressed. */
export function More({ pages }: { pages: Pages }): ReactNode {
  const end = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = pages;
  const ready = hasNextPage && !isFetchingNextPage && !isFetchNextPageError;
  useEffect(() => {
    if (!ready || !end.current) {
      return undefined;
    }
    const near = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) {
          void fetchNextPage();
        }
      },
      { rootMargin: AHEAD },
    );
    near.observe(end.current);
    return () => near.disconnect();
  }, [ready, fetchNextPage]);
  if (isFetchNextPageError) {
    return <Problem error={pages.error} retry={() => void fetchNextPage()} />;
  }
  if (!hasNextPage) {
    return null;
  }
  return (
    <div ref={end}>
      <Button className="plain wide" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        {isFetchingNextPage ? <Trans>Loading…</Trans> : <Trans>Show more</Trans>}
      </Button>
    </div>
  );
}
