import { useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { api, body, isSignedOut, Refusal } from "../../api/client.ts";
import { invitationPreviewQuery, meQuery } from "../../state/queries.ts";
import { queryClient } from "../../state/query-client.ts";
import { refresh } from "../../state/live.ts";
import { toast } from "../../ui/toast.tsx";

/** memberId: the guest to take over; empty: somebody new. name: the account's new name, if it must change first. */
interface Acceptance {
  memberId: string;
  name?: string;
}

/** Accepts the invitation, and opens the event. */
export function useAccept(token: string, eventName: string) {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  return useMutation({
    mutationFn: async ({ memberId, name }: Acceptance) => {
      if (name) {
        const user = body(await api.PATCH("/v1/users/me", { body: { name } }));
        queryClient.setQueryData(meQuery.queryKey, user);
      }
      const params = { path: { token } };
      return body(await api.POST("/v1/invitations/{token}:accept", { params, body: { memberId } }));
    },
    onSuccess: async (event) => {
      await refresh(queryClient, event.id ?? "");
      toast(t`You are in ${eventName}`);
      navigate(`/events/${event.id ?? ""}`, { replace: true });
    },
    onError: (error) => {
      if (isSignedOut(error)) {
        void queryClient.invalidateQueries(meQuery);
      }
      if (error instanceof Refusal) {
        // The guest may be taken, or the invitation gone, since it was opened.
        void queryClient.invalidateQueries(invitationPreviewQuery(token));
      }
    },
  });
}
