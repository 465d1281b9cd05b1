"""The gRPC channel of a client, with or without TLS."""

import grpc

from howmuch.client.retries import channel_options
from howmuch.runtime.certificates import TlsFiles, read_pems


def open_channel(address: str, tls: TlsFiles | None) -> grpc.Channel:
    """Return a channel to HOST:PORT that connects lazily and retries as docs/retries.md says.

    tls: None means no encryption. Raises ValueError, with one line, for an invalid file.
    """
    # A user calls one server, perhaps behind a proxy, so health checks of backends are of no use.
    options = channel_options(through_proxy=True)
    if tls is None:
        return grpc.insecure_channel(address, options)
    pems = read_pems(tls)
    credentials = grpc.ssl_channel_credentials(pems.ca, pems.key, pems.certificate)
    return grpc.secure_channel(address, credentials, options)
