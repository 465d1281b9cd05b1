"""What changes say: a sentence, and the old and new value of each field and of all that moves money."""

from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from howmuch.v1 import change_pb2, event_pb2, expense_pb2, user_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from howmuch.v1 import user_service_pb2 as us
from tests.service.api import Person, failure

FRENCH = (("accept-language", "de;q=0.5, fr-CH, en;q=0.8"),)
Told = tuple[str, str, str, str]


@pytest.fixture
def trip(ana: Person) -> list[str]:
    """An event of Ana, Bo and Cy: its id and theirs."""
    event = ana.event()
    return [event.id, event.member_id, *(ana.guest(event.id, n).id for n in ("Bo", "Cy"))]


def changes(
    person: Person, event_id: str, metadata: Any = (), **query: Any
) -> list[change_pb2.Change]:
    request = es.ListChangesRequest(event_id=event_id, **query)
    return list(person.events.ListChanges(request, metadata=metadata).changes)


def told(change: change_pb2.Change) -> list[Told]:
    return [(d.path, d.label, d.old_value, d.new_value) for d in change.differences]


def revise(person: Person, expense: expense_pb2.Expense, **fields: Any) -> expense_pb2.Expense:
    revised = expense_pb2.Expense(event_id=expense.event_id, id=expense.id, **fields)
    mask = FieldMask(paths=list(fields))
    return person.expenses.UpdateExpense(xs.UpdateExpenseRequest(expense=revised, update_mask=mask))


def bill(*lines: tuple[str, str, list[str]], tip: str) -> expense_pb2.Split:
    items = [
        expense_pb2.ItemizedSplit.Item(name=name, amount=amount, member_ids=ids)
        for name, amount, ids in lines
    ]
    return expense_pb2.Split(itemized=expense_pb2.ItemizedSplit(items=items, tip=tip))


def test_change_tells_payers_and_shares(ana: Person, trip: Any) -> None:
    """Old and new, by names; the newest version tells the same."""
    event_id, me, bo, cy = trip
    made = ana.spend(event_id, me, "30.00", me, bo)
    weights = expense_pb2.WeightsSplit()
    weights.parts.add(member_id=bo, weight=2)
    weights.parts.add(member_id=cy, weight=1)
    revise(
        ana,
        made,
        payments=[expense_pb2.Payment(member_id=bo, amount="30.00")],
        split=expense_pb2.Split(weights=weights),
    )
    change = changes(ana, event_id)[-1]
    assert change.summary == "Ana changed “Dinner”, €30.00"
    assert told(change) == [
        ("payments", "Paid by", "Ana", "Bo"),
        ("split", "Split", "equally between Ana and Bo", "by weight – Bo (2), Cy (1)"),
        ("shares", "Share of Ana", "€15.00", "nothing"),
        ("shares", "Share of Bo", "€15.00", "€20.00"),
        ("shares", "Share of Cy", "nothing", "€10.00"),
    ]
    assert [d.member_id for d in change.differences[2:]] == [me, bo, cy]
    versions = ana.expenses.ListExpenseVersions(
        xs.ListExpenseVersionsRequest(event_id=event_id, expense_id=made.id)
    )
    assert [told(each) for each in versions.changes] == [told(change), []]
    assert [each.revision for each in versions.changes] == [change.revision, change.revision - 1]
    assert not versions.changes[0].HasField("after")
    watch = es.WatchEventRequest(event_id=event_id, since_revision=change.revision - 1)
    assert next(ana.events.WatchEvent(watch)) == change


def test_change_of_a_bill_tells_lines_tax_and_tip(ana: Person, trip: Any) -> None:
    """A line that came, one that went, one that changed, and the tip."""
    event_id, me, bo, _ = trip
    before = bill(("Soup", "8.00", [me]), ("Wine", "12.00", [me, bo]), tip="2.00")
    after = bill(("Wine", "10.00", [bo]), ("Cake", "9.00", [me]), tip="3.00")
    made = ana.spend(event_id, me, "22.00", split=before)
    revise(ana, made, split=after)
    assert told(changes(ana, event_id)[-1])[:4] == [
        ("split.itemized.items", "Item “Soup”", "€8.00 for Ana", ""),
        ("split.itemized.items", "Item “Wine”", "€12.00 for Ana and Bo", "€10.00 for Bo"),
        ("split.itemized.items", "Item “Cake”", "", "€9.00 for Ana"),
        ("split.itemized.tip", "Tip", "€2.00", "€3.00"),
    ]


