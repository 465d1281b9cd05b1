import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { MemberRow } from "../member-row.tsx";
import { partText } from "../beneficiaries.tsx";
import type { Form } from "../use-form.ts";
import { setPart } from "./part-rows.tsx";

/** Equal parts, of which some are higher or lower by an amount. */
export function Adjusted({ form }: { form: Form }): ReactNode {
  const { t } = useLingui();
  const typed = form.state.parts.adjusted;
  return (
    <>
      <p className="soft small">
        <Trans>What somebody pays on top of an equal part, or less than it.</Trans>
      </p>
      {form.state.memberIds.map((id) => {
        const text = typed[id] ?? "";
        const less = text.startsWith("-");
        const name = form.name(id);
        return (
          <MemberRow
            key={id}
            form={form}
            memberId={id}
            unit={form.state.currency}
            value={less ? text.slice(1) : text}
            error={form.error(`part.${id}`)}
            part={partText(form, id)}
            // The number keys of phones have no minus.
            before={
              <button
                type="button"
                className="button"
                aria-label={
                  less ? t`${name} pays less: change to more` : t`${name} pays more: change to less`
                }
                onClick={() => setPart(form, "adjusted", id, less ? text.slice(1) : `-${text}`)}
              >
                {less ? "−" : "+"}
              </button>
            }
            onType={(next) =>
              setPart(form, "adjusted", id, less && !next.startsWith("-") ? `-${next}` : next)
            }
          />
        );
      })}
    </>
  );
}
