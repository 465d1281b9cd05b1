"""Zero shares, half shares, usual weights and the default split of an event."""

from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from sqlalchemy import update

from howmuch.storage.tables import members
from howmuch.v1 import event_pb2, expense_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from tests.service.api import Api, Person, failure

Split = expense_pb2.Split


class Flat:
    """An event of Ana's with guests of these weights; absent means 1."""

    unknown = "mbr_01m82xvzrxef69kx02yh9gxa07"

    def __init__(self, ana: Person, **weights: Any) -> None:
        self.ana = ana
        self.event = ana.event()
        self.ids = {"Ana": self.event.member_id}
        for name, weight in weights.items():
            field = {"weight_decimal": weight} if isinstance(weight, str) else {"weight": weight}
            self.ids[name] = ana.guest(self.event.id, name, **field).id

    def split(self, mode: str, **values: Any) -> Split:
        """By one value for each name; None leaves it out."""
        field = {"weights": "weight", "percent": "percent"}[mode]
        parts = []
        for name, value in values.items():
            given = f"{field}_decimal" if mode == "weights" and isinstance(value, str) else field
            parts.append({"member_id": self.ids[name]} | ({} if value is None else {given: value}))
        return ParseDict({mode: {"parts": parts}}, Split())

    def owed(
        self, split: Split | None = None, amount: str = "30.00", **fields: Any
    ) -> dict[str, str]:
        """What each member owes of an expense of Ana's, by name."""
        made = self.ana.spend(self.event.id, self.ids["Ana"], amount, split=split, **fields)
        return self.owed_of(made)

    def owed_of(self, expense: expense_pb2.Expense) -> dict[str, str]:
        """The same of an expense that there is."""
        names = {member_id: name for name, member_id in self.ids.items()}
        return {names[share.member_id]: share.owed for share in expense.shares}

    def update(self, name: str, **fields: Any) -> event_pb2.Member:
        """Changes a member."""
        member = event_pb2.Member(event_id=self.event.id, id=self.ids[name], **fields)
        return self.ana.events.UpdateMember(es.UpdateMemberRequest(member=member))

    def default(self, split: Split | None, *mask: str) -> event_pb2.Event:
        """Changes the default split."""
        request = es.UpdateEventRequest(
            event=event_pb2.Event(id=self.event.id, default_split=split)
        )
        request.update_mask.paths.extend(mask)
        return self.ana.events.UpdateEvent(request)


def test_weight_of_zero_charges_nothing(ana: Person) -> None:
    """The member takes part, and the expense says so; absent is still the member's own."""
    flat = Flat(ana, Bo=1, Cy=2)
    assert flat.owed(flat.split("weights", Ana=1, Bo=0, Cy=2)) == {
        "Ana": "10.00",
        "Bo": "0.00",
        "Cy": "20.00",
    }
    assert flat.owed(flat.split("weights", Ana=1, Bo=0, Cy=None))["Cy"] == "20.00"
    assert flat.owed(flat.split("percent", Ana="0", Bo="100")) == {"Ana": "0.00", "Bo": "30.00"}


def test_guest_of_weight_zero_is_stored_so(ana: Person) -> None:
    """As is one who becomes so; `weight` is there in every answer."""
    flat = Flat(ana, Bo=0)
    listed = ana.events.ListMembers(es.ListMembersRequest(event_id=flat.event.id)).members
    assert [(m.HasField("weight"), m.weight) for m in listed] == [(True, 1), (True, 0)]
    assert flat.update("Ana", weight=0).weight == 0
    changes = ana.events.ListChanges(es.ListChangesRequest(event_id=flat.event.id)).changes
    assert changes[-1].after.member.HasField("weight")


@pytest.mark.parametrize(
    ("given", "whole", "decimal"),
    [
        ({"weight_decimal": "0.5"}, None, "0.5"),
        ({"weight_decimal": "1.250"}, None, "1.25"),
        ({"weight_decimal": "2.0"}, 2, None),
        ({"weight": 2, "weight_decimal": "2"}, 2, None),
        ({}, 1, None),
        ({"weight_decimal": "1000000"}, 1_000_000, None),
    ],
)
def test_weight_is_answered_in_one_field(
    ana: Person, given: dict[str, Any], whole: int | None, decimal: str | None
) -> None:
    """A whole number in `weight`, another in `weight_decimal`; on adding, on changing and in history."""
    event = ana.event()
    guest = ana.guest(event.id, "Bo", **given)
    mine = event_pb2.Member(event_id=event.id, id=event.member_id, **given)
    changed = ana.events.UpdateMember(es.UpdateMemberRequest(member=mine))
    history = ana.events.ListChanges(es.ListChangesRequest(event_id=event.id)).changes
    for member in (guest, changed, history[1].after.member):
        has = {name: member.HasField(name) for name in ("weight", "weight_decimal")}
        assert has == {"weight": whole is not None, "weight_decimal": decimal is not None}
        assert (member.weight or None, member.weight_decimal or None) == (whole, decimal)


