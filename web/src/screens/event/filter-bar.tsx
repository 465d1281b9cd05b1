import { Trans, useLingui } from "@lingui/react/macro";
import { useId, useState, type ReactNode } from "react";
import type { ExpenseFilters } from "../../state/queries.ts";
import { Button } from "../../ui/button.tsx";
import { FilterPanel } from "./filter-panel.tsx";
import { countFilters } from "./filters.ts";

interface Bar {
  eventId: string;
  filters: ExpenseFilters;
  change: (filters: ExpenseFilters) => void;
}

/** The search of the list, and the filters behind their button. */
export function FilterBar({ eventId, filters, change }: Bar): ReactNode {
  const { t } = useLingui();
  const count = countFilters(filters);
  const [open, setOpen] = useState(count > 0);
  const panel = useId();
  return (
    <search className="stack-close">
      <div className="filter-bar">
        <input
          type="search"
          className="input"
          aria-label={t`Search expenses`}
          placeholder={t`Search`}
          maxLength={200}
          value={filters.text ?? ""}
          onChange={(event) => change({ ...filters, text: event.target.value })}
        />
        <Button aria-expanded={open} aria-controls={panel} onClick={() => setOpen(!open)}>
          {count > 0 ? <Trans>Filters ({count})</Trans> : <Trans>Filters</Trans>}
        </Button>
      </div>
      <div id={panel} hidden={!open}>
        {open && <FilterPanel eventId={eventId} filters={filters} change={change} />}
        {open && count > 0 && (
          <Button className="plain wide" onClick={() => change(filters.text ? { text: filters.text } : {})}>
            <Trans>Clear the filters</Trans>
          </Button>
        )}
      </div>
    </search>
  );
}
