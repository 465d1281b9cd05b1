"""Open connections: their bounds, in all and by client network. The connection idle longest makes room."""

from collections import Counter, OrderedDict
from collections.abc import Sequence
from enum import Enum
from itertools import islice
from typing import Protocol

from howmuch.gateway.options import GatewayOptions
from howmuch.runtime.networks import Network, is_in, network_of

_LOOKED_AT = 16
"""Connections of which one is preferred whose client has read everything."""


class Room(Enum):
    """Whether there is room for one more connection."""

    FREE = "free"
    FULL = "full"
    NETWORK_FULL = "network full"


class Closable(Protocol):
    """A connection. network: of its client; empty means a trusted proxy, which may have any number."""

    network: str

    def has_unsent(self) -> bool:
        """Whether the client has not read the last response yet."""

    def close_idle(self) -> None:
        """Closes the connection at once. It has no request in progress."""


class Connections:
    """Counts of one process. Used in one event loop."""

    def __init__(self, options: GatewayOptions, trusted: Sequence[Network]) -> None:
        self._most = options.max_connections
        self._most_per_network = options.max_connections_per_network
        self._trusted = trusted
        self._by_network: Counter[str] = Counter()
        self._idle: OrderedDict[Closable, None] = OrderedDict()
        self._idle_of: dict[str, OrderedDict[Closable, None]] = {}
        self.count = 0

    def network_of(self, address: str) -> str:
        """The network that a connection counts for. Empty means that it is a trusted proxy."""
        return "" if is_in(address, self._trusted) else network_of(address)

    def room(self, network: str) -> Room:
        """Closes an idle connection if one more would be too many."""
        if network and self._by_network[network] >= self._most_per_network:
            if not self._close_oldest(self._idle_of.get(network)):
                return Room.NETWORK_FULL
        elif self.count >= self._most and not self._close_oldest(self._idle):
            return Room.FULL
        return Room.FREE

    def opened(self, network: str) -> None:
        """Counts a connection, from its TLS handshake on."""
        self.count += 1
        self._by_network[network] += 1

    def closed(self, network: str) -> None:
        """Counts a connection off."""
        self.count -= 1
        self._by_network[network] -= 1
        if not self._by_network[network]:
            del self._by_network[network]

    def idle(self, connection: Closable) -> None:
        """The connection waits for a request."""
        self._idle[connection] = None
        self._idle_of.setdefault(connection.network, OrderedDict())[connection] = None

    def busy(self, connection: Closable) -> None:
        """A request has begun, or the connection has ended."""
        if connection not in self._idle:
            return
        del self._idle[connection]
        of_network = self._idle_of[connection.network]
        del of_network[connection]
        if not of_network:
            del self._idle_of[connection.network]

    def _close_oldest(self, idle: OrderedDict[Closable, None] | None) -> bool:
        if not idle:
            return False
        oldest = list(islice(idle, _LOOKED_AT))
        connection = next((each for each in oldest if not each.has_unsent()), oldest[0])
        self.busy(connection)
        connection.close_idle()
        return True
