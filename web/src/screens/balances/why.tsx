import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export default function Screen(_: { eventId: string; memberId: string }): ReactNode {
  return <Page title="Why">{null}</Page>;
}
