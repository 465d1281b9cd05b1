import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { Form } from "../use-form.ts";
import { PartRows } from "./part-rows.tsx";

/** By numbers of shares, such as nights stayed. */
export function Weights({ form }: { form: Form }): ReactNode {
  const { t } = useLingui();
  return (
    <>
      <p className="soft small">
        <Trans>Such as nights stayed, or 0.5 for a child.</Trans>
      </p>
      <PartRows form={form} mode="weights" unit={t`shares`} />
    </>
  );
}
