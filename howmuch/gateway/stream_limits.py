"""Streams in progress: their bounds, which take nothing from unary calls, and their end at a shutdown."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from google.rpc import code_pb2

from howmuch.gateway.exchange import Exchange
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.status import Refusal, refusal
from howmuch.gateway.stopping import gateway_stops

CUT_SECONDS = 0.5
"""How long a client may take to read the last message of a stream that the shutdown ends."""


class Streams:
    """All streams of the gateway. Used in one event loop."""

    def __init__(self, options: GatewayOptions) -> None:
        self._options = options
        self._open: dict[Exchange, asyncio.Future[None]] = {}
        self._by_caller: Counter[str] = Counter()
        self._by_network: Counter[str] = Counter()
        self._ending = False

    @contextmanager
    def admit(self, exchange: Exchange) -> Iterator[asyncio.Future[None]]:
        """Counts a stream; yields a future that is done when the stream has to end. Raises Refusal."""
        if self._ending:
            raise gateway_stops()
        caller, network = _caller(exchange), exchange.network
        self._check(caller, network)
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._open[exchange] = ended
        self._by_caller[caller] += 1
        self._by_network[network] += 1
        try:
            yield ended
        finally:
            del self._open[exchange]
            _take_off(self._by_caller, caller)
            _take_off(self._by_network, network)

    async def end(self) -> None:
        """Ends all streams with their error, and refuses new ones. Breaks connections that do not read it."""
        self._ending = True
        ending = dict(self._open)
        for ended in ending.values():
            ended.set_result(None)
        await asyncio.sleep(CUT_SECONDS)
        for exchange in self._open.keys() & ending.keys():
            if exchange.ends_early:
                exchange.connection.cut()

    def _check(self, caller: str, network: str) -> None:
        options = self._options
        if len(self._open) >= options.max_streams:
            raise refusal(
                code_pb2.UNAVAILABLE,
                "TOO_MANY_STREAMS_IN_ALL",
                f"The gateway has {options.max_streams} open streams, the most it serves. Try again later.",
                headers=[(b"retry-after", b"5")],
            )
        if caller and self._by_caller[caller] >= options.max_streams_per_caller:
            raise _too_many("These credentials have", options.max_streams_per_caller)
        if self._by_network[network] >= options.max_streams_per_network:
            raise _too_many("Your network has", options.max_streams_per_network)


def _too_many(owner: str, most: int) -> Refusal:
    return refusal(
        code_pb2.RESOURCE_EXHAUSTED,
        "TOO_MANY_STREAMS",
        f"{owner} {most} open streams, the most that one may have. End one first.",
        headers=[(b"retry-after", b"5")],
    )


def _caller(exchange: Exchange) -> str:
    """A hash of the credentials, whatever their spaces. Empty means none."""
    given = " ".join(exchange.headers.get(b"authorization").split())
    if not given:
        return ""
    scheme, _, token = given.partition(" ")
    return hashlib.sha256(f"{scheme.lower()} {token}".encode()).hexdigest()


def _take_off(counts: Counter[str], key: str) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]
