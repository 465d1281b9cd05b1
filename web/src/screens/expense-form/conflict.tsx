import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { formatShortDay } from "../../dates.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { toApi } from "../../money/amount.ts";
import { formatMoney } from "../../money/format.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { kindOf } from "./model/from-api.ts";
import { useKindName } from "./more.tsx";
import type { Form } from "./use-form.ts";

/** Both versions side by side, and the choice between them. */
export function Conflict(props: {
  form: Form;
  mine: Schemas["Expense"];
  theirs: Schemas["Expense"];
  onMine: () => void;
  onTheirs: () => void;
  onClose: () => void;
}): ReactNode {
  const { t } = useLingui();
  const { form } = props;
  const describe = useDescription(form);
  const owed = [...(form.figures.owed ?? [])].map(([memberId, units]) => ({
    memberId,
    owed: toApi(units, form.digits),
  }));
  const mine = describe({ ...props.mine, shares: owed });
  const theirs = describe(props.theirs);
  const different = mine.flatMap((row, index) => {
    const other = theirs[index]?.value ?? "";
    return row.value === other ? [] : [{ ...row, other }];
  });
  return (
    <Dialog title={t`Changed by somebody else`} onClose={props.onClose}>
      <table className="expense-form-conflict">
        <thead>
          <tr>
            <th scope="col">{t`Yours`}</th>
            <th scope="col">{t`Theirs`}</th>
          </tr>
        </thead>
        {different.map((row) => (
          <tbody key={row.label}>
            <tr>
              <th scope="rowgroup" colSpan={2}>
                {row.label}
              </th>
            </tr>
            <tr>
              <td>{row.value || "–"}</td>
              <td>{row.other || "–"}</td>
            </tr>
          </tbody>
        ))}
      </table>
      {!different.length && (
        <p>
          <Trans>Both say the same now.</Trans>
        </p>
      )}
      <div className="row">
        <Button className="primary" onClick={props.onMine}>
          <Trans>Take mine</Trans>
        </Button>
        <Button onClick={props.onTheirs}>
          <Trans>Take theirs</Trans>
        </Button>
        <Button className="plain" onClick={props.onClose}>
          <Trans>Go on editing</Trans>
        </Button>
      </div>
    </Dialog>
  );
}

function useDescription(form: Form): (expense: Schemas["Expense"]) => { label: string; value: string }[] {
  const { t } = useLingui();
  const kindName = useKindName();
  return (expense) => {
    const money = (amount: string | undefined): string =>
      formatMoney(amount ?? "0", expense.currencyCode ?? "XXX", formatLocale());
    const list = (entries: readonly (readonly [string | undefined, string | undefined])[]): string =>
      entries
        .map(([id, amount]) => `${form.name(id ?? "")} ${money(amount)}`)
        .sort()
        .join("\n");
    const shares = (expense.shares ?? []).filter((share) => !/^[0.]*$/.test(share.owed ?? ""));
    return [
      { label: t`What it is`, value: kindName(kindOf(expense)) },
      { label: t`Amount`, value: money(expense.amount) },
      { label: t`What for`, value: expense.reason },
      {
        label: t`Who paid`,
        value: list(expense.payments.map((payment) => [payment.memberId, payment.amount])),
      },
      { label: t`Everybody's part`, value: list(shares.map((share) => [share.memberId, share.owed])) },
      { label: t`Day`, value: expense.date ? formatShortDay(expense.date, formatLocale()) : "" },
      { label: t`Category`, value: expense.category ?? "" },
      { label: t`Notes`, value: expense.notes ?? "" },
    ];
  };
}
