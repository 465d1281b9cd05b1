"""Long fields in history are stored once: later changes name the revision that has them.

A change stores its subject before and after. A long field that was there before is, in both, a reference to
the latest change whose `after` has it in full: `"kept": {"notes": 17}`. In its place is an empty value, which
programs from before references read.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Connection, bindparam, select, tuple_

from howmuch.storage.tables import changes

Document = dict[str, Any]
"""A resource in history, see history.to_json."""

LONG_BYTES = 500
"""A field from this size on, as JSON, is stored once."""

KEPT = "kept"

# Fields that can be long, and the value in their place.
_EMPTY: Mapping[str, Any] = {
    "notes": "",
    "text": "",
    "expense_reason": "",
    "reason": "",
    "description": "",
    "shares": [],
    "split": {"mode": "equal", "member_ids": []},
}
_LAST = (
    select(changes.c.revision, changes.c.after)
    .where(
        changes.c.event_id == bindparam("event_id"),
        changes.c.subject_id == bindparam("subject_id"),
    )
    .order_by(changes.c.revision.desc())
    .limit(1)
)
_WANTED: Any = bindparam("wanted", expanding=True)
_FULL = select(changes.c.event_id, changes.c.revision, changes.c.after).where(
    tuple_(changes.c.event_id, changes.c.revision).in_(_WANTED)
)


def leave_out(
    connection: Connection, event_id: str, subject_id: str, before: Document, after: Document | None
) -> None:
    """Replaces long fields of `before`, and those that are equal in `after`, by references.

    Reads the last change of the subject, but only if there is a long field.
    """
    long = [name for name in _EMPTY if name in before and _is_long(before[name])]
    if not long:
        return
    last = connection.execute(_LAST, {"event_id": event_id, "subject_id": subject_id}).one_or_none()
    if last is None or last.after is None:
        return
    for name in long:
        value = before[name]
        revision = last.after.get(KEPT, {}).get(name)
        if revision is None and last.after.get(name) == value:
            revision = last.revision
        if revision is None:
            continue
        if after is not None and after.get(name) == value:
            _refer(after, name, revision)
        _refer(before, name, revision)


def fill_in(connection: Connection, event_id: str, documents: Iterable[Document | None]) -> None:
    """`fill_in_all` for documents of one event."""
    fill_in_all(connection, ((event_id, document) for document in documents))


def fill_in_all(connection: Connection, documents: Iterable[tuple[str, Document | None]]) -> None:
    """Replaces references by the fields themselves. documents: each with its event.

    One statement, and none without references.
    """
    referring = [(event_id, found) for event_id, found in documents if found and found.get(KEPT)]
    wanted = {(event_id, at) for event_id, found in referring for at in found[KEPT].values()}
    if not wanted:
        return
    rows = connection.execute(_FULL, {"wanted": sorted(wanted)})
    full: dict[tuple[str, int], Document] = {
        (row.event_id, row.revision): row.after for row in rows
    }
    for event_id, document in referring:
        for name, revision in document.pop(KEPT).items():
            document[name] = full[event_id, revision][name]


def _is_long(value: Any) -> bool:
    return bool(value) and len(to_json(value)) >= LONG_BYTES


def _refer(document: Document, name: str, revision: int) -> None:
    document[name] = _EMPTY[name]
    document.setdefault(KEPT, {})[name] = revision
