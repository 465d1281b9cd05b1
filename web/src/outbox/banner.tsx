import { Plural } from "@lingui/react/macro";
import { useEffect, useState, type ReactNode } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { useSession } from "../session.tsx";
import { useWrites } from "./index.ts";
import "./banner.css";

/** Screens that say the same themselves. */
const SILENT = ["/waiting", "/login"];

// Most writes are answered before that, and then nobody need read of them.
const SOON_MS = 1500;

/** On every screen: how many writes wait, or need a decision. Nothing if there are none. */
export function OutboxBanner(): ReactNode {
  const writes = useWrites();
  const { user } = useSession();
  const [address] = useLocation();
  const search = useSearch();
  const refused = writes.filter((write) => write.refused).length;
  const waiting = writes.length - refused;
  const isLate = useLate(waiting > 0);
  const here = encodeURIComponent(address + (search && `?${search}`));
  const href = user === null ? `/login?next=${here}` : "/waiting";
  return (
    <div role="status">
      {(refused > 0 || isLate) && !SILENT.includes(address) && (
        <Link href={href} className={`outbox-banner ${refused ? "refused" : ""}`}>
          <Words refused={refused} waiting={waiting} isLoggedOut={user === null} />
          <span aria-hidden="true" className="outbox-banner-arrow">
            ›
          </span>
        </Link>
      )}
    </div>
  );
}

/** Whether it holds for longer than SOON_MS. */
function useLate(holds: boolean): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    if (!holds) {
      return undefined;
    }
    const timer = setTimeout(() => setLate(true), SOON_MS);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [holds]);
  return isLate;
}

function Words(props: { refused: number; waiting: number; isLoggedOut: boolean }): ReactNode {
  const { refused, waiting, isLoggedOut } = props;
  if (isLoggedOut) {
    return (
      <Plural
        value={refused + waiting}
        one="Log in: # entry is not sent yet"
        other="Log in: # entries are not sent yet"
      />
    );
  }
  return refused > 0 ? (
    <Plural value={refused} one="# entry needs your decision" other="# entries need your decision" />
  ) : (
    <Plural value={waiting} one="# entry waits for a network" other="# entries wait for a network" />
  );
}
