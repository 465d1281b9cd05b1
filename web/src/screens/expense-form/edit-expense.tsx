import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export default function Screen(_: { eventId: string; expenseId: string }): ReactNode {
  return <Page title="Edit">{null}</Page>;
}
