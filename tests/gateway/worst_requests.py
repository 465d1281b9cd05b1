"""The requests that cost a gateway of howmuch most, and their cost: memory, and waits for its event loop."""

import gzip
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.gateway.http_client import Reply, send

TARGET = "/v1/events/evt_01m82xvzrxef69kx02yh9gxa07/expenses:batchCreate"
PUBLIC = "/v1/sessions"
AT_ONCE = 16
MIB = 2**20
_JSON = {"content-type": "application/json"}
_PAUSE_SECONDS = 0.01


@dataclass(frozen=True)
class Worst:
    """A request. status: of its answer, where it is the gateway's."""

    name: str
    target: str
    headers: dict[str, str]
    body: bytes
    status: int


def worst_requests(token: str) -> list[Worst]:
    """token: of a session."""
    many = b'{"expenses":[' + b"{}," * 1_400_000 + b"{}]}"
    bomb = gzip.compress(many[: 4 * MIB])
    session = {**_JSON, "authorization": f"Bearer {token}"}
    packed = {"content-encoding": "gzip"}
    # As many values as are read, in as many bytes as are read, of the widest characters.
    notes = "\U0001f9c0" * 40
    wide = json.dumps({"expenses": [{"notes": notes}] * 22_000}, ensure_ascii=False).encode()
    assert 3 * MIB < len(wide) < 4 * MIB
    dense = b'{"expenses":[' + b"{}," * 49_900 + b"{}]}"
    return [
        Worst("a bomb of no caller", TARGET, {**_JSON, **packed}, bomb, 401),
        Worst("a bomb with a wrong token", TARGET, {**session, **packed, **_wrong()}, bomb, 401),
        Worst("a bomb of a user", TARGET, {**session, **packed}, bomb, 413),
        Worst("1,400,000 values", TARGET, session, many, 413),
        Worst("4 MB to log in", PUBLIC, _JSON, many[: 4 * MIB], 413),
        Worst("50,000 messages", TARGET, session, dense, 0),
        Worst("wide characters", TARGET, session, wide, 0),
    ]


def _wrong() -> dict[str, str]:
    return {"authorization": "Bearer wrong"}


@dataclass
class Cost:
    """peak: bytes. longest_seconds: until a probe was answered. answers: of the requests."""

    peak: int = 0
    longest_seconds: float = 0.0
    answers: list[Reply] = field(default_factory=list)


def cost_of(worst: Worst, port: int, pid: int) -> Cost:
    """What AT_ONCE of them cost together. pid: of the gateway."""
    cost = Cost()
    forget_peak(pid)
    with probed(port, cost), ThreadPoolExecutor(AT_ONCE) as clients:
        sent = [
            clients.submit(send, port, "POST", worst.target, worst.headers, worst.body)
            for _ in range(AT_ONCE)
        ]
        cost.answers = [each.result() for each in sent]
    cost.peak = peak_of(pid)
    return cost


@contextmanager
def probed(port: int, cost: Cost) -> Iterator[None]:
    """Asks for /healthz again and again, which needs nothing but the event loop."""
    done = threading.Event()

    def probe() -> None:
        while not done.wait(_PAUSE_SECONDS):
            started = time.perf_counter()
            assert send(port, "GET", "/healthz").status == 200
            cost.longest_seconds = max(cost.longest_seconds, time.perf_counter() - started)

    with ThreadPoolExecutor(1) as thread:
        probing = thread.submit(probe)
        try:
            yield
        finally:
            done.set()
        probing.result()


def peak_of(pid: int) -> int:
    """The most memory that a process has had, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024


def forget_peak(pid: int) -> None:
    """From here on, `peak_of` counts anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def memory_of(pid: int) -> int:
    return int(psutil.Process(pid).memory_info().rss)
