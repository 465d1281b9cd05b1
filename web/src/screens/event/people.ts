import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Schemas } from "../../api/client.ts";
import { byId, eventQuery, membersQuery } from "../../state/queries.ts";

/** The members of an event by id. me: the member that the user is. */
export interface People {
  me: string | undefined;
  members: ReadonlyMap<string, Schemas["Member"]>;
  /** The name; an ellipsis while it is not known. */
  name: (memberId: string | undefined) => string;
}

/** The same object until the members change. */
export function usePeople(eventId: string): People {
  const me = useQuery(eventQuery(eventId)).data?.memberId;
  const { data } = useQuery(membersQuery(eventId));
  return useMemo(() => {
    const members = byId(data);
    return { me, members, name: (memberId = "") => members.get(memberId)?.name || "…" };
  }, [me, data]);
}
