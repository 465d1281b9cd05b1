"""Fields of resources that the server sets, in requests that write: another value is refused, not ignored.

The proto files mark them with field_behavior. Clients send back objects as they read them, so the stored
value is accepted. In an object that was read before the last change, any value is accepted; its etag says
more.
"""

import functools
from collections.abc import Callable
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from howmuch.errors import Violations, invalid
from howmuch.rpc.mapping import is_set_by_server

_SHOWN = 60
_COUNTS = (FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_INT64)
_NOT_STORED = frozenset({"howmuch.v1.Expense.dated_ahead", "howmuch.v1.Member.namesake_member_id"})
"""Fields that depend on the moment of the response. Any value may be sent back, and is ignored."""
_WAYS = {
    "archive_time": "Use ArchiveEvent or UnarchiveEvent.",
    "delete_time": "Delete or undelete it with the method for that.",
    "event_id": "Name the event of the request, or leave it out.",
}
"""The way out, by the name of the field."""


def check_read_only(
    given: Message, path: str, stored: Callable[[], Message], mask: FieldMask | None = None
) -> None:
    """Raises InvalidArgument for each field of `given` that only the server sets, with another value.

    path: of `given` in the request. stored: reads the resource as it is; called only if it matters. A field
    that the mask names and `given` does not set would be cleared, which is another value too.
    """
    read_only = _read_only(given.DESCRIPTOR)
    named = read_only.intersection(mask.paths if mask is not None else ())
    suspects = named.union(field.name for field, _ in given.ListFields() if field.name in read_only)
    if not suspects:
        return
    present = stored()
    if not named and _was_read_before(given, present):
        return
    wrong = Violations()
    for field in given.DESCRIPTOR.fields:
        if field.name in suspects and not _is_same(
            field, given, present, named=field.name in named
        ):
            with wrong:
                raise invalid(
                    f"{path}.{field.name}",
                    "FIELD_READ_ONLY",
                    f"{_shown(field, given)} cannot be written: only the server sets this field."
                    f" {_WAYS.get(field.name, 'Leave it out, or send it as you read it.')}",
                )
    wrong.raise_any()


@functools.cache
def _read_only(message: Descriptor) -> frozenset[str]:
    return frozenset(
        field.name
        for field in message.fields
        if is_set_by_server(field) and field.full_name not in _NOT_STORED
    )


def _was_read_before(given: Message, present: Message) -> bool:
    """Whether the whole object was read before its last change."""
    read = getattr(given, "update_time", None)
    written = getattr(present, "update_time", None)
    if not isinstance(read, Timestamp) or not isinstance(written, Timestamp):
        return False
    # A client may send a time outside the years that Timestamp can convert.
    return given.HasField("update_time") and _order_of(read) < _order_of(written)


def _order_of(time: Timestamp) -> tuple[int, int]:
    return time.seconds, time.nanos


def _is_same(field: Any, given: Message, present: Message, *, named: bool) -> bool:
    value, stored = getattr(given, field.name), getattr(present, field.name)
    if field.cpp_type in _COUNTS and not named:
        # A smaller one was read earlier: writes elsewhere in an event raise its revision too.
        return bool(value <= stored)
    if field.message_type is not None and not field.is_repeated:
        # An empty object is another value than none.
        return bool(value == stored) and given.HasField(field.name) == present.HasField(field.name)
    return bool(value == stored)


def _shown(field: Any, given: Message) -> str:
    """The value, as a sentence begins with it."""
    value = getattr(given, field.name)
    if field.is_repeated:
        return "This list"
    if isinstance(value, Message) and not isinstance(value, Timestamp):
        return "This object"
    if isinstance(value, Timestamp):
        return _shown_time(value) if given.HasField(field.name) else "No time"
    if isinstance(value, bool):
        return str(value).lower()
    if field.enum_type is not None:
        found = field.enum_type.values_by_number.get(value)
        return found.name if found else str(value)
    return repr(value[:_SHOWN] if isinstance(value, str) else value)


def _shown_time(time: Timestamp) -> str:
    try:
        return repr(time.ToJsonString())
    except ValueError:
        return "This time"
