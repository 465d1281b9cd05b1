"""Flame graphs of the two hottest calls over REST, by py-spy: docs/images/flame-*.svg.

Run: python -m bench.flames          (py-spy has to be on PATH: pip install py-spy)

The server is `howmuch run` in one process: gateway, gRPC and the use case are all in it. A sample is a thread
that has the interpreter lock, which is what limits one process. Printed is each part's share of them: a
sample belongs to the part whose code is innermost, what that calls of others' libraries with it.
"""

import re
import shutil
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import http_load
from bench.peers import ours, works

IMAGES = Path("docs/images")
SECONDS = 20.0
SAMPLES_A_SECOND = 60
CALLS = {
    "create-expense": works.ADD,
    "list-expenses": works.LIST,
    "list-expenses-anew": works.LIST_ANEW,
}
KEPT = ("create-expense", "list-expenses")
# The first that is found in a file's path says to which part it belongs.
PARTS = {
    "mails": r"howmuch/(mail/delivery|messaging)/",
    "logs": r"structlog/|howmuch/telemetry/(console_)?log",
    "SQL and rows": r"sqlalchemy/|psycopg/|howmuch/(storage/|usecases/(fast_add|expense_rows))",
    "from thread to thread": r"concurrent/|threading|howmuch/(runtime/group_commit|gateway/in_process)",
    "gateway: JSON": r"howmuch/gateway/(bodies|codec|json_\w+|query|replies|requests|wire)",
    "gateway: HTTP": r"uvicorn/|uvloop/|howmuch/gateway/",
    "interceptors": r"howmuch/rpc/(call|in_process|group_writer|interceptors/|methods)|howmuch/telemetry/",
    "messages": r"howmuch/rpc/(convert|parse|listed)",
    "use case": r"howmuch/",
}
_FRAME = re.compile(
    r"<title>[^<]*?\((?P<file>[^()]*?):\d+\) \([^<]*</title>"
    r'<rect x="[^"]*" y="(?P<y>\d+)"[^>]* fg:x="(?P<x>\d+)" fg:w="(?P<width>\d+)"'
)
_ROW = 16


def record(pid: int, path: Path) -> None:
    """Samples a process, into an SVG."""
    subprocess.run(
        ["py-spy", "record", "--gil", "--function", f"--rate={SAMPLES_A_SECOND}",
         f"--duration={SECONDS:.0f}", f"--output={path}", f"--pid={pid}"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def part_of(file: str, around: str) -> str:
    """The part that a frame belongs to. around: that of the frame that called it."""
    if around == "mails":
        return around
    return next((part for part, files in PARTS.items() if re.search(files, file)), around)


def parts_in(svg: str) -> Counter[str]:
    """Part to the samples in which its code was innermost. Callers are above what they call."""
    frames = [
        (int(found["y"]), int(found["x"]), int(found["width"]), found["file"])
        for found in _FRAME.finditer(svg)
    ]
    samples: Counter[str] = Counter()
    above: list[tuple[int, int, int, str]] = []
    for y, x, width, file in sorted(frames):
        around = next(
            (
                part
                for row, left, wide, part in above
                if row == y - _ROW and left <= x < left + wide
            ),
            "",
        )
        part = part_of(file, around)
        samples[part] += width
        if around:
            samples[around] -= width
        above.append((y, x, width, part))
    return samples


def main() -> None:
    """One after the other, each under load from before its first sample until after its last."""
    if shutil.which("py-spy") is None:
        raise SystemExit("py-spy is not on PATH: pip install py-spy")
    with (
        ours.serving(processes=1) as server,
        ThreadPoolExecutor(1) as threads,
        TemporaryDirectory() as directory,
    ):
        for name, work in CALLS.items():
            requests = http_load.Requests(
                server.port, server.requests(work), SECONDS + 2.0, varied=work.anew
            )
            load = threads.submit(http_load.run, requests)
            path = (IMAGES if name in KEPT else Path(directory)) / f"flame-{name}.svg"
            record(server.pid, path)
            samples = parts_in(path.read_text())
            shares = ", ".join(
                f"{part} {count / samples.total():.0%}" for part, count in samples.most_common()
            )
            print(
                f"{name}: at {load.result().rate:.0f} requests/s, {samples.total()} samples: {shares}"
            )


if __name__ == "__main__":
    main()
