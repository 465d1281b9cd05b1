import { useMemo, type ReactNode } from "react";
import { localTimeZone } from "../dates.ts";
import { Select } from "./field.tsx";

/** A labelled choice of an IANA time zone; that of this device comes first. */
export function TimeZoneField(props: {
  label: ReactNode;
  hint?: ReactNode;
  value: string;
  onChange: (zone: string) => void;
  error?: string | undefined;
}): ReactNode {
  const { value } = props;
  const zones = useMemo(
    () =>
      [...new Set([localTimeZone(), value, "UTC", ...Intl.supportedValuesOf("timeZone")])].filter(Boolean),
    [value],
  );
  return (
    <Select
      label={props.label}
      hint={props.hint}
      value={value}
      error={props.error}
      onChange={(event) => props.onChange(event.target.value)}
    >
      {zones.map((zone) => (
        <option key={zone} value={zone}>
          {zone.replaceAll("_", " ")}
        </option>
      ))}
    </Select>
  );
}
