import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export default function Screen(_: { token: string }): ReactNode {
  return <Page title="Join">{null}</Page>;
}
