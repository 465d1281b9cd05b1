"""Who calls: the address of the connection, or of the client for whom a gateway calls."""

import ipaddress
from collections.abc import Sequence
from urllib.parse import unquote

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


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
    while hops and (not address or _is_in(address, trusted)):
        address = hops.pop()
    return address


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    if not networks:
        return False
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)
