"""The call that a thread is serving."""

import datetime as dt
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import grpc
from sqlalchemy import Connection

from howmuch.model import Caller
from howmuch.rpc.methods import Method
from howmuch.runtime.networks import Network, is_in, plain_address
from howmuch.telemetry.waits import Waits
from howmuch.usecases.days import today_in


@dataclass(slots=True)
class Call:
    """One call. Interceptors fill it from the outside in; a servicer finds all of it set.

    peer: the caller's address, see `peer_of`. transport: the other end of its connection, as gRPC names it.
    now: when the call came, the one time for everything it writes. timeout_seconds: rest of the deadline at
    that time. token_hash: empty in public methods. open_connection: its transaction. generation: of that
    connection, see runtime.cache. known_caller: None in public methods. prepared: result of the work before
    the transaction. admitted: whether the quotas allow the call. sessions_ended_of: the account whose
    sessions, one or all, the call ends; they are refused everywhere from the commit on. ends_own_session:
    whether the caller's is among them. code: the status of the call. reason: of the error that ended it;
    empty after success. For the log: account is the address of a log-in; refused_user_id is a caller who is
    known and may not do this.

    It has no reference to gRPC's context. The context refers to the context variable that holds the call, and
    only the garbage collector would free such a cycle, with gRPC's memory for each call.
    """

    method: Method
    metadata: dict[str, str | bytes]
    request_id: str
    peer: str
    now: dt.datetime
    timeout_seconds: float = 0.0
    token_hash: bytes = b""
    open_connection: Connection | None = None
    generation: int = 0
    known_caller: Caller | None = None
    prepared: Any = None
    admitted: bool = False
    sessions_ended_of: str = ""
    ends_own_session: bool = False
    code: grpc.StatusCode = grpc.StatusCode.OK
    reason: str = ""
    account: str = ""
    refused_user_id: str | None = None
    transport: str = ""
    waits: Waits = field(default_factory=Waits)

    @property
    def trailing_metadata(self) -> tuple[tuple[str, str | bytes], ...]:
        """Sent with every answer and every error."""
        return (("x-request-id", self.request_id),)

    @property
    def today(self) -> dt.date:
        """The day in the time zone of the event that the call is about."""
        return today_in(self.caller.in_event.event, self.now)

    @property
    def connection(self) -> Connection:
        """The transaction of this call; it is committed after the servicer returns."""
        if self.open_connection is None:
            raise AssertionError("there is no transaction yet")
        return self.open_connection

    @property
    def caller(self) -> Caller:
        """The caller of a method that is not public."""
        if self.known_caller is None:
            raise AssertionError("a public method has no caller")
        return self.known_caller

    def header(self, name: str) -> str:
        """The value of a metadata key. Empty means that it was not sent."""
        value = self.metadata.get(name, "")
        return value if isinstance(value, str) else ""

    def etag(self, in_request: str) -> str:
        """The etags that the caller read, any of which will do. Empty means none.

        They come from the request and from `if-match`; if both name one, both must hold (RFC 9110, 13.1.1).
        """
        header = self.header("if-match").strip()
        if header in ("", "*"):
            return in_request
        given = [each.strip().removeprefix("W/").strip('"') for each in header.split(",")]
        if not in_request:
            return ", ".join(given)
        return in_request if in_request in given else f"{in_request} and {' or '.join(given)}"


_current: ContextVar[Call] = ContextVar("call")


def current_call() -> Call:
    """The call of this thread."""
    return _current.get()


def set_current_call(call: Call) -> None:
    """Sets the call of this thread."""
    _current.set(call)


def peer_of(connection: str, forwarded_for: str | bytes | None, trusted: Sequence[Network]) -> str:
    """The caller's address, without its port, as text.

    connection: as gRPC names it: `ipv4:192.0.2.1:5000`, `ipv6:%5B::1%5D:5000`, `unix:`. Only the gateway of
    this process connects through a Unix socket. forwarded_for: the metadata. Its last address is the one that
    the nearest gateway saw, and counts if that gateway is trusted, and so on towards the client.
    """
    address = "" if connection.startswith("unix:") else plain_address(connection)
    if not isinstance(forwarded_for, str):
        return address
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    while hops and (not address or is_in(address, trusted)):
        address = plain_address(hops.pop())
    return address
