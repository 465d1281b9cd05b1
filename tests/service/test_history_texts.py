"""Long fields are in history once, and every reader of history gets them."""

from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from pydantic_core import to_json
from sqlalchemy import select

from howmuch.storage.tables import changes
from howmuch.v1 import change_pb2, event_pb2, expense_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from tests.service.api import Api, Person

LONG = "Receipt of the harbour restaurant, table nine. " * 200
LONGER = LONG + "Paid in cash."


class Dinner:
    """An expense with long notes, in an event of Ana's."""

    def __init__(self, api: Api, ana: Person) -> None:
        self.api, self.ana = api, ana
        made = ana.event()
        self.event_id, self.member_id = made.id, made.member_id
        self.id = ana.spend(made.id, made.member_id, "9.00", made.member_id, notes=LONG).id
        self.which = {"event_id": made.id, "expense_id": self.id}

    def delete(self) -> expense_pb2.Expense:
        return self.ana.expenses.DeleteExpense(xs.DeleteExpenseRequest(**self.which))

    def undelete(self) -> expense_pb2.Expense:
        return self.ana.expenses.UndeleteExpense(xs.UndeleteExpenseRequest(**self.which))

    def update(self, **fields: Any) -> expense_pb2.Expense:
        expense = expense_pb2.Expense(id=self.id, event_id=self.event_id, **fields)
        return self.ana.expenses.UpdateExpense(xs.UpdateExpenseRequest(expense=expense))

    def restore(self, version: int) -> expense_pb2.Expense:
        request = xs.RestoreExpenseVersionRequest(**self.which, version=version)
        return self.ana.expenses.RestoreExpenseVersion(request)

    def versions(self) -> list[expense_pb2.Expense]:
        """Oldest first."""
        request = xs.ListExpenseVersionsRequest(event_id=self.event_id, expense_id=self.id)
        listed = self.ana.expenses.ListExpenseVersions(request)
        return list(reversed(listed.versions))

    def history(self) -> list[change_pb2.Change]:
        request = es.ListChangesRequest(event_id=self.event_id)
        return list(self.ana.events.ListChanges(request).changes)

    def stored_bytes(self) -> list[int]:
        """The size of each change."""
        of_event = select(changes.c.before, changes.c.after).where(
            changes.c.event_id == self.event_id
        )
        with self.api.database.read() as connection:
            rows = connection.execute(of_event.order_by(changes.c.revision)).all()
        return [len(to_json(list(row))) for row in rows]


@pytest.fixture
def dinner(api: Api, ana: Person) -> Dinner:
    return Dinner(api, ana)


def test_deleting_and_undeleting_stores_no_long_note_again(dinner: Dinner) -> None:
    """Ten rounds store less than the note has characters, and each change still has the note."""
    before = sum(dinner.stored_bytes())
    for _ in range(5):
        dinner.delete()
        dinner.undelete()
    assert sum(dinner.stored_bytes()) - before < 2 * len(LONG)
    assert {version.notes for version in dinner.versions()} == {LONG}
    for change in dinner.history()[2:]:
        assert (change.before.expense.notes, change.after.expense.notes) == (LONG, LONG)


def test_every_version_has_its_own_long_note(dinner: Dinner) -> None:
    """Changed, made short, changed back: history, versions and a restored version are as they were."""
    wanted = [LONG, LONGER, LONGER, "", "", LONG, LONGER]
    dinner.update(notes=LONGER)
    dinner.update(reason="Supper")
    dinner.ana.expenses.UpdateExpense(
        xs.UpdateExpenseRequest(
            expense=expense_pb2.Expense(id=dinner.id, event_id=dinner.event_id),
            update_mask=FieldMask(paths=["notes"]),
        )
    )
    dinner.update(reason="Late supper")
    assert dinner.restore(1).notes == LONG
    assert dinner.restore(3).notes == LONGER
    assert [version.notes for version in dinner.versions()] == wanted
    found = dinner.history()[1:]
    assert [change.after.expense.notes for change in found] == wanted
    assert [change.before.expense.notes for change in found[1:]] == wanted[:-1]


def test_new_note_is_stored_without_the_old_one(dinner: Dinner) -> None:
    """A change of a long note stores the new text alone."""
    dinner.update(notes=LONGER)
    assert dinner.stored_bytes()[-1] < 1.5 * len(LONGER)


def test_long_split_and_description_are_stored_once(dinner: Dinner) -> None:
    """An expense for many, and an event with a long description, change their state at little cost."""
    guests = [dinner.ana.guest(dinner.event_id, f"Guest {number}").id for number in range(40)]
    split = expense_pb2.Split(equal=expense_pb2.EqualSplit(member_ids=guests))
    dinner.update(split=split)
    after = dinner.delete()
    assert dinner.stored_bytes()[-1] < 2_000
    assert dinner.versions()[-1] == after
    assert len(after.shares) == 41
    event = event_pb2.Event(id=dinner.event_id, description=LONG)
    dinner.ana.events.UpdateEvent(es.UpdateEventRequest(event=event))
    dinner.ana.events.ArchiveEvent(es.ArchiveEventRequest(event_id=dinner.event_id))
    assert dinner.stored_bytes()[-1] < 2_000
    assert dinner.history()[-1].after.event.description == LONG


def test_history_from_before_references_is_read_and_continued(dinner: Dinner) -> None:
    """A change that has all its fields, as earlier versions wrote it, is what later ones refer to."""
    dinner.delete()
    of_last = changes.c.event_id == dinner.event_id, changes.c.revision == 3
    with dinner.api.database.begin() as connection:
        row = connection.execute(select(changes.c.before, changes.c.after).where(*of_last)).one()
        before, after = ({**state, "notes": LONG} for state in row)
        for state in (before, after):
            del state["kept"]
        connection.execute(changes.update().where(*of_last).values(before=before, after=after))
    assert dinner.history()[-1].after.expense.notes == LONG
    dinner.undelete()
    assert dinner.stored_bytes()[-1] < 2_000
    assert dinner.history()[-1].before.expense.notes == LONG
