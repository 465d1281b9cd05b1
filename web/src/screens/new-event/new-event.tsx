import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export default function Screen(): ReactNode {
  return <Page title="New">{null}</Page>;
}
