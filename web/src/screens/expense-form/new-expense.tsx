import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export default function Screen(_: { eventId: string }): ReactNode {
  return <Page title="New">{null}</Page>;
}
