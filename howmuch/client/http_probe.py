"""Whether an address that does not answer gRPC answers HTTP/1.1, as REST does."""

import socket

_SECONDS = 1.0
_REQUEST = b"GET /healthz HTTP/1.1\r\nHost: howmuch\r\nConnection: close\r\n\r\n"


def speaks_http(address: str) -> bool:
    """Asks the server at HOST:PORT, for at most a second each to connect and to answer."""
    host, _, port = address.rpartition(":")
    if not port.isdecimal():
        return False
    try:
        with socket.create_connection((host.strip("[]"), int(port)), _SECONDS) as connection:
            connection.settimeout(_SECONDS)
            connection.sendall(_REQUEST)
            return connection.recv(5) == b"HTTP/"
    except (OSError, OverflowError):
        return False
