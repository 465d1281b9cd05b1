"""Events: what they are, how they change, how they end, and what history keeps of it."""

import datetime as dt
from collections.abc import Callable
from typing import Any, Literal

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from sqlalchemy import update

from howmuch.storage.tables import events as events_table
from howmuch.v1 import change_pb2, event_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from tests.service.api import Api, Person, failure
from tests.service.requests import FACTORIES, METHODS, call
from tests.service.world import World


def change(person: Person, event_id: str, paths: list[str] | None = None, **fields: Any) -> Any:
    """Updates an event; paths: of the mask; None: without one."""
    mask = None if paths is None else FieldMask(paths=paths)
    event = event_pb2.Event(id=event_id, **fields)
    return person.events.UpdateEvent(es.UpdateEventRequest(event=event, update_mask=mask))


def get(person: Person, event_id: str) -> event_pb2.Event:
    """The event as they see it."""
    return person.events.GetEvent(es.GetEventRequest(event_id=event_id))


def changes(person: Person, event_id: str, since: int = 0) -> list[change_pb2.Change]:
    """The history after a revision."""
    request = es.ListChangesRequest(event_id=event_id, since_revision=since, page_size=500)
    return list(person.events.ListChanges(request).changes)


def test_create_event(ana: Person, bo: Person) -> None:
    """Its maker owns it; its currency is theirs unless they name one; others see it as themselves."""
    event = ana.event(name="  Lisbon ", currency_code="", description="two\nlines")
    assert (event.name, event.currency_code, event.revision) == ("Lisbon", "EUR", 1)
    assert event.role == event_pb2.ROLE_OWNER
    assert event.create_time == event.update_time
    for name in ("archive_time", "delete_time", "purge_time"):
        assert not event.HasField(name)
    joined = bo.join(ana, event.id, event_pb2.ROLE_VIEWER)
    seen = get(bo, event.id)
    assert seen == joined
    assert (seen.role, seen.revision) == (event_pb2.ROLE_VIEWER, 3)
    assert seen.member_id not in ("", event.member_id)
    assert get(ana, event.id).member_id == event.member_id


