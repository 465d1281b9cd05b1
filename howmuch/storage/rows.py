"""Records from rows and rows from records, by name: a column and the field that it holds have one name."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple, TypeVar, cast

Record = TypeVar("Record")


def record_of(kind: type[Record], row: Mapping[Any, Any], /, **others: Any) -> Record:
    """The record of a row: each field from the column of its name, except the fields in `others`."""
    known = _fields(cast(Hashable, kind), *others)
    values = known.of_row(row)
    if not others:
        return kind(*values)
    return kind(**dict(zip(known.names, values)), **others)  # noqa: B905 - the check takes longer than the rest


def row_of(record: Any, /, **others: Any) -> dict[str, Any]:
    """The columns of a record, one for each field, and those in `others`."""
    known = _fields(cast(Hashable, type(record)), *others)
    return dict(zip(known.names, known.of_record(record)), **others)  # noqa: B905 - as above


class _Fields(NamedTuple):
    """Of a dataclass or a NamedTuple."""

    names: list[str]
    of_row: Callable[[Any], tuple[Any, ...]]
    of_record: Callable[[Any], tuple[Any, ...]]


@cache
def _fields(kind: Hashable, *without: str) -> _Fields:
    known = getattr(kind, "_fields", None) or [field.name for field in fields(cast(Any, kind))]
    names = [name for name in known if name not in without]
    return _Fields(names, itemgetter(*names), attrgetter(*names))
