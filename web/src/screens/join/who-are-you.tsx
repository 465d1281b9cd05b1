import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { Chip } from "../../ui/field.tsx";
import { useFold } from "../../ui/fold.tsx";
import { SOMEBODY_NEW } from "./choice.ts";

/** The guests, one of whom the invited person may be. The one that the link names comes first. */
export function WhoAreYou(props: {
  guests: readonly Schemas["InvitationPreview.Guest"][];
  choice: string | undefined;
  asked: string;
  onChoose: (choice: string) => void;
}): ReactNode {
  const { guests, choice, asked, onChoose } = props;
  const named = guests.filter(({ memberId }) => memberId === asked);
  const ordered = [...named, ...guests.filter(({ memberId }) => memberId !== asked)];
  const [shown, fold] = useFold(ordered);
  const chip = (value: string, name: ReactNode): ReactNode => (
    <Chip
      key={value}
      type="radio"
      name="who"
      value={value}
      checked={choice === value}
      onChange={() => onChoose(value)}
    >
      {name}
    </Chip>
  );
  return (
    <fieldset className="stack-close join-choice">
      <legend className="legend">
        <Trans>Which of these are you?</Trans>
      </legend>
      <div className="row">
        {shown.map(({ memberId = "", name }) => chip(memberId, name))}
        {chip(SOMEBODY_NEW, <Trans>Somebody new</Trans>)}
      </div>
      {fold}
    </fieldset>
  );
}
