import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { eventQuery } from "../state/queries.ts";

/** Which event a screen is about whose heading says something else. */
export function EventName({ eventId }: { eventId: string }): ReactNode {
  const { data } = useQuery(eventQuery(eventId));
  return (
    <p className="soft">
      <bdi>{data?.name}</bdi>
    </p>
  );
}
