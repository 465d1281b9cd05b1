import type { Schemas } from "../../api/client.ts";

/** The choice of somebody who is none of the guests. Links have it as `?as=new`. */
export const SOMEBODY_NEW = "new";

/**
 * Who joins: a guest's member id, or SOMEBODY_NEW. Without guests, it is somebody new.
 *
 * @param picked by the link or the user
 * @param named the guest for whom the invitation was made; empty if it is for anybody
 * @returns undefined if that is still to be chosen
 */
export function choiceOf(
  picked: string,
  guests: readonly Schemas["InvitationPreview.Guest"][],
  named = "",
): string | undefined {
  if (named) {
    return named;
  }
  if (guests.length === 0 || picked === SOMEBODY_NEW) {
    return SOMEBODY_NEW;
  }
  return guests.some(({ memberId }) => memberId === picked) ? picked : undefined;
}