def test_change_of_many_shares_tells_how_many(ana: Person) -> None:
    """A list of two thousand would tell nobody anything."""
    event = ana.event()
    guests = [ana.guest(event.id, f"Guest {number}").id for number in range(60)]
    made = ana.spend(event.id, event.member_id, "60.00", *guests)
    revise(ana, made, amount="120.00")
    [change] = changes(ana, event.id, order_by="revision desc", page_size=1)
    assert told(change)[-1] == ("shares", "Shares", "", "60 people (changed)")


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("EXPENSE", "Ana added “Dinner”, €9.00, paid by Bo"),
        ("INCOME", "Ana added the income “Dinner”, €9.00, received by Bo"),
        ("TRANSFER", "Bo paid Cy €9.00, recorded by Ana"),
    ],
)
def test_sentence_names_whose_money_it_was(
    ana: Person, trip: Any, kind: str, sentence: str
) -> None:
    """Money that came in was received. Whoever wrote it down is named too."""
    event_id, _, bo, cy = trip
    number = expense_pb2.ExpenseKind.Value(f"EXPENSE_KIND_{kind}")
    made = ana.spend(event_id, bo, "9.00", cy, kind=number)
    ana.expenses.DeleteExpense(xs.DeleteExpenseRequest(event_id=event_id, expense_id=made.id))
    added, deleted = changes(ana, event_id)[-2:]
    assert added.summary == sentence
    assert deleted.summary.startswith("Ana deleted ")
    assert "Bo" in deleted.summary
    assert not added.differences


def test_sentence_is_in_the_language_of_the_client_or_the_account(ana: Person, trip: Any) -> None:
    """The header decides; without it, the account."""
    event_id, me, bo, _ = trip
    revise(ana, ana.spend(event_id, me, "9.00", bo), amount="1200.00")
    [change] = changes(ana, event_id, FRENCH)[-1:]
    assert change.summary.replace("\xa0", " ").startswith("Ana a modifié « Dinner »")
    assert change.differences[0].label == "Montant"
    assert changes(ana, event_id)[-1].differences[0].label == "Amount"
    ana.users.UpdateMe(us.UpdateMeRequest(user=user_pb2.User(locale="fr")))
    assert changes(ana, event_id)[-1].differences[0].label == "Montant"


def test_names_are_the_present_ones_and_never_ids(ana: Person, trip: Any) -> None:
    """Of a member who was renamed, and of one who is gone without a trace."""
    event_id, me, bo, cy = trip
    ana.spend(event_id, bo, "9.00", me)
    member = event_pb2.Member(event_id=event_id, id=bo, name="Bob")
    ana.events.UpdateMember(es.UpdateMemberRequest(member=member))
    ana.events.RemoveMember(es.RemoveMemberRequest(event_id=event_id, member_id=cy))
    found = changes(ana, event_id)
    assert [change.summary for change in found[1:]] == [
        "Ana added Bob to the event",
        "Ana added Cy to the event",
        "Ana added “Dinner”, €9.00, paid by Bob",
        "Ana renamed Bo to Bob",
        "Ana removed Cy from the event",
    ]
    assert told(found[4]) == [("name", "Name", "Bo", "Bob")]
    assert not [c for c in found for i in trip if i in c.summary + "".join(map(str, told(c)))]


def test_history_can_be_read_newest_first(ana: Person, trip: Any) -> None:
    """In pages, down to the revision that was asked for; a token is of its order."""
    event_id = trip[0]
    request = es.ListChangesRequest(
        event_id=event_id, since_revision=1, page_size=1, order_by="revision desc"
    )
    seen: list[int] = []
    while not seen or request.page_token:
        page = ana.events.ListChanges(request)
        seen += [change.revision for change in page.changes]
        request.page_token = page.next_page_token or ""
        if page.next_page_token:
            other = es.ListChangesRequest(event_id=event_id, since_revision=1, page_size=1)
            other.page_token = page.next_page_token
            assert failure(ana.events.ListChanges, other).reason == "PAGE_TOKEN_OF_OTHER_QUERY"
    assert seen == [3, 2]
    request.order_by = "time"
    assert failure(ana.events.ListChanges, request).reason == "ORDER_UNKNOWN"


def test_default_split_and_colour_are_told(ana: Person, trip: Any) -> None:
    """With the names of all whom a split names."""
    event_id, _, bo, cy = trip
    split = expense_pb2.Split(equal=expense_pb2.EqualSplit(member_ids=[bo, cy]))
    event = event_pb2.Event(id=event_id, default_split=split)
    ana.events.UpdateEvent(es.UpdateEventRequest(event=event))
    member = event_pb2.Member(event_id=event_id, id=cy, colour="#ffffff")
    ana.events.UpdateMember(es.UpdateMemberRequest(member=member))
    of_split, of_colour = (told(change) for change in changes(ana, event_id)[-2:])
    assert of_split == [
        (
            "default_split",
            "Default split",
            "by the usual weights",
            "equally between Bo and Cy",
        )
    ]
    [(path, label, old, new)] = of_colour
    assert (path, label, old[0], new) == ("colour", "Colour", "#", "#ffffff")


def test_amounts_are_in_the_language_of_the_sentence(ana: Person, trip: Any) -> None:
    """In English for a language without words."""
    event_id, me, bo, _ = trip
    ana.spend(event_id, me, "1234.50", bo)
    [change] = changes(ana, event_id, (("accept-language", "de"),))[-1:]
    assert change.summary == "Ana added “Dinner”, €1,234.50, paid by Ana"
