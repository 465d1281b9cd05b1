import type { Schemas } from "../../api/client.ts";

/** The choice of somebody who is none of the guests. Links have it as `?as=new`. */
export const SOMEBODY_NEW = "new";

/**
 * Who joins: a guest's member id, or SOMEBODY_NEW. Without guests, it is somebody new.
 *
 * @param picked by the link or the user
 * @returns undefined if that is still to be chosen
 */
export function choiceOf(
  picked: string,
  guests: readonly Schemas["InvitationPreview.Guest"][],
): string | undefined {
  if (guests.length === 0 || picked === SOMEBODY_NEW) {
    return SOMEBODY_NEW;
  }
  return guests.some(({ memberId }) => memberId === picked) ? picked : undefined;
}
