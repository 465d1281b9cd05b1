/** The place in the list from which an expense was opened, so that the way back leads to it. */

import { useEffect } from "react";

interface Place {
  address: string;
  expenseId: string;
  top: number;
}

const places = new Map<string, Place>();

/** Called when an expense is opened from its row. */
export function rememberPlace(eventId: string, expenseId: string, row: Element): void {
  const address = location.pathname + location.search;
  places.set(eventId, { address, expenseId, top: row.getBoundingClientRect().top });
}

/** The list of an event, with the filters it had. */
export function listAddress(eventId: string): string {
  return places.get(eventId)?.address ?? `/events/${eventId}`;
}

/** Scrolls to where the user was, once the list is shown. */
export function useRestoredPlace(eventId: string, shown: boolean): void {
  useEffect(() => {
    const place = places.get(eventId);
    if (!shown || place?.address !== location.pathname + location.search) {
      return;
    }
    places.delete(eventId);
    restore(place);
    // Days that come into view take their real height, and the browser may scroll as well.
    requestAnimationFrame(() => {
      restore(place);
      document.getElementById(place.expenseId)?.focus({ preventScroll: true });
    });
  }, [eventId, shown]);
}

function restore({ expenseId, top }: Place): void {
  const row = document.getElementById(expenseId);
  if (row) {
    window.scrollBy({ top: row.getBoundingClientRect().top - top, behavior: "instant" });
  }
}
