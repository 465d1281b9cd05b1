import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useId, useState, type ReactNode } from "react";
import { formatLocale } from "../i18n/locale.ts";
import { currenciesQuery } from "../state/queries.ts";
import { Button } from "./button.tsx";
import "./currency-field.css";
import { Dialog } from "./dialog.tsx";
import { TextField } from "./field.tsx";
import { Loading } from "./loading.tsx";
import { Problem } from "./message.tsx";

/** A labelled choice of a currency: a button that opens the list of all, in which one searches by name or code. */
export function CurrencyField(props: {
  label: ReactNode;
  value: string;
  onChange: (code: string) => void;
  error?: string | undefined;
}): ReactNode {
  const { i18n } = useLingui();
  const id = useId();
  const [open, setOpen] = useState(false);
  const { data = [] } = useQuery(currenciesQuery(formatLocale(i18n.locale)));
  const name = data.find(({ code }) => code === props.value)?.name;
  return (
    <div className="field">
      <span id={`${id}-label`} className="legend">
        {props.label}
      </span>
      <Button
        id={`${id}-button`}
        className="currency-button"
        aria-haspopup="dialog"
        aria-labelledby={`${id}-label ${id}-button`}
        aria-describedby={`${id}-error`}
        onClick={() => setOpen(true)}
      >
        <strong>{props.value}</strong>
        <span className="grow">{name}</span>
        <span aria-hidden="true">▾</span>
      </Button>
      <div role="alert" id={`${id}-error`} className="field-error small">
        {props.error}
      </div>
      {open && (
        <CurrencyDialog
          value={props.value}
          onClose={() => setOpen(false)}
          onChoose={(code) => {
            props.onChange(code);
            setOpen(false);
          }}
        />
      )}
    </div>
  );
}

function CurrencyDialog(props: {
  value: string;
  onClose: () => void;
  onChoose: (code: string) => void;
}): ReactNode {
  const { t, i18n } = useLingui();
  const { data, error, refetch } = useQuery(currenciesQuery(formatLocale(i18n.locale)));
  const [text, setText] = useState("");
  const found = (data ?? []).filter(({ code = "", name = "" }) => contains(`${code} ${name}`, text));
  return (
    <Dialog title={t`Currency`} onClose={props.onClose}>
      <TextField
        label={t`Search by name or code`}
        type="search"
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          const code = found[0]?.code;
          if (event.key === "Enter" && code) {
            event.preventDefault();
            props.onChoose(code);
          }
        }}
      />
      {error && !data && <Problem error={error} retry={() => void refetch()} />}
      {!error && !data && <Loading />}
      {data && found.length === 0 && (
        <p role="status" className="soft">
          <Trans>No currency has this in its name.</Trans>
        </p>
      )}
      <ul className="currency-list">
        {found.map(({ code = "", name }) => (
          <li key={code}>
            <Button
              className="currency-button"
              aria-pressed={code === props.value}
              onClick={() => props.onChoose(code)}
            >
              <strong>{code}</strong>
              <span className="grow">{name}</span>
              {code === props.value && <span aria-hidden="true">✓</span>}
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function contains(text: string, part: string): boolean {
  return plain(text).includes(plain(part.trim()));
}

/** Without case and accents. */
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
