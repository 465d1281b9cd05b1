"""All measurements, one after the other; or those that are named: python -m bench settlement balances."""

import argparse
import subprocess
import sys
import time
from statistics import median

from bench.report import timed_ms

# `soak` takes as long as it is told, and so is measured only where it is named.
PARTS = (
    "create_expense",
    "balances",
    "list_expenses",
    "overview",
    "settlement",
    "log_in_storm",
    "sessions",
    "workers",
    "browsers",
    "gateway",
    "worst_requests",
    "mail",
    "mail_down",
    "observability",
)


def main() -> int:
    """Each part in a process of its own. The exit code is 1 where one could not be measured."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"one of: {', '.join(PARTS)}, soak")
    parts = parser.parse_args().part or PARTS
    if unknown := set(parts) - {*PARTS, "soak"}:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    failed = []
    loop_ms = median(timed_ms(lambda: sum(range(1_000_000)), 9))
    print(f"Python {sys.version.split()[0]}; sum of a million numbers: {loop_ms:.1f} ms")
    for part in parts:
        started = time.monotonic()
        print(f"\n== {part}", flush=True)
        if subprocess.run([sys.executable, "-m", f"bench.{part}"], check=False).returncode:
            failed.append(part)
        print(f"({time.monotonic() - started:.0f} s)", flush=True)
    if failed:
        print(f"\nnot measured: {', '.join(failed)}", file=sys.stderr)
    return len(failed) > 0


if __name__ == "__main__":
    sys.exit(main())
