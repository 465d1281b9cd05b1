import { Trans } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { Chip, TextField } from "../../ui/field.tsx";
import { folded } from "./suggestions.tsx";
import type { Form } from "./use-form.ts";

// With more members, a field finds one by name.
const MANY = 20;

/** A chip for each member. */
export function MemberChips(props: {
  form: Form;
  chosen: readonly string[];
  onChoose: (memberIds: readonly string[]) => void;
}): ReactNode {
  const { form, chosen } = props;
  const [typed, setTyped] = useState("");
  const many = form.selectable.length > MANY;
  const members = form.selectable.filter((member) => folded(member.name ?? "").includes(folded(typed)));
  const toggle = (memberId: string): void => {
    const next = new Set(chosen);
    if (!next.delete(memberId)) {
      next.add(memberId);
    }
    // In the order of the members, so that the rows below stay where they are.
    props.onChoose(form.selectable.map((each) => each.id ?? "").filter((id) => next.has(id)));
  };
  return (
    <div className="stack-close">
      {many && (
        <TextField
          label={<Trans>Find a name</Trans>}
          type="search"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
      <div className={many ? "row expense-form-many" : "row"}>
        {members.map((member) => {
          const memberId = member.id ?? "";
          return (
            <Chip key={memberId} checked={chosen.includes(memberId)} onChange={() => toggle(memberId)}>
              <span className="expense-form-clip">{form.name(memberId)}</span>
            </Chip>
          );
        })}
      </div>
    </div>
  );
}

/** All and none, above the chips. */
export function AllOrNone(props: {
  form: Form;
  onChoose: (memberIds: readonly string[]) => void;
}): ReactNode {
  const all = props.form.selectable.map((member) => member.id ?? "");
  return (
    <>
      <Button className="plain" onClick={() => props.onChoose(all)}>
        <Trans>All</Trans>
      </Button>
      <Button className="plain" onClick={() => props.onChoose([])}>
        <Trans>None</Trans>
      </Button>
    </>
  );
}