def test_half_shares(ana: Person) -> None:
    """Of a split and of usual weights, to the cent; a change of the reason leaves them as they are."""
    flat = Flat(ana, Bo="0.5", Cy=1)
    assert flat.owed(amount="25.00") == {"Ana": "10.00", "Bo": "5.00", "Cy": "10.00"}
    made = flat.ana.spend(
        flat.event.id, flat.ids["Ana"], "10.00", split=flat.split("weights", Ana="1.5", Bo=None)
    )
    assert flat.owed_of(made) == {"Ana": "7.50", "Bo": "2.50"}
    assert [p.weight_decimal for p in made.split.weights.parts] == ["1.5", "0.5"]
    changed = expense_pb2.Expense(event_id=flat.event.id, id=made.id, reason="Tea", amount="20.00")
    after = ana.expenses.UpdateExpense(xs.UpdateExpenseRequest(expense=changed))
    assert (after.split, flat.owed_of(after)["Bo"]) == (made.split, "5.00")
    got = ana.expenses.GetExpense(xs.GetExpenseRequest(event_id=flat.event.id, expense_id=made.id))
    assert got == after


def test_usual_weights_count_from_the_next_expense_on(ana: Person) -> None:
    """Of an expense without a split, in proportion; EQUAL by name stays equal, by any way of entry."""
    flat = Flat(ana, Bo=2, Cy=0)
    assert flat.owed() == {"Ana": "10.00", "Bo": "20.00", "Cy": "0.00"}
    equal = Split(equal=expense_pb2.EqualSplit())
    assert set(flat.owed(equal).values()) == {"10.00"}
    flat.update("Cy", weight=3)
    assert flat.owed() == {"Ana": "5.00", "Bo": "10.00", "Cy": "15.00"}
    draft = expense_pb2.Expense(reason="Tea", date="2026-11-22", amount="6.00")
    draft.payments.add(member_id=flat.ids["Bo"])
    batch = xs.BatchCreateExpensesRequest(event_id=flat.event.id, expenses=[draft, draft])
    for made in ana.expenses.BatchCreateExpenses(batch).expenses:
        assert flat.owed_of(made) == {"Ana": "1.00", "Bo": "2.00", "Cy": "3.00"}


def test_equal_usual_weights_are_an_equal_split(ana: Person) -> None:
    """As before there were weights: the stored split names all members."""
    flat = Flat(ana, Bo=1, Cy=1)
    made = ana.spend(flat.event.id, flat.ids["Ana"], "10.00", split=None)
    assert sorted(made.split.equal.member_ids) == sorted(flat.ids.values())


def test_default_split_of_the_event(ana: Person) -> None:
    """Its members and mode; those who have left are passed over; an own split counts more."""
    flat = Flat(ana, Bo=2, Cy=1)
    named = Split(equal=expense_pb2.EqualSplit(member_ids=[flat.ids["Bo"], flat.ids["Cy"]]))
    assert flat.default(named).default_split == named
    assert flat.owed() == {"Ana": "0.00", "Bo": "15.00", "Cy": "15.00"}
    flat.default(flat.split("weights", Bo=None, Cy="0.5"))
    assert flat.owed() == {"Ana": "0.00", "Bo": "24.00", "Cy": "6.00"}
    flat.default(flat.split("percent", Ana="50", Bo="50"))
    assert flat.owed() == {"Ana": "15.00", "Bo": "15.00"}
    assert flat.owed(Split(equal=expense_pb2.EqualSplit()))["Cy"] == "10.00"
    assert not flat.default(None, "default_split").HasField("default_split")
    assert flat.owed()["Bo"] == "15.00"


def test_default_split_without_those_who_left(ana: Person) -> None:
    """The others share in proportion; where nobody is left, all do by their weights."""
    flat = Flat(ana, Bo=1, Cy=1)
    flat.default(flat.split("percent", Ana="20", Bo="30", Cy="50"))
    ana.events.RemoveMember(
        es.RemoveMemberRequest(event_id=flat.event.id, member_id=flat.ids["Cy"])
    )
    assert flat.owed() == {"Ana": "12.00", "Bo": "18.00"}
    dan = ana.guest(flat.event.id, "Dan").id
    flat.default(Split(equal=expense_pb2.EqualSplit(member_ids=[dan])))
    ana.events.RemoveMember(es.RemoveMemberRequest(event_id=flat.event.id, member_id=dan))
    assert flat.owed() == {"Ana": "15.00", "Bo": "15.00"}


