"""Expenses: added, changed, deleted and brought back; versions, batches, totals."""

import datetime as dt
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from sqlalchemy import update

from howmuch.storage.tables import expenses as expenses_table
from howmuch.v1 import change_pb2, expense_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from tests.service.api import Api, Person, failure
from tests.service.world import World

INCOME, TRANSFER = expense_pb2.EXPENSE_KIND_INCOME, expense_pb2.EXPENSE_KIND_TRANSFER


def paid(**amounts: str) -> list[expense_pb2.Payment]:
    """Payments by member id."""
    return [expense_pb2.Payment(member_id=m, amount=amount) for m, amount in amounts.items()]


def over(*member_ids: str) -> expense_pb2.Split:
    """A split in equal parts."""
    return expense_pb2.Split(equal=expense_pb2.EqualSplit(member_ids=member_ids))


def edit(
    person: Person, expense: expense_pb2.Expense, paths: list[str] | None = None, **fields: Any
) -> expense_pb2.Expense:
    """Updates an expense; paths: of the mask; None: without one."""
    mask = None if paths is None else FieldMask(paths=paths)
    new = expense_pb2.Expense(event_id=expense.event_id, id=expense.id, **fields)
    return person.expenses.UpdateExpense(xs.UpdateExpenseRequest(expense=new, update_mask=mask))


def key(expense: expense_pb2.Expense) -> dict[str, str]:
    """What names an expense in a request."""
    return {"event_id": expense.event_id, "expense_id": expense.id}


def delete(person: Person, expense: expense_pb2.Expense) -> expense_pb2.Expense:
    """Deletes an expense."""
    return person.expenses.DeleteExpense(xs.DeleteExpenseRequest(**key(expense)))


def undelete(person: Person, expense: expense_pb2.Expense) -> expense_pb2.Expense:
    """Brings an expense back."""
    return person.expenses.UndeleteExpense(xs.UndeleteExpenseRequest(**key(expense)))


def read(person: Person, expense: expense_pb2.Expense) -> expense_pb2.Expense:
    """The expense as it is now."""
    return person.expenses.GetExpense(xs.GetExpenseRequest(**key(expense)))


def restore(person: Person, expense: expense_pb2.Expense, version: int) -> expense_pb2.Expense:
    """Writes an earlier version again."""
    return person.expenses.RestoreExpenseVersion(
        xs.RestoreExpenseVersionRequest(version=version, **key(expense))
    )


def test_create_expense_fills_in_what_is_left_out(ana: Person) -> None:
    """Currency of the event, amount of the payments, equally over all who are active, kind EXPENSE."""
    event = ana.event(currency_code="JPY")
    bo = ana.guest(event.id, "Bo").id
    made = ana.spend(
        event.id,
        "",
        "",
        payments=paid(**{event.member_id: "300", bo: "701"}),
        split=None,
    )
    assert (made.currency_code, made.amount) == ("JPY", "1001")
    assert made.kind == expense_pb2.EXPENSE_KIND_EXPENSE
    assert sorted(share.owed for share in made.shares) == ["500", "501"]
    assert sorted(made.split.equal.member_ids) == sorted([event.member_id, bo])
    assert (made.version, made.etag, made.creator_member_id) == (1, "v1", event.member_id)
    assert made.create_time == made.update_time
    assert not made.HasField("delete_time")
    alone = ana.spend(event.id, bo, "7")
    assert [(p.member_id, p.amount) for p in alone.payments] == [(bo, "7")]
    assert read(ana, alone) == alone


