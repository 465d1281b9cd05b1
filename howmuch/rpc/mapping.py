"""Fields that messages and records have in common, by descriptor: fields with one name and one kind.

Such a field is named in the proto file, the table and the record, and nowhere else. `CONVERSIONS` has the
types that the wire writes in another form; a field that differs in more than its type is given by hand.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import is_dataclass
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from google.api import field_behavior_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from howmuch.ledger.shares import Kind
from howmuch.model import Role, etag
from howmuch.v1 import event_pb2, expense_pb2

M = TypeVar("M", bound=Message)

ROLES = {
    Role.VIEWER: event_pb2.ROLE_VIEWER,
    Role.EDITOR: event_pb2.ROLE_EDITOR,
    Role.OWNER: event_pb2.ROLE_OWNER,
}
KINDS = {
    Kind.EXPENSE: expense_pb2.EXPENSE_KIND_EXPENSE,
    Kind.TRANSFER: expense_pb2.EXPENSE_KIND_TRANSFER,
    Kind.INCOME: expense_pb2.EXPENSE_KIND_INCOME,
}
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def timestamp(instant: dt.datetime | None) -> Timestamp | None:
    """An instant as a message; None stays None."""
    if instant is None:
        return None
    # A page of expenses has hundreds of them, and FromDatetime takes three times as long.
    since = instant - EPOCH
    return Timestamp(seconds=since.days * 86_400 + since.seconds, nanos=since.microseconds * 1_000)


CONVERSIONS: dict[type, Callable[[Any], Any]] = {
    dt.datetime: timestamp,
    dt.date: dt.date.isoformat,
    Role: ROLES.__getitem__,
    Kind: KINDS.__getitem__,
}
_SCALARS: dict[type, Collection[int]] = {
    str: (FieldDescriptor.TYPE_STRING,),
    bool: (FieldDescriptor.TYPE_BOOL,),
    int: (FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_INT64),
}
_BY_SERVER = (field_behavior_pb2.OUTPUT_ONLY, field_behavior_pb2.IMMUTABLE)


class _Source(NamedTuple):
    """The path of a value in a record: `name`, or `draft.name`; and its type, without None."""

    path: str
    type: Any


def message_maker(
    made: type[M],
    record: type,
    special: Mapping[str, Callable[[Any], Any]] | None = None,
    *,
    left_out: Collection[str] = (),
) -> Callable[[Any], M]:
    """A function from a record to its message. None leaves a field unset.

    special: the fields that are not made of the field with their name. left_out: fields that the function
    does not set. Raises TypeError, at import, for any other field that the record lacks.
    """
    special = dict(special or {})
    sources = _sources(record)
    paths: dict[str, str] = {}
    conversions: list[tuple[str, Callable[[Any], Any]]] = []
    for field in made.DESCRIPTOR.fields:
        name = field.name
        if name in special or name in left_out:
            continue
        source = sources.get(name)
        if name == "etag":
            paths[name] = "version"
            conversions.append((name, etag))
        elif source and source.type in CONVERSIONS:
            paths[name] = source.path
            conversions.append((name, CONVERSIONS[source.type]))
        elif source and _is_same_kind(field, source):
            paths[name] = source.path
        else:
            raise TypeError(f"{field.full_name} has no field in {record.__name__} to be made of")
    values_of = attrgetter(*paths.values())

    def make(from_record: Any) -> M:
        values = dict(zip(paths, values_of(from_record), strict=True))
        for name, convert in conversions:
            values[name] = convert(values[name])
        for name, convert in special.items():
            values[name] = convert(from_record)
        return made(**values)

    return make


def same_fields(message: type[Message], record: type) -> tuple[str, ...]:
    """The names of the scalar fields that a message and a record have in common."""
    sources = _sources(record)
    return tuple(
        field.name
        for field in message.DESCRIPTOR.fields
        if field.name in sources and _is_same_kind(field, sources[field.name])
    )


def settable_fields(message: type[Message]) -> tuple[str, ...]:
    """The names of the fields that an update can change: those that the server does not set."""
    return tuple(
        field.name
        for field in message.DESCRIPTOR.fields
        if field.name != "etag" and not is_set_by_server(field)
    )


def is_set_by_server(field: Any) -> bool:
    """Whether no update can change a field: it is OUTPUT_ONLY or IMMUTABLE."""
    behaviors = field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
    return any(behavior in _BY_SERVER for behavior in behaviors)


def _is_same_kind(field: Any, source: _Source) -> bool:
    return not field.is_repeated and field.type in _SCALARS.get(source.type, ())


def _sources(record: type) -> dict[str, _Source]:
    """Name of each field of a record, and of those of a record in it, to where its value is."""
    return dict(_walk(record, ""))


def _walk(record: Any, prefix: str) -> Iterator[tuple[str, _Source]]:
    for name, hint in get_type_hints(record).items():
        kind = _without_none(hint)
        if is_dataclass(kind):
            yield from _walk(kind, f"{prefix}{name}.")
        else:
            yield name, _Source(prefix + name, kind)


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        kinds = [kind for kind in get_args(hint) if kind is not NoneType]
        return kinds[0] if len(kinds) == 1 else hint
    return hint
