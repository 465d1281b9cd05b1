"""The numbers of open streams: in all, and of one session, account and client network."""

import threading
from collections import Counter
from dataclasses import dataclass

from howmuch.errors import ResourceExhausted


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """Streams that may be open at the same time in one process."""

    most: int = 4096
    per_session: int = 20
    per_user: int = 40
    per_network: int = 512


@dataclass(frozen=True, slots=True)
class StreamOwner:
    """Keys by which a stream is counted. network: see runtime.networks."""

    token_hash: bytes
    user_id: str
    network: str


class StreamCounts:
    """Any thread may use it."""

    def __init__(self, limits: StreamLimits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str | bytes]] = Counter()

    def add(self, owner: StreamOwner) -> None:
        """Counts a stream, or raises ResourceExhausted with the limit that is reached."""
        limits = self._limits
        with self._lock:
            for key, most, whose in zip(
                _keys(owner),
                (limits.per_session, limits.per_user, limits.per_network, limits.most),
                ("This session", "This account", "This client network", "This server"),
                strict=True,
            ):
                if self._counts[key] >= most:
                    raise _too_many(whose, key[0], most)
            self._counts.update(_keys(owner))

    def remove(self, owner: StreamOwner) -> None:
        """Counts a stream no more. Call it once for each `add`."""
        with self._lock:
            for key in _keys(owner):
                self._counts[key] -= 1
                if not self._counts[key]:
                    del self._counts[key]


def _keys(owner: StreamOwner) -> tuple[tuple[str, str | bytes], ...]:
    return (
        ("session", owner.token_hash),
        ("user", owner.user_id),
        ("network", owner.network),
        ("server", ""),
    )


def _too_many(whose: str, counted_by: str, most: int) -> ResourceExhausted:
    return ResourceExhausted(
        "TOO_MANY_STREAMS",
        f"{whose} has {most} streams open already, the most it may. End one first.",
        retry_after_seconds=None,
        metadata={"counted_by": counted_by, "most": str(most)},
    )
