"""HTTP/1.1 on a socket: what is sent is sent byte for byte, and a reply that breaks off is seen."""

import gzip
import socket
from collections.abc import Mapping
from dataclasses import dataclass

import h11

WAIT_SECONDS = 60.0
RECEIVE_BYTES = 65536

Headers = Mapping[str, str | list[str]]


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int  # 0: the connection broke, or fell silent, before there was a status line
    headers: tuple[tuple[str, str], ...]  # in their order, names in lower case
    body: bytes  # as it was sent, without chunks
    complete: bool  # False: the connection broke before the message was over

    def values(self, name: str) -> list[str]:
        """Every value of a header, a line each."""
        return [value for known, value in self.headers if known == name.lower()]

    @property
    def content(self) -> bytes:
        """The body without its content encoding."""
        if self.complete and self.values("content-encoding") == ["gzip"]:
            return gzip.decompress(self.body)
        return self.body


def send(
    port: int,
    method: str,
    target: str,
    headers: Headers | None = None,
    body: bytes | None = None,
) -> Reply:
    """One request to 127.0.0.1, and its reply.

    target: what stands in the request line, whether path and query or an absolute URI. A header
    with a list goes out as so many lines. Host, Connection: close and, with a body,
    Content-Length are added where they are missing.
    """
    try:
        with socket.create_connection(("127.0.0.1", port), WAIT_SECONDS) as connection:
            connection.sendall(request_bytes(port, method, target, headers or {}, body))
            return _receive(connection, method)
    except OSError:
        return Reply(0, (), b"", complete=False)


def request_bytes(
    port: int, method: str, target: str, headers: Headers, body: bytes | None
) -> bytes:
    """The request as it goes over the wire."""
    lines = [f"{method} {target} HTTP/1.1"]
    added = {"host": f"127.0.0.1:{port}", "connection": "close"}
    if body is not None:
        added["content-length"] = str(len(body))
    given = {name.lower() for name in headers}
    lines += [f"{name}: {value}" for name, value in added.items() if name not in given]
    for name, values in headers.items():
        lines += [f"{name}: {value}" for value in ([values] if isinstance(values, str) else values)]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


def _receive(connection: socket.socket, method: str) -> Reply:
    parser = h11.Connection(h11.CLIENT)
    # It has to know what was asked, HEAD above all; what it would send is thrown away.
    parser.send(h11.Request(method=method, target="/", headers=[("host", "127.0.0.1")]))
    parser.send(h11.EndOfMessage())
    head, body, complete = None, b"", False
    while not complete:
        try:
            event = parser.next_event()
            if event is h11.NEED_DATA:
                parser.receive_data(connection.recv(RECEIVE_BYTES))
                continue
        except (h11.RemoteProtocolError, OSError):
            break
        if isinstance(event, h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
            complete = isinstance(event, h11.EndOfMessage)
            break
    if head is None:
        return Reply(0, (), b"", complete=False)
    headers = tuple((name.decode(), value.decode("latin-1")) for name, value in head.headers)
    return Reply(head.status_code, headers, body, complete)
