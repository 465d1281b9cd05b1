"""State that the connections of a server share."""

from collections.abc import Callable

from howmuch.gateway.connections import Connections
from howmuch.gateway.observer import Observer


class ServerState:
    """draining: responses carry `Connection: close`.

    connection_lost: runs for each connection that closes, with the network that it counted for.
    """

    def __init__(self, observer: Observer | None, connections: Connections) -> None:
        self.observer = observer or Observer()
        self.connections = connections
        self.draining = False
        self.connection_lost: Callable[[str], None] = lambda network: None
