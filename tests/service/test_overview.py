"""All events of a user at one glance: overview, activity, marks of what was read, search."""

import random
import re
from typing import Any

import pytest

from howmuch.v1 import change_pb2, event_pb2, expense_pb2, overview_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from howmuch.v1 import user_service_pb2 as us
from tests.databases import QueryCounter
from tests.service.api import Api, Person
from tests.service.test_list_plans import plan_of, recorded


def overview(person: Person, **fields: Any) -> overview_pb2.MyOverview:
    return person.users.GetMyOverview(us.GetMyOverviewRequest(**fields))


def unread(person: Person) -> dict[str, int]:
    """Event to the number of unread changes, where there are some."""
    return {
        each.event.id: each.unread_count for each in overview(person).events if each.unread_count
    }


def changes(person: Person, **fields: Any) -> us.ListMyChangesResponse:
    return person.users.ListMyChanges(us.ListMyChangesRequest(**fields))


def mark(person: Person, event_id: str = "", revision: int = 0) -> None:
    person.users.MarkSeen(us.MarkSeenRequest(event_id=event_id, revision=revision))


@pytest.fixture
def shared(ana: Person, bo: Person) -> event_pb2.Event:
    """An event of Ana's, as Bo sees it."""
    return bo.join(ana, ana.event(name="Lisbon").id)


def test_overview_has_the_balance_in_each_event(ana: Person, bo: Person) -> None:
    """By currency, without settled ones; archived events apart, deleted and left ones not at all."""
    lisbon, porto, old, gone = (ana.event(name=name) for name in ("Lisbon", "Porto", "Old", "Gone"))
    guest = ana.guest(lisbon.id, "Cy").id
    ana.spend(lisbon.id, lisbon.member_id, "10.00", lisbon.member_id, guest)
    ana.spend(lisbon.id, guest, "900", lisbon.member_id, currency_code="JPY")
    ana.spend(lisbon.id, guest, "3.00", guest, currency_code="USD")
    ana.spend(old.id, old.member_id, "4.00", ana.guest(old.id, "Di").id)
    ana.events.ArchiveEvent(es.ArchiveEventRequest(event_id=old.id))
    ana.events.DeleteEvent(es.DeleteEventRequest(event_id=gone.id))
    left = bo.event(name="Bo's")
    mine = ana.join(bo, left.id)
    ana.events.RemoveMember(es.RemoveMemberRequest(event_id=left.id, member_id=mine.member_id))
    found = overview(ana)
    assert [each.event.name for each in found.events] == ["Porto", "Lisbon"]
    assert [each.event.name for each in found.archived_events] == ["Old"]
    nets = [[(b.currency_code, b.net) for b in each.balances] for each in found.events]
    assert nets == [[], [("EUR", "5.00"), ("JPY", "-900")]]
    assert found.archived_events[0].balances[0].net == "4.00"
    assert found.events[1].event == ana.events.GetEvent(es.GetEventRequest(event_id=lisbon.id))
    assert [each.event.name for each in overview(ana, page_size=2).events] == ["Porto", "Lisbon"]
    token = overview(ana, page_size=2).next_page_token
    rest = overview(ana, page_size=2, page_token=token)
    assert (len(rest.events), len(rest.archived_events)) == (0, 1)
    assert porto.id == found.events[0].event.id


def test_overview_has_the_last_change(ana: Person, bo: Person, shared: event_pb2.Event) -> None:
    """Its kind, author and time; the content is in ListMyChanges."""
    made = bo.spend(shared.id, shared.member_id, "1.00", shared.member_id)
    [only] = overview(ana).events
    last = only.last_change
    assert (last.kind, last.subject_id) == (change_pb2.CHANGE_KIND_EXPENSE_CREATED, made.id)
    assert (last.actor_member_id, last.create_time) == (shared.member_id, made.create_time)
    assert last.revision == only.event.revision
    # As the comment of the field says.
    assert {field.name for field, _ in last.ListFields()} == {
        "event_id",
        "revision",
        "kind",
        "actor_member_id",
        "subject_id",
        "create_time",
    }


def test_unread_changes_are_those_of_others(
    ana: Person, bo: Person, shared: event_pb2.Event
) -> None:
    """What one did oneself, and what was there before one joined, is never unread."""
    assert unread(bo) == {}
    assert unread(ana) == {shared.id: 1}
    for person in (ana, bo, ana, ana):
        person.spend(shared.id, shared.member_id, "1.00", shared.member_id)
    assert unread(ana) == {shared.id: 2}
    assert unread(bo) == {shared.id: 3}
    marks = [(each.change.revision, each.unread) for each in changes(bo).changes]
    assert marks == [
        (6 + 1, True),
        (6, True),
        (5, False),
        (4, True),
        (3, False),
        (2, False),
        (1, False),
    ]


def test_mark_seen_moves_on_and_never_back(
    ana: Person, bo: Person, shared: event_pb2.Event
) -> None:
    """Up to a revision, or all; in one event, or in all."""
    other = bo.join(ana, ana.event().id)
    for person in (ana, bo, ana, bo, ana):
        person.spend(shared.id, shared.member_id, "1.00", shared.member_id)
    ana.spend(other.id, other.member_id, "1.00", other.member_id)
    assert unread(bo) == {shared.id: 3, other.id: 1}
    for revision, left in ((0 + 3, 3), (4, 2), (5, 2), (6, 1), (4, 1), (8, 0), (6, 0)):
        mark(bo, shared.id, revision)
        assert unread(bo).get(shared.id, 0) == left, revision
    bo.spend(shared.id, shared.member_id, "1.00", shared.member_id)
    assert unread(bo) == {other.id: 1}
    ana.spend(shared.id, shared.member_id, "1.00", shared.member_id)
    assert unread(bo) == {shared.id: 1, other.id: 1}
    mark(bo, shared.id)
    assert unread(bo) == {other.id: 1}
    mark(bo)
    mark(bo)
    assert unread(bo) == {}
    assert not any(each.unread for each in changes(bo).changes)


