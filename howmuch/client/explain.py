"""Errors of gRPC as one line: the problem, in the words of the command line, and the remedy."""

import re
from collections.abc import Sequence
from typing import TypeVar, cast

import click
import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from howmuch.client.http_probe import speaks_http

Detail = TypeVar("Detail", bound=Message)

HINTS = {
    "SESSION_INVALID": "Run `howmuch login`.",
    "EMAIL_TAKEN": "If it is yours, run `howmuch login`.",
    "ETAG_STALE": "`show` prints the current etag.",
    "EVENT_ARCHIVED": "Run `howmuch event unarchive` first.",
    "EXPENSE_DELETED": "Run `howmuch expense restore` first.",
    "ROLE_TOO_SMALL": "Ask an owner of the event.",
    "BALANCE_OPEN": "See `howmuch settle`.",
    "GUEST_TAKEN": "Or omit --as.",
    "TOKEN_MALFORMED": "Copy the whole link or token.",
    "EXPENSE_VERSION_NOT_FOUND": "See `howmuch expense history`.",
}
"""The remedy, by the reason of google.rpc.ErrorInfo. Follows the message of the server."""

# From paths in requests to names on the command line. The first match counts, and of several names the first
# that the command has.
_NAMES = [
    (re.compile(pattern), names)
    for pattern, names in [
        (r"payments\b", "--paid"),
        (r"(default_)?split\.weights\b", "--share"),
        (r"weight_decimal\b", "--weight"),
        (r"(default_)?split\.percent\b", "--percent"),
        (r"split\.exact\b", "--exact"),
        (r"split\.adjusted\b", "--adjust"),
        (r"split\.itemized\.(tax|tip)\b", r"--\1"),
        (r"split\.itemized\b", "--item"),
        (r"(default_)?split\b", "--for"),
        (r"settlement_transfer\b", "--record"),
        (r"(?:.*\.)?currency_code\b", "currency"),
        (r"max_uses\b", "--uses"),
        (r"ttl\b", "--days"),
        (r"(from|to)_date\b", r"--\1"),
        (r"as_of_date\b", "--as-of"),
        (r"(min|max)_amount\b", r"--\1"),
        (r"since_revision\b", "--since"),
        (r"time_zone\b", "--time-zone"),
        (r"(?:event_)?id\b", "--event EVENT --id"),
        (r"expense_id\b", "EXPENSE --id"),
        (r"comment_id\b", "COMMENT"),
        (r"invitation_id\b", "--revoke"),
        (r"session_id\b", "--end"),
        (r"(payer|beneficiary)_member_id\b", r"--\1"),
        (r"(from|to)_member_id\b", "FROM TO"),
        (r"member_id\b", "--member --as NAME"),
        (r"show_(archived|deleted)\b", r"--\1"),
        (r"show_inactive\b", "--all"),
        (r"only_deleted\b", "--only-deleted"),
        (r"mail_mode\b", "--mails"),
        (r"mail_only_mine\b", "--only-mine"),
        (r"muted\b", "--mute"),
        (r"barred\b", "--bar"),
        (r"state\b", "--back"),
        (r"(current|new)_password\b", r"\1 password"),
        (r"text\b", "--text TEXT"),
        (r"(date|category|notes|role|weight|locale|etag|kind|version|colour)\b", r"--\1"),
    ]
]
_FIELD = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
_PATH = re.compile(r"([a-z]+[_.\[][a-z0-9_.\[\]]*): ")
_ENTRY = re.compile(r"expenses\[(\d+)\]\.")


def explain(address: str, error: grpc.RpcError, lines: Sequence[int] = ()) -> str:
    """Return the error as one line. lines: line numbers in a file of the entries of a batch."""
    # An RpcError of a call is also a Call, but its class does not say so.
    call = cast("grpc.Call", error)
    details = " ".join((call.details() or "").split())
    info = _detail(call, error_details_pb2.ErrorInfo)
    if info is None:
        return _of_connection(address, call.code(), details)
    if request := _detail(call, error_details_pb2.BadRequest):
        said = (
            f"{name_of(v.field, lines)}: {_in_text(v.description)}"
            for v in request.field_violations
        )
        # Several fields may be one option.
        details = " ".join(dict.fromkeys(said))
        if more := info.metadata.get("more_violations"):
            details = f"{details} Fields that are wrong besides: {more}."
    elif path := _PATH.match(details):
        details = f"{name_of(path[1], lines)}: {_in_text(details[path.end() :])}"
    if hint := HINTS.get(info.reason):
        details = f"{details} {hint}"
    if retry := _detail(call, error_details_pb2.RetryInfo):
        details = f"{details} Try again in {max(1, round(retry.retry_delay.seconds))} s."
    return details


def reason_of(error: grpc.RpcError) -> str:
    """Return the reason of google.rpc.ErrorInfo. Empty means that no howmuch server answered."""
    info = _detail(cast("grpc.Call", error), error_details_pb2.ErrorInfo)
    return info.reason if info else ""


def _of_connection(address: str, code: grpc.StatusCode, details: str) -> str:
    """Explain an error that does not come from a howmuch server."""
    if code is grpc.StatusCode.UNAVAILABLE and speaks_http(address):
        return (
            f"{address} is a port of HTTP, such as REST; the command line calls gRPC. Use its address, which"
            " `howmuch run` prints: by default port 50051."
        )
    if code is grpc.StatusCode.UNAVAILABLE:
        return f"{address} does not answer; is `howmuch run` running there? ({details})"
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return (
            f"{address} took too long to answer; check whether the change was made, then try again."
        )
    if code is grpc.StatusCode.UNIMPLEMENTED:
        return f"{address} does not support this call; is it a howmuch server of the same version?"
    return f"{address} answered {code.name}: {details}"


def _detail(call: grpc.Call, kind: type[Detail]) -> Detail | None:
    status = rpc_status.from_call(call)
    for packed in status.details if status else ():
        found = kind()
        if packed.Unpack(found):
            return found
    return None


def name_of(field: str, lines: Sequence[int] = ()) -> str:
    """Return the option or argument of a field: `expense.payments[0].amount` is --paid.

    lines: of the entries of a batch, which comes from a file; its names are columns.
    """
    entry = _ENTRY.match(field)
    where = f"line {lines[int(entry[1])]}, " if entry and lines else ""
    bare = _ENTRY.sub("", field)
    bare = re.sub(r"^(expense|event|member|user)\.", "", bare)
    for pattern, names in _NAMES:
        if found := pattern.match(bare):
            return where + _at_hand(found.expand(names), columns=bool(lines))
    return where + bare


def _at_hand(names: str, *, columns: bool) -> str:
    """Return the first of several names that the command has, else the first."""
    if columns:
        return names.split()[0].removeprefix("--")
    context = click.get_current_context(silent=True)
    has = {
        word
        for one in (context.command.params if context else ())
        for word in (*one.opts, (one.metavar or one.name or "").strip("[]").upper())
    }
    return next((name for name in names.split() if name in has), names.split()[0])


def _in_text(description: str) -> str:
    """Return a description with options instead of the fields that it names."""
    return _FIELD.sub(lambda found: name_of(found[0]), description)
