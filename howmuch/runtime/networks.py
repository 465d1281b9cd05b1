"""IP addresses and networks: lists of trusted proxies, and the networks that limits count by.

Each client has one spelling here: without a port, brackets or a zone, and an IPv4 address that is mapped into
IPv6 (`::ffff:192.0.2.1`) is that IPv4 address.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from urllib.parse import unquote

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOCAL = "local"
"""The network of a client in this process or on a Unix socket."""

UNKNOWN = "unknown"
"""The network of all clients whose address cannot be read."""

# A provider gives a subscriber a /64 at least, and often a /56 or a /48.
_SUBSCRIBER_BITS, _SITE_BITS = 64, 48
_MAPPED_BITS = 96

_GRPC_NAME = re.compile(r"ipv[46]:", re.ASCII)
_PORT = re.compile(r":\d{1,5}", re.ASCII)


def parse_networks(texts: Iterable[str]) -> list[Network]:
    """Parses networks such as `10.0.0.0/8`, or single addresses. Raises ValueError for other texts."""
    return [_plain_network(ipaddress.ip_network(text, strict=False)) for text in texts]


def _plain_network(network: Network) -> Network:
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < _MAPPED_BITS:
        return network
    return ipaddress.IPv4Network((mapped, network.prefixlen - _MAPPED_BITS))


def is_in(address: str, networks: Sequence[Network]) -> bool:
    """Whether a text is an address in one of the networks."""
    if not networks:
        return False
    parsed = parse_address(address)
    return parsed is not None and any(parsed in network for network in networks)


def parse_address(text: str) -> Address | None:
    """The address in a text, which may have a port, brackets or a zone. None for another text.

    Also reads the names that gRPC gives to peers: `ipv4:192.0.2.1:5000`, `ipv6:%5B::1%5D:5000`.
    """
    text = text.strip().strip('"')
    if named := _GRPC_NAME.match(text):
        text = unquote(text[named.end() :])
    if text.startswith("["):
        inner, _, rest = text[1:].partition("]")
        if rest and not _PORT.fullmatch(rest):
            return None
        text = inner
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def network_of(peer_or_address: str) -> str:
    """The network that limits count a client by: an IPv4 address, or the /64 of an IPv6 address.

    LOCAL for a Unix socket or an empty text, UNKNOWN for another text.
    """
    return networks_of(peer_or_address)[0]


@lru_cache(maxsize=4096)
def networks_of(peer_or_address: str) -> tuple[str, ...]:
    """`network_of`, and for an IPv6 address also its /48, which one client may have as a whole."""
    if not peer_or_address or peer_or_address.startswith("unix"):
        return (LOCAL,)
    address = parse_address(peer_or_address)
    if address is None:
        return (UNKNOWN,)
    if isinstance(address, ipaddress.IPv4Address):
        return (str(address),)
    return tuple(
        str(ipaddress.IPv6Network((address, bits), strict=False))
        for bits in (_SUBSCRIBER_BITS, _SITE_BITS)
    )


@lru_cache(maxsize=4096)
def plain_address(text: str) -> str:
    """An address in its one spelling; another text, such as of a proxy that hides its clients, as it is."""
    address = parse_address(text)
    return text if address is None else str(address)


def client_address(connection: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """The address of the client, in its one spelling.

    connection: the address that connected. forwarded_for: values of X-Forwarded-For, the nearest hop last. A
    hop counts if the one that reported it is trusted.
    """
    address = plain_address(connection)
    hops = [hop for hop in forwarded_for.split(",") if hop.strip()]
    while hops and is_in(address, trusted):
        address = plain_address(hops.pop().strip())
    return address
