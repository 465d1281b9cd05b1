"""Calls that wait for their client: for its message, or until it takes an answer.

Each is bounded in time, and all together in number. Beyond the bound, calls of the network with the most such
calls end, so that a new call always gets in.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile

import grpc
import structlog
from prometheus_client import Counter

from howmuch.runtime.networks import network_of

log = structlog.get_logger()

ENDED = Counter(
    "howmuch_rpc_waiting_calls_ended",
    "Calls that the server ended because they waited too long, or too many waited, for their client.",
    ["waited_for", "cause"],
)

CAUSES = ("time", "number", "bytes", "connection", "network")

LOOK_SECONDS = 0.25
"""How often waiting calls are looked at."""

YOUNG_SECONDS = 0.1
"""No call that has waited for less is ended: its message may have come already, and only not been read."""

SLOW_SECONDS = 1.0
"""The bounds of a network and of a connection are for calls that have waited for this long."""

_KEPT_SHARE = 7 / 8
"""Share of the bound that is kept when it is passed. Ending several at a time makes each one cheap."""


@dataclass(eq=False, slots=True)
class Waiting:
    """One call. connection: as gRPC names the peer. address: of the client. size: bytes that it holds."""

    context: grpc.ServicerContext
    connection: str
    address: str
    since: float
    size: int = 0
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Bounds:
    """seconds: that a call may wait. most: calls in all. most_slow, per_network, per_connection: calls that
    have waited for over a second. most_bytes: that all hold; 0 means no bound.
    """

    seconds: float
    most: int
    most_slow: int
    per_network: int
    per_connection: int
    most_bytes: int = 0


class WaitingCalls:
    """waited_for: for the log and the metric. Any thread may use it. `look` ends calls beyond the bounds."""

    def __init__(self, waited_for: str, bounds: Bounds) -> None:
        self._waited_for = waited_for
        self._bounds = bounds
        # One operation of a dict is atomic, so calls that are not too many take no lock.
        self._calls: dict[Waiting, None] = {}
        self._making_room = threading.Lock()
        for cause in CAUSES:
            # A counter that is not there until it counts leaves alerts without a value.
            ENDED.labels(waited_for, cause)

    def __len__(self) -> int:
        return len(self._calls)

    def add(
        self, context: grpc.ServicerContext, connection: str, address: str, size: int = 0
    ) -> Waiting:
        """Counts a call until `remove`. If they are too many, ends those that have waited longest."""
        call = Waiting(context, connection, address, time.monotonic(), size)
        self._calls[call] = None
        if len(self._calls) > self._bounds.most and self._making_room.acquire(blocking=False):
            try:
                self._make_room()
            finally:
                self._making_room.release()
        return call

    def remove(self, call: Waiting) -> None:
        """Counts a call no more; any number of times."""
        self._calls.pop(call, None)

    @contextmanager
    def held(
        self, context: grpc.ServicerContext, connection: str, address: str
    ) -> Iterator[Waiting]:
        """Counts a call for the time of the block."""
        call = self.add(context, connection, address)
        try:
            yield call
        finally:
            self.remove(call)

    def look(self) -> None:
        """Ends calls that have waited too long, and those beyond the bounds."""
        now, bounds = time.monotonic(), self._bounds
        if len(self._calls) > bounds.most:
            self._make_room()
        calls = self._present()
        for call in calls:
            if now - call.since > bounds.seconds:
                self._end(call, "time")
        slow = [call for call in calls if now - call.since > SLOW_SECONDS and not call.ended]
        for key, most in ((_connection, bounds.per_connection), (_network, bounds.per_network)):
            for group in _groups(slow, key).values():
                self._end_all(list(group)[: max(0, len(group) - most)], key.__name__.strip("_"))
            slow = [call for call in slow if not call.ended]
        self._end_all(_of_the_heaviest(slow, len(slow) - bounds.most_slow), "number")
        if bounds.most_bytes:
            self._end_largest([call for call in slow if not call.ended], bounds.most_bytes)

    def _make_room(self) -> None:
        old = time.monotonic() - YOUNG_SECONDS
        calls = self._present()
        too_many = len(calls) - int(self._bounds.most * _KEPT_SHARE)
        # While the longest wait of the heaviest is short, no other client's is ended instead.
        heaviest = _of_the_heaviest(calls, too_many)
        self._end_all(takewhile(lambda call: call.since < old, heaviest), "number")

    def _present(self) -> list[Waiting]:
        """Calls that are not being ended, the longest wait first."""
        return [call for call in list(self._calls) if not call.ended]

    def _end_largest(self, slow: list[Waiting], most_bytes: int) -> None:
        held = sum(call.size for call in self._present())
        for call in sorted(slow, key=lambda call: -call.size):
            if held <= most_bytes:
                return
            held -= call.size
            self._end(call, "bytes")

    def _end_all(self, calls: Iterable[Waiting], cause: str) -> None:
        for call in calls:
            self._end(call, cause)

    def _end(self, call: Waiting, cause: str) -> None:
        if call.ended:
            return
        call.ended = True
        ENDED.labels(self._waited_for, cause).inc()
        call.context.cancel()


def _connection(call: Waiting) -> str:
    return call.connection


def _network(call: Waiting) -> str:
    return network_of(call.address)


def _groups(calls: Iterable[Waiting], key: Callable[[Waiting], str]) -> dict[str, deque[Waiting]]:
    groups: dict[str, deque[Waiting]] = {}
    for call in calls:
        groups.setdefault(key(call), deque()).append(call)
    return groups


def _of_the_heaviest(calls: Iterable[Waiting], count: int) -> Iterator[Waiting]:
    """`count` calls: each the longest wait of the connection with most calls, in the network with most."""
    networks = {
        name: _groups(group, _connection) for name, group in _groups(calls, _network).items()
    }
    sizes = {name: sum(map(len, group.values())) for name, group in networks.items()}
    for _ in range(count):
        network = max(sizes, key=sizes.__getitem__, default=None)
        if network is None or not sizes[network]:
            return
        sizes[network] -= 1
        yield max(networks[network].values(), key=len).popleft()


class WaitingWatch:
    """The thread that looks at waiting calls."""

    def __init__(self, *watched: WaitingCalls) -> None:
        self._watched = watched
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="call-watch", daemon=True)

    def start(self) -> None:
        """Looks from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Looks no more."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            for calls in self._watched:
                try:
                    if len(calls):
                        calls.look()
                except Exception:
                    # Of one look. Without the next ones, waiting calls would never end.
                    log.exception("waiting calls could not be looked at")