@pytest.mark.parametrize(
    ("paths", "fields", "expected"),
    [
        (None, {"reason": "Lunch"}, {"reason": "Lunch"}),
        (None, {"notes": "n", "version": 1}, {"notes": "n"}),
        (["category"], {"category": "food", "reason": "No"}, {"category": "food"}),
        (["notes"], {}, {"notes": ""}),
        (["date", "version"], {"date": "2026-01-31", "version": 1}, {"date": "2026-01-31"}),
        (["amount"], {"amount": "20.00"}, {"amount": "20.00"}),
        (["currency_code"], {"currency_code": "USD"}, {"currency_code": "USD"}),
        (["kind"], {"kind": INCOME}, {"kind": INCOME}),
    ],
)
def test_update_mask(
    ana: Person, paths: list[str] | None, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    """What the mask names changes, or what is set; what the server sets may be repeated."""
    event = ana.event()
    old = ana.spend(event.id, event.member_id, "10.00", notes="old")
    new = edit(ana, old, paths, **fields)
    assert {name: getattr(new, name) for name in expected} == expected
    changed = {name for name in expected if expected[name] != getattr(old, name)}
    assert new.version == 1 + bool(changed)
    same = {"reason", "date", "category", "notes", "kind", "currency_code", "amount"} - changed
    assert all(getattr(new, name) == getattr(old, name) for name in same)
    assert read(ana, new) == new


@pytest.mark.parametrize(
    ("path", "reason"), [("cost", "FIELD_UNKNOWN"), ("split.equal", "FIELD_IS_WHOLE")]
)
def test_update_mask_that_names_nothing(ana: Person, path: str, reason: str) -> None:
    """A field that is not there, or lies inside another, is refused."""
    event = ana.event()
    old = ana.spend(event.id, event.member_id, "10.00")
    failed = failure(lambda: edit(ana, old, [path], reason="Lunch"))
    assert (failed.reason, list(failed.fields)) == (reason, ["update_mask.paths[0]"])


def test_update_of_money(ana: Person) -> None:
    """A new amount is paid by who paid alone; with several payers both must be told; shares follow."""
    event = ana.event()
    mine, bo = event.member_id, ana.guest(event.id, "Bo").id
    old = ana.spend(event.id, mine, "10.00", mine, bo)
    new = edit(ana, old, amount="11.00")
    assert [(p.member_id, p.amount) for p in new.payments] == [(mine, "11.00")]
    assert ana.nets(event.id)["EUR", bo] == "-5.50"
    new = edit(ana, new, ["payments"], payments=paid(**{mine: "4.00", bo: "8.00"}))
    assert new.amount == "12.00"
    failed = failure(lambda: edit(ana, new, amount="13.00"))
    assert (failed.code, failed.metadata["difference"]) == ("INVALID_ARGUMENT", "-1.00")
    new = edit(ana, new, ["split"], split=over(bo))
    assert ana.nets(event.id) == {("EUR", mine): "4.00", ("EUR", bo): "-4.00"}
    # The kind decides who owes whom, so both rows of the balances turn around.
    edit(ana, new, kind=INCOME)
    assert ana.nets(event.id) == {("EUR", mine): "-4.00", ("EUR", bo): "4.00"}


def test_weights_left_out_are_the_members_own(ana: Person) -> None:
    """The member's weight counts where a part gives none, and is stored with the expense."""
    event = ana.event()
    mine, bo = event.member_id, ana.guest(event.id, "Bo", weight=4).id
    split = expense_pb2.Split()
    for member_id in (mine, bo):
        split.weights.parts.add(member_id=member_id)
    made = ana.spend(event.id, mine, "10.00", split=split)
    assert {p.member_id: p.weight for p in made.split.weights.parts} == {mine: 1, bo: 4}
    assert {s.member_id: s.owed for s in made.shares} == {mine: "2.00", bo: "8.00"}


def test_delete_and_undelete(ana: Person) -> None:
    """A deleted expense counts nothing, can be read, cannot be changed, and comes back to the cent."""
    event = ana.event()
    mine, bo = event.member_id, ana.guest(event.id, "Bo").id
    old = ana.spend(event.id, mine, "0.05", mine, bo)
    nets = ana.nets(event.id)
    gone = delete(ana, old)
    assert gone.HasField("delete_time")
    assert (gone.shares, gone.version) == (old.shares, 2)
    assert delete(ana, old) == gone == read(ana, old)
    assert set(ana.nets(event.id).values()) == {"0.00"}
    assert failure(lambda: edit(ana, old, reason="Lunch")).reason == "EXPENSE_DELETED"
    back = undelete(ana, old)
    assert not back.HasField("delete_time")
    assert (back.version, back.shares) == (3, old.shares)
    assert ana.nets(event.id) == nets
    failed = failure(lambda: undelete(ana, old))
    assert (failed.code, failed.reason) == ("FAILED_PRECONDITION", "EXPENSE_NOT_DELETED")


@pytest.mark.parametrize(("days", "refused"), [(29.9, False), (30.1, True)])
def test_deleted_expense_can_come_back_for_30_days(
    api: Api, ana: Person, days: float, refused: bool
) -> None:
    """After that it is too late, also for a version of it."""
    event = ana.event()
    old = ana.spend(event.id, event.member_id, "1.00")
    delete(ana, old)
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
    with api.database.begin() as connection:
        statement = update(expenses_table).where(expenses_table.c.id == old.id)
        connection.execute(statement.values(delete_time=long_ago))
    if refused:
        assert failure(lambda: undelete(ana, old)).reason == "DELETED_TOO_LONG"
        assert failure(lambda: restore(ana, old, 1)).reason == "DELETED_TOO_LONG"
    else:
        assert undelete(ana, old).version == 3
        delete(ana, old)
        assert restore(ana, old, 1).version == 5


def test_versions_and_restore(ana: Person) -> None:
    """Every write is a version; restoring writes an old one again, to the cent, as the newest."""
    event = ana.event()
    mine = event.member_id
    others = [ana.guest(event.id, name).id for name in ("Bo", "Cy")]
    first = ana.spend(event.id, mine, "10.00", mine, *others, notes="n")
    nets = ana.nets(event.id)
    second = edit(ana, first, amount="99.99", reason="Lunch", notes="", currency_code="USD")
    delete(ana, first)
    request = xs.ListExpenseVersionsRequest(page_size=2, **key(first))
    page = ana.expenses.ListExpenseVersions(request)
    request.page_token = page.next_page_token
    rest = ana.expenses.ListExpenseVersions(request)
    assert not rest.next_page_token
    versions = [*page.versions, *rest.versions]
    assert [v.version for v in versions] == [3, 2, 1]
    assert versions[1:] == [second, first]
    restored = restore(ana, first, 1)
    expected = expense_pb2.Expense()
    expected.CopyFrom(first)
    expected.version, expected.etag = 4, "v4"
    expected.update_time.CopyFrom(restored.update_time)
    assert restored == expected
    assert {k: v for k, v in ana.nets(event.id).items() if k[0] == "EUR"} == nets
    assert {v for k, v in ana.nets(event.id).items() if k[0] == "USD"} == {"0.00"}
    # The same content again is no change.
    assert restore(ana, first, 1) == restored
    failed = failure(lambda: restore(ana, first, 9))
    assert (failed.code, failed.reason) == ("NOT_FOUND", "EXPENSE_VERSION_NOT_FOUND")


def test_restore_of_who_has_left(ana: Person) -> None:
    """A version whose members have left since cannot be written again; it would open their balance."""
    event = ana.event()
    bo = ana.guest(event.id, "Bo").id
    first = ana.spend(event.id, event.member_id, "4.00", bo)
    edit(ana, first, ["split"], split=over(event.member_id))
    ana.events.RemoveMember(es.RemoveMemberRequest(event_id=event.id, member_id=bo))
    assert failure(lambda: restore(ana, first, 1)).reason == "MEMBER_INACTIVE"


def test_batch_is_all_or_nothing(api: Api) -> None:
    """Each entry is a change of its own, in order; one that is wrong is named, and none is written."""
    world = World(api)
    ana, event_id = world.owner, world.event_id
    good = [world.draft() for _ in range(3)]
    for number, draft in enumerate(good):
        draft.reason = f"Tram {number}"
    request = xs.BatchCreateExpensesRequest(event_id=event_id, expenses=good)
    before = ana.revision(event_id)
    made = ana.expenses.BatchCreateExpenses(request).expenses
    assert [e.reason for e in made] == ["Tram 0", "Tram 1", "Tram 2"]
    assert [e.id for e in made] == sorted(e.id for e in made)
    changes = ana.events.ListChanges(
        es.ListChangesRequest(event_id=event_id, since_revision=before)
    ).changes
    assert [(c.revision, c.kind, c.subject_id) for c in changes] == [
        (before + n, change_pb2.CHANGE_KIND_EXPENSE_CREATED, e.id) for n, e in enumerate(made, 1)
    ]
    request.expenses[1].payments[0].amount = "8.99"
    request.expenses[1].payments.add(member_id=world.guest, amount="0.02")
    before = ana.revision(event_id)
    failed = failure(lambda: ana.expenses.BatchCreateExpenses(request))
    assert list(failed.fields) == ["expenses[1].payments"]
    assert (failed.metadata["expected"], failed.metadata["actual"]) == ("9.00", "9.01")
    assert ana.revision(event_id) == before


@pytest.mark.parametrize("size", [0, 501])
def test_batch_of_nothing_or_too_much(api: Api, size: int) -> None:
    """A batch has 1 to 500 entries."""
    world = World(api)
    request = xs.BatchCreateExpensesRequest(
        event_id=world.event_id, expenses=[world.draft()] * size
    )
    failed = failure(lambda: world.owner.expenses.BatchCreateExpenses(request))
    assert (failed.reason, list(failed.fields)) == ("BATCH_SIZE", ["expenses"])
