import { Trans, useLingui } from "@lingui/react/macro";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import type { Schemas } from "../../api/client.ts";
import { formatInstant } from "../../dates.ts";
import { formatLocale } from "../../i18n/locale.ts";
import { versionsQuery } from "../../state/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Problem } from "../../ui/message.tsx";
import { More } from "../../ui/more.tsx";
import type { People } from "../event/people.ts";
import type { Actions } from "./actions.ts";

interface Of {
  eventId: string;
  expense: Schemas["Expense"];
  people: People;
  /** Absent if the user may not write. */
  restore?: Actions;
}

/** Who added and changed the expense. It is asked for when it is opened. */
export function Versions(props: Of): ReactNode {
  const [open, setOpen] = useState(false);
  const { version = 1, creatorMemberId } = props.expense;
  const name = props.people.name(creatorMemberId);
  return (
    <details className="versions" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2>
          {version > 1 ? <Trans>History: {version} versions</Trans> : <Trans>History: added by {name}</Trans>}
        </h2>
      </summary>
      {open && <VersionList {...props} />}
    </details>
  );
}

function VersionList({ eventId, expense, restore }: Of): ReactNode {
  const pages = useInfiniteQuery(versionsQuery(eventId, expense.id ?? ""));
  if (!pages.data) {
    return pages.error ? <Problem error={pages.error} retry={() => void pages.refetch()} /> : <Loading />;
  }
  const versions = pages.data.pages.flatMap((page) =>
    (page.versions ?? []).map((version, index) => ({ version, change: page.changes?.[index] })),
  );
  return (
    <>
      <ol className="stack">
        {versions.map(({ version, change }) => (
          <li key={version.version} className="card stack-close">
            <p>{change?.summary}</p>
            <p className="small soft">{formatInstant(version.updateTime ?? "", formatLocale())}</p>
            <Differences differences={change?.differences ?? []} />
            {restore && version.version !== expense.version && !version.deleteTime && (
              <Button busy={restore.busy} onClick={() => void restore.restore(version.version ?? 1)}>
                <Trans>Restore this version</Trans>
              </Button>
            )}
          </li>
        ))}
      </ol>
      <More pages={pages} />
    </>
  );
}

/** What was and what is, side by side. */
function Differences({ differences }: { differences: readonly Schemas["FieldChange"][] }): ReactNode {
  const { t } = useLingui();
  if (differences.length === 0) {
    return null;
  }
  return (
    <table className="differences small">
      <thead>
        <tr>
          <td />
          <th scope="col">{t`Before`}</th>
          <th scope="col">{t`After`}</th>
        </tr>
      </thead>
      <tbody>
        {differences.map(({ path, label, memberId, oldValue, newValue }, index) => (
          <tr key={`${path} ${memberId} ${index}`}>
            <th scope="row">{label}</th>
            <td>{oldValue ? <del>{oldValue}</del> : "–"}</td>
            <td>{newValue ? <ins>{newValue}</ins> : "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
