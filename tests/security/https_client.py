"""Requests over HTTPS, to 127.0.0.1."""

import http.client
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.gateway.http_client import WAIT_SECONDS


@dataclass(frozen=True)
class Answer:
    """headers: names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class HttpsClient:
    """One connection that stays."""

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        self.connection = http.client.HTTPSConnection(
            "127.0.0.1", port, timeout=WAIT_SECONDS, context=context
        )

    def ask(self, method: str, target: str, body: bytes | None = None, **headers: str) -> Answer:
        """Raises OSError, http.client.HTTPException where the connection breaks."""
        self.connection.request(method, target, body, headers)
        response = self.connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, response.read())

    def shown(self) -> bytes:
        """The server's certificate on this connection, in DER."""
        connected = self.connection.sock
        assert isinstance(connected, ssl.SSLSocket)
        shown = connected.getpeercert(binary_form=True)
        assert shown is not None
        return shown


@contextmanager
def https_client(port: int, context: ssl.SSLContext) -> Iterator[HttpsClient]:
    """A client, closed at the end."""
    client = HttpsClient(port, context)
    try:
        yield client
    finally:
        client.connection.close()


def get(port: int, context: ssl.SSLContext, target: str = "/v1/resp") -> Answer:
    """One request over a connection of its own."""
    with https_client(port, context) as client:
        return client.ask("GET", target)


def is_let_in(port: int, context: ssl.SSLContext) -> bool:
    """Whether a request is answered, or the connection ends instead."""
    try:
        return get(port, context).status == 200
    except (OSError, http.client.HTTPException):
        return False
