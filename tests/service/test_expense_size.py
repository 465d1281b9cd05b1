"""The work of one call is bounded: shares and pairs of all its expenses together."""

from typing import Any

import pytest

from howmuch.ledger import balances
from howmuch.storage.database import Database
from howmuch.storage.tables import members
from howmuch.usecases import ledger_posting
from howmuch.usecases.ledger_check import check_event
from howmuch.v1 import expense_pb2
from howmuch.v1 import expense_service_pb2 as xs
from tests.service.api import Api, Person, failure

MANY = 1_000


class Crowd:
    """An event of Ana's with a thousand guests."""

    def __init__(self, api: Api) -> None:
        self.database: Database = api.database
        self.ana: Person = api.person("Ana")
        made = self.ana.event()
        self.id = made.id
        first = self.ana.guest(made.id, "0").id
        self.ids = [first, *(f"{first[:-6]}x{number:05}" for number in range(1, MANY))]
        with api.database.begin() as connection:
            found = connection.execute(members.select().where(members.c.id == first))
            row = dict(found.mappings().one())
            connection.execute(
                members.insert(), [row | {"id": each, "name": each} for each in self.ids[1:]]
            )

    def expense(self, payers: int, sharers: int, cents: int = 100) -> expense_pb2.Expense:
        """No sharers: all members of the event."""
        made = expense_pb2.Expense(reason="Dinner", date="2026-11-22")
        amount = f"{cents // 100}.{cents % 100:02}"
        made.payments.extend(
            expense_pb2.Payment(member_id=each, amount=amount) for each in self.ids[:payers]
        )
        if sharers:
            made.split.equal.member_ids.extend(self.ids[-sharers:])
        return made

    def create(self, expense: expense_pb2.Expense) -> expense_pb2.Expense:
        return self.ana.expenses.CreateExpense(
            xs.CreateExpenseRequest(event_id=self.id, expense=expense)
        )

    def batch(self, *expenses: expense_pb2.Expense) -> Any:
        return self.ana.expenses.BatchCreateExpenses(
            xs.BatchCreateExpensesRequest(event_id=self.id, expenses=expenses)
        )

    def update(self, expense: expense_pb2.Expense, *paths: str) -> expense_pb2.Expense:
        expense.event_id = self.id
        request = xs.UpdateExpenseRequest(expense=expense)
        request.update_mask.paths.extend(paths)
        return self.ana.expenses.UpdateExpense(request)

    def is_sound(self) -> bool:
        with self.database.read() as connection:
            return check_event(connection, self.id) == []


@pytest.fixture
def crowd(api: Api) -> Crowd:
    return Crowd(api)


@pytest.mark.parametrize("sharers", [MANY, 0], ids=["named", "all members"])
def test_payers_times_sharers_are_bounded(crowd: Crowd, sharers: int) -> None:
    """An expense of 11 payers and 1,000 sharers is refused, also if the sharers are not named."""
    failed = failure(crowd.create, crowd.expense(11, sharers))
    actual = "11,000" if sharers else "11,011"  # With Ana.
    assert (failed.code, failed.reason) == ("INVALID_ARGUMENT", "TOO_MANY_PAIRS")
    assert (
        f"{actual} pairs (payers x sharers); at most 10,000 are"
        in failed.fields["expense.payments"]
    )
    assert failed.metadata == {"actual": actual.replace(",", ""), "limit": "10000"}
    assert crowd.ana.revision(crowd.id) == 2


@pytest.mark.parametrize("sharers", [MANY, 0], ids=["named", "all members"])
def test_expenses_times_sharers_are_bounded(crowd: Crowd, sharers: int) -> None:
    """A batch of 10 expenses for 1,000 members is refused as a whole, and two of them are added."""
    expense = crowd.expense(1, sharers)
    failed = failure(crowd.batch, *[expense] * 10)
    actual = "10,010" if sharers else "10,020"
    assert (failed.code, failed.reason) == ("INVALID_ARGUMENT", "TOO_MANY_SHARES")
    assert f"10 expenses have together {actual} shares" in failed.fields["expenses"]
    assert "at most 10,000 are allowed" in failed.fields["expenses"]
    crowd.batch(*[expense] * 2)
    assert crowd.is_sound()


def test_one_expense_of_a_batch_that_is_too_large_is_named(crowd: Crowd) -> None:
    """The field is that of the expense."""
    failed = failure(crowd.batch, crowd.expense(1, 3), crowd.expense(150, 150))
    assert failed.fields.keys() == {"expenses[1].payments"}


def test_lines_of_a_bill_count_their_members(crowd: Crowd) -> None:
    """Ten lines for 1,000 members are too many, though they are the same members."""
    bill = expense_pb2.Expense(reason="Bill", date="2026-11-22", amount="10.00")
    bill.payments.add(member_id=crowd.ids[0])
    for number in range(10):
        bill.split.itemized.items.add(name=str(number), amount="1.00", member_ids=crowd.ids)
    failed = failure(crowd.create, bill)
    assert failed.reason == "TOO_MANY_SHARES"
    assert "10,001 shares" in failed.fields["expense.split"]


def test_update_is_bounded(crowd: Crowd) -> None:
    """An update cannot make an expense larger than a new one may be; its text can still be changed."""
    made = crowd.create(crowd.expense(1, 3))
    for larger in (crowd.expense(150, 150), crowd.expense(11, 0)):
        larger.id = made.id
        failed = failure(crowd.update, larger, "payments", "split")
        assert failed.fields.keys() == {"expense.payments"}
    made.reason = "Supper"
    assert crowd.update(made, "reason").version == 2


def test_expense_from_before_the_bound_can_be_changed_and_deleted(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A larger one that is there can get another text, go, and come back, but no larger version returns."""
    made = crowd.create(crowd.expense(4, 4))
    crowd.update(expense_pb2.Expense(id=made.id, notes="Receipt is lost"), "notes")
    monkeypatch.setattr("howmuch.usecases.expense_size.MOST_PAIRS", 15)
    crowd.update(expense_pb2.Expense(id=made.id, notes=""), "notes")
    which = {"event_id": crowd.id, "expense_id": made.id}
    crowd.ana.expenses.DeleteExpense(xs.DeleteExpenseRequest(**which))
    crowd.ana.expenses.UndeleteExpense(xs.UndeleteExpenseRequest(**which))
    smaller = crowd.expense(3, 4)
    smaller.id = made.id
    crowd.update(smaller, "payments", "amount")
    restore = xs.RestoreExpenseVersionRequest(**which, version=1)
    assert failure(crowd.ana.expenses.RestoreExpenseVersion, restore).reason == "TOO_MANY_PAIRS"
    assert crowd.is_sound()


@pytest.mark.fast_path
def test_debts_of_a_large_expense_are_computed_once(
    postgres_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An expense that is too large for a shared statement is recognised before its debts are computed."""
    crowd = Crowd(postgres_api)
    computed: list[int] = []
    compute = balances.pair_deltas

    def counted(kind: Any, shares: Any, **how: Any) -> Any:
        computed.append(len(shares))
        return compute(kind, shares, **how)

    monkeypatch.setattr(ledger_posting, "pair_deltas", counted)
    crowd.create(crowd.expense(45, 45))
    assert computed == [90]
    crowd.create(crowd.expense(1, 1))
    assert computed == [90, 2]
