import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export default function Screen(_: { eventId: string; tab: "expenses" | "balances" | "activity" }): ReactNode {
  return <Page title="Event">{null}</Page>;
}