def test_unchanged_default_split_may_name_those_who_are_gone(ana: Person) -> None:
    """An event can be written as it was read; a new split must name members who are there."""
    flat = Flat(ana, Bo=1, Cy=1)
    # So that he stays as inactive; Cy is removed for good.
    ana.spend(flat.event.id, flat.ids["Bo"], "10.00", flat.ids["Bo"])
    flat.default(flat.split("weights", Ana="1.5", Bo=None, Cy=2))
    for name in ("Bo", "Cy"):
        gone = es.RemoveMemberRequest(event_id=flat.event.id, member_id=flat.ids[name])
        ana.events.RemoveMember(gone)
    read = ana.events.GetEvent(es.GetEventRequest(event_id=flat.event.id))
    assert ana.events.UpdateEvent(es.UpdateEventRequest(event=read)) == read
    read.name = "Flat"
    assert ana.events.UpdateEvent(es.UpdateEventRequest(event=read)).name == "Flat"
    for name, reason in (("Bo", "MEMBER_INACTIVE"), ("Cy", "MEMBER_UNKNOWN")):
        refused = failure(flat.default, flat.split("weights", Ana=1, **{name: 2}))
        assert refused.reason == reason
    refused = failure(flat.default, flat.split("weights", Ana=1, Bo=2))
    assert refused.message.startswith("event.default_split.weights.parts[1].member_id: 'Bo' has")
    assert (refused.metadata["member_id"], refused.metadata["member_name"]) == (
        flat.ids["Bo"],
        "Bo",
    )


def test_event_is_made_with_a_default_split(ana: Person) -> None:
    """Equally, whatever the weights are; there are no other members to name yet."""
    equal = Split(equal=expense_pb2.EqualSplit())
    event = ana.event(default_split=equal)
    assert event.default_split == equal
    ana.guest(event.id, "Bo", weight=3)
    made = ana.spend(event.id, event.member_id, "10.00", split=None)
    assert {share.owed for share in made.shares} == {"5.00"}


@pytest.mark.parametrize(
    ("call", "field", "reason"),
    [
        (
            lambda f: f.owed(f.split("weights", Ana=0, Bo=0)),
            "expense.split.weights.parts",
            "WEIGHTS_ALL_ZERO",
        ),
        (
            lambda f: f.owed(f.split("weights", Ana="0.0005")),
            "expense.split.weights.parts[0].weight_decimal",
            "WEIGHT_TOO_PRECISE",
        ),
        (
            lambda f: f.owed(f.split("weights", Ana="1,5")),
            "expense.split.weights.parts[0].weight_decimal",
            "WEIGHT_MALFORMED",
        ),
        (
            lambda f: f.update("Bo", weight_decimal="1000000.5"),
            "member.weight_decimal",
            "WEIGHT_OUT_OF_RANGE",
        ),
        (
            lambda f: f.update("Bo", weight=2, weight_decimal="2.5"),
            "member.weight_decimal",
            "WEIGHTS_DIFFER",
        ),
        (
            lambda f: f.default(f.split("weights", Ana=0)),
            "event.default_split.weights.parts",
            "WEIGHTS_ALL_ZERO",
        ),
        (
            lambda f: f.default(f.split("percent", Ana="99")),
            "event.default_split.percent.parts",
            "SUM_MISMATCH",
        ),
        (
            lambda f: f.default(ParseDict({"exact": {"parts": []}}, Split())),
            "event.default_split",
            "DEFAULT_SPLIT_MODE",
        ),
        (
            lambda f: f.default(Split(equal=expense_pb2.EqualSplit(member_ids=[f.unknown]))),
            "event.default_split.equal.member_ids[0]",
            "MEMBER_UNKNOWN",
        ),
    ],
)
def test_weights_that_are_refused(ana: Person, call: Any, field: str, reason: str) -> None:
    """The error names the field; nothing was written."""
    flat = Flat(ana, Bo=1)
    before = ana.revision(flat.event.id)
    error = failure(call, flat)
    assert (error.reason, list(error.fields)) == (reason, [field])
    assert ana.revision(flat.event.id) == before


def test_all_usual_weights_are_zero(ana: Person) -> None:
    """Nobody would owe the amount: refused until the expense names its split."""
    flat = Flat(ana, Bo=0)
    flat.update("Ana", weight=0)
    error = failure(flat.owed)
    assert (error.reason, list(error.fields)) == ("WEIGHTS_ALL_ZERO", ["expense.split"])


def test_weight_that_an_earlier_program_wrote_counts(api: Api, ana: Person) -> None:
    """It knows the whole weight alone, which it changes, or writes back as it was."""
    flat = Flat(ana, Bo="0.5")
    for weight, decimal in ((1, "0.5"), (3, "")):
        with api.database.begin() as connection:
            connection.execute(
                update(members).where(members.c.id == flat.ids["Bo"]).values(weight=weight)
            )
        listed = ana.events.ListMembers(es.ListMembersRequest(event_id=flat.event.id)).members
        assert listed[1].weight_decimal == decimal
