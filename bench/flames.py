"""Flame graphs of the two hottest calls over REST, by py-spy: docs/images/flame-*.svg.

Run: python -m bench.flames          (py-spy has to be on PATH: pip install py-spy)

The server is `howmuch run` in one process: gateway, gRPC and the use case are all in it. A sample is a thread
that has the interpreter lock, which is what limits one process.
"""

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import http_load
from bench.peers import ours, works

IMAGES = Path("docs/images")
SECONDS = 12.0
SAMPLES_A_SECOND = 60
CALLS = {"create-expense": works.ADD, "list-expenses": works.LIST}


def record(pid: int, path: Path) -> None:
    """Samples a process, into an SVG."""
    subprocess.run(
        ["py-spy", "record", "--gil", "--function", f"--rate={SAMPLES_A_SECOND}",
         f"--duration={SECONDS:.0f}", f"--output={path}", f"--pid={pid}"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def main() -> None:
    """One after the other, each under load from before its first sample until after its last."""
    if shutil.which("py-spy") is None:
        raise SystemExit("py-spy is not on PATH: pip install py-spy")
    with ours.serving(processes=1) as server, ThreadPoolExecutor(1) as threads:
        for name, work in CALLS.items():
            requests = http_load.Requests(server.port, server.requests(work), SECONDS + 2.0)
            load = threads.submit(http_load.run, requests)
            path = IMAGES / f"flame-{name}.svg"
            record(server.pid, path)
            print(
                f"{path}: {path.stat().st_size / 1024:.0f} KiB, at {load.result().rate:.0f} requests/s"
            )


if __name__ == "__main__":
    main()
