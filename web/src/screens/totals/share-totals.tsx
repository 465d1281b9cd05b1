import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { formatMoney } from "../../money/format.ts";
import { useCategoryOf } from "../../state/categories.ts";
import { Button } from "../../ui/button.tsx";
import { share } from "../../ui/share.ts";
import { toast } from "../../ui/toast.tsx";
import type { People } from "../event/people.ts";
import { categoryRows, memberRows } from "./rows.ts";

/** Gives the totals to friends as a text, or to a printer. */
export function ShareTotals(props: {
  title: string;
  totals: Schemas["CurrencyTotals"];
  people: People;
}): ReactNode {
  const { title, totals, people } = props;
  const { t } = useLingui();
  const categoryOf = useCategoryOf();
  const money = (amount = "0") => formatMoney(amount, totals.currencyCode ?? "", formatLocale());

  async function give(): Promise<void> {
    const members = memberRows(totals).map(({ memberId, paid, owed }) => {
      const name = people.name(memberId);
      return t`${name}: paid ${money(paid)}, part ${money(owed)}`;
    });
    const categories = categoryRows(totals).map(({ category = "", key, total }) => {
      const name = category ? categoryOf(key || category).name : t`Without a category`;
      return `${name}: ${money(total)}`;
    });
    const head = t`${title}: ${money(totals.total)} spent together`;
    const text = [head, "", ...members, "", ...categories, "", location.href].join("\n");
    try {
      if ((await share(text, title)) === "copied") {
        toast(t`Copied. Paste it where your friends read it.`);
      }
    } catch {
      toast(t`This browser allows neither to share nor to copy.`);
    }
  }

  return (
    <div className="row totals-share">
      <Button onClick={() => void give()}>
        <Trans>Share</Trans>
      </Button>
      <Button onClick={() => window.print()}>
        <Trans>Print</Trans>
      </Button>
    </div>
  );
}
