"""IP networks, for lists of trusted proxies."""

import ipaddress
from collections.abc import Iterable, Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_networks(texts: Iterable[str]) -> list[Network]:
    """Parses networks such as `10.0.0.0/8`, or single addresses. Raises ValueError for other texts."""
    return [ipaddress.ip_network(text, strict=False) for text in texts]


def is_in(address: str, networks: Sequence[Network]) -> bool:
    """Whether a text is an address in one of the networks."""
    if not networks:
        return False
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)
