import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { formatLocale } from "../../i18n/locale.ts";
import {
  balancesQuery,
  categoriesQuery,
  recentlyUsedQuery,
  type ExpenseFilters,
} from "../../state/queries.ts";
import { Chip, Select, TextField } from "../../ui/field.tsx";
import type { FilterName } from "./filters.ts";
import { usePeople } from "./people.ts";

interface Panel {
  eventId: string;
  filters: ExpenseFilters;
  change: (filters: ExpenseFilters) => void;
}

interface Option {
  value: string;
  label: string;
}

/** Whose, what and when. */
export function FilterPanel({ eventId, filters, change }: Panel): ReactNode {
  const { t } = useLingui();
  const members = useMemberOptions(eventId);
  const currencies = useCurrencyOptions(eventId);
  const set = (name: FilterName, value: string): void => change({ ...filters, [name]: value });
  const choice = (name: FilterName, label: string, options: readonly Option[]): ReactNode => (
    <Choice
      label={label}
      value={filters[name] ?? ""}
      options={options}
      choose={(value) => set(name, value)}
    />
  );
  const date = (name: FilterName, label: string): ReactNode => (
    <TextField
      type="date"
      label={label}
      value={filters[name] ?? ""}
      onChange={(event) => set(name, event.target.value)}
    />
  );
  return (
    <div className="filter-panel card">
      {choice("memberId", t`Who took part`, members)}
      {choice("payerMemberId", t`Who paid`, members)}
      {choice("category", t`Category`, useCategoryOptions(eventId))}
      {currencies.length > 1 && choice("currencyCode", t`Currency`, currencies)}
      {date("fromDate", t`From`)}
      {date("toDate", t`To`)}
      <div className="filter-panel-wide">
        <Chip
          checked={filters.onlyDeleted === true}
          onChange={(event) => change({ ...filters, onlyDeleted: event.target.checked })}
        >
          <Trans>Only deleted ones</Trans>
        </Chip>
      </div>
    </div>
  );
}

function Choice(props: {
  label: string;
  value: string;
  options: readonly Option[];
  choose: (value: string) => void;
}): ReactNode {
  const { t } = useLingui();
  const { label, value, options, choose } = props;
  const known = value === "" || options.some((option) => option.value === value);
  return (
    <Select label={label} value={value} onChange={(event) => choose(event.target.value)}>
      <option value="">{t`All`}</option>
      {!known && <option value={value}>{value}</option>}
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </Select>
  );
}

function useMemberOptions(eventId: string): Option[] {
  const { members } = usePeople(eventId);
  return [...members.values()].map(({ id = "", name = "" }) => ({ value: id, label: name }));
}

function useCurrencyOptions(eventId: string): Option[] {
  const { data } = useQuery(balancesQuery(eventId));
  return (data?.currencies ?? []).map(({ currencyCode = "" }) => ({
    value: currencyCode,
    label: currencyCode,
  }));
}

/** Those of the event that were used lately come first, then all common ones. */
function useCategoryOptions(eventId: string): Option[] {
  const recent = useQuery(recentlyUsedQuery(eventId)).data?.categories ?? [];
  const common = useQuery(categoriesQuery(formatLocale())).data ?? [];
  const used = recent.map(({ category = "", key = "" }) => {
    const name = common.find((each) => each.key === key)?.name;
    return { value: key || category, label: name ?? category };
  });
  const others = common
    .filter(({ key }) => !used.some((each) => each.value === key))
    .map(({ key = "", name = key }) => ({ value: key, label: name }));
  return [...used, ...others];
}
