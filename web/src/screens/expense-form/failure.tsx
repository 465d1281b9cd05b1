import { useEffect, useRef, type ReactNode } from "react";
import { Problem } from "../../ui/message.tsx";

/** Why saving failed, brought into sight from below the bar. */
export function Failure({ error }: { error: unknown }): ReactNode {
  const shown = useRef<HTMLDivElement>(null);
  useEffect(() => {
    shown.current?.scrollIntoView({ block: "center" });
  }, [error]);
  return (
    <div ref={shown}>
      <Problem error={error} />
    </div>
  );
}