@pytest.mark.parametrize(
    ("paths", "fields", "expected"),
    [
        (None, {"name": "Oslo"}, ("Oslo", "old", "EUR")),
        (None, {"currency_code": "JPY", "revision": 1}, ("Lisbon", "old", "JPY")),
        (["description"], {"name": "Oslo"}, ("Lisbon", "", "EUR")),
        (["name", "name", "revision"], {"name": "Oslo", "revision": 1}, ("Oslo", "old", "EUR")),
        (["*"], {"name": "Oslo", "currency_code": "JPY"}, ("Oslo", "", "JPY")),
    ],
)
def test_update_mask(
    ana: Person, paths: list[str] | None, fields: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    """No mask: what is set; a mask: what it names; `*`: everything. What the server sets may be repeated."""
    event = ana.event(description="old")
    new = change(ana, event.id, paths, **fields)
    assert (new.name, new.description, new.currency_code) == expected
    changed = expected != ("Lisbon", "old", "EUR")
    assert new.revision == 1 + changed
    assert (new.etag != event.etag, new.update_time != event.update_time) == (changed, changed)
    assert get(ana, event.id) == new


@pytest.mark.parametrize(
    ("path", "reason"), [("nome", "FIELD_UNKNOWN"), ("update_time.seconds", "FIELD_IS_WHOLE")]
)
def test_update_mask_that_names_nothing(ana: Person, path: str, reason: str) -> None:
    """A field that is not there, or lies inside another, is named with its place in the mask."""
    failed = failure(lambda: change(ana, ana.event().id, ["name", path], name="Oslo"))
    assert (failed.code, failed.reason) == ("INVALID_ARGUMENT", reason)
    assert list(failed.fields) == ["update_mask.paths[1]"]


@pytest.mark.parametrize(
    ("in_body", "if_match", "refused"),
    [
        ("v1", None, False),
        ("", '"v1"', False),
        ("", 'W/"v1"', False),
        ("", "*", False),
        ("", '"v7"', True),
        ("v7", '"v1"', True),
        ("", "", False),
    ],
)
def test_etag_in_request_or_in_if_match(
    ana: Person, in_body: str, if_match: str | None, refused: bool
) -> None:
    """The etag in the request counts, else the one in `if-match`; `*` matches whatever is there."""
    event = ana.event()
    metadata = () if if_match is None else (("if-match", if_match),)
    request = es.UpdateEventRequest(event=event_pb2.Event(id=event.id, name="Oslo", etag=in_body))

    def write() -> event_pb2.Event:
        return ana.events.UpdateEvent(request, metadata=metadata)

    if refused:
        assert failure(write).reason == "ETAG_STALE"
    else:
        assert write().name == "Oslo"


def test_adding_expenses_leaves_the_etag(ana: Person) -> None:
    """The etag is of the event's own fields; only the revision counts what is in it."""
    event = ana.event()
    ana.spend(event.id, event.member_id, "1.00")
    seen = get(ana, event.id)
    assert (seen.etag, seen.revision, seen.update_time) == (event.etag, 2, event.update_time)


def run(person: Person, name: str, event_id: str) -> event_pb2.Event:
    """Calls a method that takes nothing but an event."""
    request = getattr(es, f"{name}Request")(event_id=event_id)
    event = getattr(person.events, name)(request)
    assert isinstance(event, event_pb2.Event)
    return event


@pytest.mark.parametrize(
    ("first", "field", "back", "kinds"),
    [
        ("ArchiveEvent", "archive_time", "UnarchiveEvent", ["EVENT_ARCHIVED", "EVENT_UNARCHIVED"]),
        ("DeleteEvent", "delete_time", "UndeleteEvent", ["EVENT_DELETED", "EVENT_UNDELETED"]),
    ],
)
def test_there_and_back(
    ana: Person,
    first: str,
    field: Literal["archive_time", "delete_time"],
    back: str,
    kinds: list[str],
) -> None:
    """Doing it again answers the same and records nothing; going back leaves the event as it was."""
    event = ana.event()
    gone = run(ana, first, event.id)
    assert gone.HasField(field)
    assert run(ana, first, event.id) == gone == get(ana, event.id)
    listed = ana.events.ListEvents(es.ListEventsRequest()).events
    assert [e.id for e in listed] == []
    show = es.ListEventsRequest(show_archived=True, show_deleted=True)
    assert list(ana.events.ListEvents(show).events) == [gone]
    returned = run(ana, back, event.id)
    assert not returned.HasField(field)
    assert not returned.HasField("purge_time")
    recorded = changes(ana, event.id, since=1)
    assert [c.kind for c in recorded] == [
        change_pb2.ChangeKind.Value(f"CHANGE_KIND_{kind}") for kind in kinds
    ]
    assert (returned.revision, returned.etag) == (3, "v3")
    assert not recorded[0].before.event.HasField(field)
    assert recorded[0].after.event.HasField(field)
    if back == "UnarchiveEvent":
        assert run(ana, back, event.id) == returned
    else:
        assert (gone.purge_time.ToDatetime() - gone.delete_time.ToDatetime()).days == 30
        assert failure(lambda: run(ana, back, event.id)).reason == "EVENT_NOT_DELETED"


@pytest.mark.parametrize(("days", "refused"), [(29.9, False), (30.1, True)])
def test_deleted_event_can_come_back_for_30_days(
    api: Api, ana: Person, days: float, refused: bool
) -> None:
    """After that it waits for nothing but to be purged."""
    event = ana.event()
    run(ana, "DeleteEvent", event.id)
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
    with api.database.begin() as connection:
        statement = update(events_table).where(events_table.c.id == event.id)
        connection.execute(statement.values(delete_time=long_ago))
    if refused:
        failed = failure(lambda: run(ana, "UndeleteEvent", event.id))
        assert (failed.code, failed.reason) == ("FAILED_PRECONDITION", "DELETED_TOO_LONG")
    else:
        assert run(ana, "UndeleteEvent", event.id).revision == 3


def no_ops(world: World) -> list[Callable[[], Any]]:
    """Writes that find nothing to change."""
    ana, event = world.owner, world.event
    key = {"event_id": event.id, "expense_id": world.expense.id}
    same = event_pb2.Member(event_id=event.id, id=world.guest, name="Guest", weight=1)
    revoke = es.RevokeInvitationRequest(event_id=event.id, invitation_id=world.invitation.id)
    ana.events.RevokeInvitation(revoke)
    deleted = {"event_id": event.id, "expense_id": world.deleted_expense.id}
    accept = es.AcceptInvitationRequest(
        token=ana.events.CreateInvitation(es.CreateInvitationRequest(event_id=event.id)).token
    )
    return [
        lambda: change(ana, event.id, name=event.name),
        lambda: run(ana, "UnarchiveEvent", event.id),
        lambda: ana.events.UpdateMember(es.UpdateMemberRequest(member=same)),
        lambda: ana.events.RevokeInvitation(revoke),
        lambda: ana.events.AcceptInvitation(accept),
        lambda: ana.expenses.UpdateExpense(xs.UpdateExpenseRequest(expense=world.expense)),
        lambda: ana.expenses.DeleteExpense(xs.DeleteExpenseRequest(**deleted)),
        lambda: ana.expenses.RestoreExpenseVersion(
            xs.RestoreExpenseVersionRequest(version=1, **key)
        ),
    ]


def test_what_changes_nothing_is_no_change(api: Api) -> None:
    """A write that finds all as it is to be raises no revision and records nothing."""
    world = World(api)
    writes = no_ops(world)
    before = get(world.owner, world.event_id)
    for write in writes:
        write()
        assert get(world.owner, world.event_id) == before
    assert len(changes(world.owner, world.event_id)) == before.revision


def test_history_says_who_did_what(api: Api) -> None:
    """Revisions have no gaps; each change has its actor, its subject, before and after, and no secrets."""
    world = World(api)
    ana, bo = world.owner, world("editor")
    bo.spend(world.event_id, world.member_id("editor"), "1.00")
    for name in ("UpdateExpense", "DeleteExpense", "UpdateMember", "RemoveMember", "UpdateEvent"):
        method = next(m for path, m in METHODS.items() if path.endswith(f"/{name}"))
        call(ana, method, FACTORIES[name](world, "owner"))
    recorded = changes(ana, world.event_id)
    assert [c.revision for c in recorded] == list(range(1, get(ana, world.event_id).revision + 1))
    mine, his = world.event.member_id, world.member_id("editor")
    assert [c.actor_member_id for c in recorded].count(his) == 2
    assert {c.actor_member_id for c in recorded} == {mine, his}
    for one in recorded:
        name = change_pb2.ChangeKind.Name(one.kind).removeprefix("CHANGE_KIND_")
        assert one.HasField("before") is not name.endswith(("_CREATED", "_ADDED")) or (
            name == "MEMBER_JOINED"
        )
        for snapshot in (one.before, one.after):
            if found := snapshot.WhichOneof("resource"):
                assert getattr(snapshot, found).id == one.subject_id
        assert not one.after.invitation.token
        assert not one.after.event.member_id
    removed = next(c for c in recorded if c.kind == change_pb2.CHANGE_KIND_MEMBER_REMOVED)
    assert removed.before.member.name == "Guest"
    edit = next(c for c in recorded if c.kind == change_pb2.CHANGE_KIND_EXPENSE_UPDATED)
    assert (edit.before.expense.amount, edit.after.expense.amount) == ("12.00", "13.01")