def test_who_returns_has_nothing_unread(ana: Person, bo: Person, shared: event_pb2.Event) -> None:
    """What happened while they were away is in the history, and no news."""
    gone = es.RemoveMemberRequest(event_id=shared.id, member_id=shared.member_id)
    bo.events.RemoveMember(gone)
    assert not changes(bo).changes
    for _ in range(3):
        ana.guest(shared.id, f"Guest {_}")
    bo.join(ana, shared.id)
    assert unread(bo) == {}
    assert len(changes(bo).changes) == bo.revision(shared.id)


def test_my_changes_are_all_changes_newest_first(api: Api, ana: Person, bo: Person) -> None:
    """Merged by time over all events, whatever the size of the page, forth and back."""
    chance = random.Random(7)
    mine = [ana.event(name=f"Event {number}") for number in range(4)]
    joined = {event.id: bo.join(ana, event.id) for event in mine[:3]}
    for _ in range(30):
        person, event = chance.choice((ana, bo)), chance.choice(mine[:3])
        person.guest(event.id, f"Guest {_}")
    payer = [expense_pb2.Payment(member_id=mine[0].member_id)]
    tea = expense_pb2.Expense(reason="Tea", date="2026-11-22", amount="1.00", payments=payer)
    batch = xs.BatchCreateExpensesRequest(event_id=mine[0].id, expenses=[tea] * 7)
    ana.expenses.BatchCreateExpenses(batch)
    history = [
        change
        for event in joined
        for change in bo.events.ListChanges(es.ListChangesRequest(event_id=event)).changes
    ]
    history.sort(
        key=lambda c: (c.create_time.ToNanoseconds(), c.event_id, c.revision), reverse=True
    )
    for size in (1, 3, 8, 40, 200):
        pages = [changes(bo, page_size=size)]
        while pages[-1].next_page_token:
            pages.append(changes(bo, page_size=size, page_token=pages[-1].next_page_token))
        found = [each for page in pages for each in page.changes]
        assert [each.change for each in found] == history
        back = [pages[-1]]
        while back[-1].previous_page_token:
            back.append(changes(bo, page_size=size, page_token=back[-1].previous_page_token))
        assert [page.changes for page in reversed(back)] == [page.changes for page in pages]
    names = {(each.event_name, each.actor_name) for each in changes(bo, page_size=100).changes}
    assert names == {(f"Event {n}", name) for n in range(3) for name in ("Ana", "Bo")}


def test_my_changes_have_long_texts_in_full(
    ana: Person, bo: Person, shared: event_pb2.Event
) -> None:
    """Also texts that the history stores once, of several events."""
    notes, own = "n" * 600, ana.event()
    for event_id, member_id in ((shared.id, shared.member_id), (own.id, own.member_id)):
        made = ana.spend(event_id, member_id, "1.00", member_id, notes=notes)
        ana.expenses.DeleteExpense(xs.DeleteExpenseRequest(event_id=event_id, expense_id=made.id))
    found = [
        each.change.before.expense.notes
        for each in changes(ana).changes
        if each.change.HasField("before")
    ]
    assert [text for text in found if text] == [notes] * 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lis", "Lísbon"),
        ("LISBÓN", "Lísbon"),
        ("%", "100% fun"),
        ("o", "Old Porto, Lísbon"),
        ("x", ""),
    ],
)
def test_search_finds_events_by_name(ana: Person, bo: Person, text: str, expected: str) -> None:
    """Case and accents make no difference; archived events are found, deleted and foreign ones not."""
    made = {
        name: ana.event(name=name) for name in ("Lísbon", "100% fun", "Old Porto", "Lisbon gone")
    }
    bo.event(name="Lisbon of Bo")
    ana.events.ArchiveEvent(es.ArchiveEventRequest(event_id=made["Old Porto"].id))
    ana.events.DeleteEvent(es.DeleteEventRequest(event_id=made["Lisbon gone"].id))
    found = ana.events.SearchEvents(es.SearchEventsRequest(text=text)).events
    assert ", ".join(event.name for event in found) == expected


def test_overview_and_activity_take_three_statements(
    api: Api, ana: Person, query_counter: QueryCounter
) -> None:
    """Whatever the number of events."""
    for _ in range(12):
        event = ana.event()
        ana.spend(event.id, event.member_id, "2.00", ana.guest(event.id, "Cy").id)
    for ask in (overview, changes):
        with query_counter(api.database.engine) as statements:
            ask(ana)
        assert len(statements) <= 3, statements


def test_activity_reads_changes_by_an_index(api: Api, ana: Person, bo: Person) -> None:
    """The time of one change of each event, and those of the page; no history is scanned."""
    for _ in range(3):
        bo.join(ana, ana.event().id)
    token = ""
    for _ in range(2):
        with recorded(api.database.engine) as statements:
            token = changes(bo, page_size=2, page_token=token).next_page_token
        [(statement, parameters)] = [each for each in statements if "LIMIT" in each[0]]
        plan = plan_of(api.database, statement, parameters)
        assert "ix_changes_event_id_create_time_revision" in plan, plan
        assert not re.search("SCAN changes|Seq Scan on changes|SCAN told", plan), plan
        assert token
