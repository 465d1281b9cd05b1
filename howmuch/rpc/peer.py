"""Who calls: the address of the connection, or of the client for whom a gateway calls."""

from collections.abc import Sequence
from urllib.parse import unquote

from howmuch.networks import Network, is_in


def peer_of(connection: str, forwarded_for: str | bytes | None, trusted: Sequence[Network]) -> str:
    """The caller's address, without its port, as text.

    connection: as gRPC names it: `ipv4:192.0.2.1:5000`, `ipv6:%5B::1%5D:5000`, `unix:`. Only the gateway of
    this process comes by a Unix socket. forwarded_for: the metadata; the last address in it is the one that
    the nearest gateway saw, and counts where that gateway is trusted, and so on towards the client.
    """
    kind, _, rest = connection.partition(":")
    address = "" if kind == "unix" else unquote(rest.rpartition(":")[0]).strip("[]")
    if not isinstance(forwarded_for, str):
        return address
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    while hops and (not address or is_in(address, trusted)):
        address = hops.pop()
    return address
