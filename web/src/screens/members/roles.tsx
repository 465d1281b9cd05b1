import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { Select } from "../../ui/field.tsx";

export function RoleName({ role }: { role: Schemas["Role"] | undefined }): ReactNode {
  switch (role) {
    case "ROLE_OWNER":
      return <Trans>Owner</Trans>;
    case "ROLE_VIEWER":
      return <Trans>Reader</Trans>;
    default:
      return <Trans>Editor</Trans>;
  }
}

/** A choice of what somebody may do. roles: those that the user may give. */
export function RoleField(props: {
  label?: ReactNode;
  value: Schemas["Role"];
  roles: readonly Schemas["Role"][];
  error?: string | undefined;
  onChange: (role: Schemas["Role"]) => void;
}): ReactNode {
  const { t } = useLingui();
  const names = {
    ROLE_UNSPECIFIED: "",
    ROLE_VIEWER: t`Reader`,
    ROLE_EDITOR: t`Editor`,
    ROLE_OWNER: t`Owner`,
  };
  const words = {
    ROLE_UNSPECIFIED: "",
    ROLE_VIEWER: t`Reads and comments.`,
    ROLE_EDITOR: t`Also adds expenses and invites.`,
    ROLE_OWNER: t`Also changes the event, and who may do what.`,
  };
  return (
    <Select
      label={props.label ?? <Trans>May do</Trans>}
      hint={words[props.value]}
      value={props.value}
      error={props.error}
      onChange={(event) => props.onChange(event.target.value as Schemas["Role"])}
    >
      {props.roles.map((role) => (
        <option key={role} value={role}>
          {names[role]}
        </option>
      ))}
    </Select>
  );
}
