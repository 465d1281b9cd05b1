"""The connection of a client: encrypted or not, with a certificate of its own or without."""

import grpc

from howmuch.client.retries import channel_options
from howmuch.runtime.certificates import TlsFiles, read_pems

# A stream on which nothing comes for hours has to notice that its connection is dead.
_ALIVE: list[tuple[str, str | int]] = [
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
]


def open_channel(address: str, tls: TlsFiles | None) -> grpc.Channel:
    """A channel to HOST:PORT, which connects when first used, and repeats calls as docs/retries.md says.

    tls: None: not encrypted.

    ValueError, in one line that names the file, for files that cannot be used.
    """
    # A program of people calls one server, perhaps behind a proxy, and watches nobody's health.
    options = channel_options(through_proxy=True) + _ALIVE
    if tls is None:
        return grpc.insecure_channel(address, options)
    pems = read_pems(tls)
    credentials = grpc.ssl_channel_credentials(pems.ca, pems.key, pems.certificate)
    return grpc.secure_channel(address, credentials, options)
