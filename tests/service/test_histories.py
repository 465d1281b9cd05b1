"""Whatever happens in an event, its balances are those of a ledger kept by hand beside it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import grpc
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from howmuch.usecases.ledger_check import check_event
from howmuch.v1 import event_pb2, expense_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from tests.service.api import Api, failure, failure_of
from tests.service.drafts import DIGITS, Owed, drafts, read, show

Nets = Counter[tuple[str, str]]
"""Currency code and member id to net, in minor units."""


def nets_of(expense: expense_pb2.Expense) -> Nets:
    """What an expense adds to balances, by the shares that were answered."""
    sign = -1 if expense.kind == expense_pb2.EXPENSE_KIND_INCOME else 1
    counted = expense.shares if not expense.HasField("delete_time") else ()
    return Counter(
        {
            (expense.currency_code, share.member_id): sign * (read(share.paid) - read(share.owed))
            for share in counted
        }
    )


def check_shares(expense: expense_pb2.Expense, owed: Owed) -> None:
    """Each part is what exact arithmetic says, to less than one minor unit, and they sum up."""
    total = read(expense.amount)
    assert sum(read(share.paid) for share in expense.shares) == total
    assert sum(read(share.owed) for share in expense.shares) == total
    for share in expense.shares:
        assert abs(read(share.owed) - owed.get(share.member_id, Fraction())) < 1


class History(RuleBasedStateMachine):
    """An event of one owner, guests who come and go, and the model: what counts now, and who is there."""

    def __init__(self, api: Api) -> None:
        super().__init__()
        self.database = api.database
        self.owner = api.person()

    @initialize()
    def begin(self) -> None:
        """An owner and two guests."""
        made = self.owner.event()
        self.event_id = made.id
        self.active = [made.member_id]
        self.inactive: list[str] = []
        self.expenses: dict[str, expense_pb2.Expense] = {}
        for _ in range(2):
            self.add_member()

    @property
    def nets(self) -> Nets:
        """The balances that there should be."""
        total: Nets = Counter()
        for expense in self.expenses.values():
            total.update(nets_of(expense))
        return total

    @contextmanager
    def written(self, *concerned: expense_pb2.Expense) -> Iterator[None]:
        """A write that may only be refused for the sake of somebody who has left."""
        before = self.nets
        try:
            yield
        except grpc.RpcError as error:
            involved = {share.member_id for expense in concerned for share in expense.shares}
            if failure_of(error).reason != "MEMBER_INACTIVE" or not involved & set(self.inactive):
                raise
        after = self.nets
        changed = {key[1] for key in before.keys() | after.keys() if before[key] != after[key]}
        assert not changed & set(self.inactive)

    def pick(self, data: st.DataObject, *, deleted: bool) -> expense_pb2.Expense | None:
        """One of the expenses that are, or are not, deleted."""
        there = [one for one in self.expenses.values() if one.HasField("delete_time") is deleted]
        return data.draw(st.sampled_from(there)) if there else None

    @rule()
    def add_member(self) -> None:
        """Somebody comes."""
        if len(self.active) < 6:
            self.active.append(self.owner.guest(self.event_id, f"G{len(self.active)}").id)

    @rule(data=st.data())
    def remove_member(self, data: st.DataObject) -> None:
        """A guest goes, unless they owe or are owed."""
        if len(self.active) < 3:
            return
        member_id = data.draw(st.sampled_from(self.active[1:]))
        request = es.RemoveMemberRequest(event_id=self.event_id, member_id=member_id)
        if any(net and key[1] == member_id for key, net in self.nets.items()):
            assert failure(lambda: self.owner.events.RemoveMember(request)).reason == "BALANCE_OPEN"
            return
        self.owner.events.RemoveMember(request)
        self.active.remove(member_id)
        members = self.owner.events.ListMembers(
            es.ListMembersRequest(event_id=self.event_id, show_inactive=True)
        ).members
        if any(member.id == member_id for member in members):
            self.inactive.append(member_id)

    @precondition(lambda self: self.inactive)
    @rule()
    def bring_back(self) -> None:
        """Who has left comes back."""
        member_id = self.inactive.pop()
        member = event_pb2.Member(
            event_id=self.event_id, id=member_id, state=event_pb2.MEMBER_STATE_ACTIVE
        )
        self.owner.events.UpdateMember(es.UpdateMemberRequest(member=member))
        self.active.append(member_id)

    @rule(data=st.data())
    def create(self, data: st.DataObject) -> None:
        """An expense of any kind and mode."""
        draft, owed = data.draw(drafts(self.active))
        made = self.owner.expenses.CreateExpense(
            xs.CreateExpenseRequest(event_id=self.event_id, expense=draft)
        )
        check_shares(made, owed)
        self.expenses[made.id] = made

    @rule(data=st.data(), whole=st.booleans())
    def update(self, data: st.DataObject, whole: bool) -> None:
        """Another content, or only another title, which moves no money."""
        old = self.pick(data, deleted=False)
        if old is None:
            return
        draft, owed = data.draw(drafts(self.active))
        if not whole:
            draft = expense_pb2.Expense(reason="Supper")
        draft.id, draft.event_id, draft.etag = old.id, self.event_id, old.etag
        with self.written(old):
            new = self.owner.expenses.UpdateExpense(xs.UpdateExpenseRequest(expense=draft))
            self.expenses[old.id] = new
            if whole:
                check_shares(new, owed)
            else:
                assert new.shares == old.shares

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """A deletion."""
        if old := self.pick(data, deleted=False):
            request = xs.DeleteExpenseRequest(event_id=self.event_id, expense_id=old.id)
            with self.written(old):
                self.expenses[old.id] = self.owner.expenses.DeleteExpense(request)

    @rule(data=st.data())
    def undelete(self, data: st.DataObject) -> None:
        """A deletion taken back: everything as it was."""
        if old := self.pick(data, deleted=True):
            request = xs.UndeleteExpenseRequest(event_id=self.event_id, expense_id=old.id)
            with self.written(old):
                new = self.owner.expenses.UndeleteExpense(request)
                assert new.shares == old.shares
                self.expenses[old.id] = new

    @rule(data=st.data(), deleted=st.booleans())
    def restore(self, data: st.DataObject, deleted: bool) -> None:
        """An earlier version again, to the cent."""
        if (old := self.pick(data, deleted=deleted)) is None:
            return
        listed = xs.ListExpenseVersionsRequest(event_id=self.event_id, expense_id=old.id)
        versions = self.owner.expenses.ListExpenseVersions(listed).versions
        assert versions[0] == old
        earlier = data.draw(st.sampled_from(versions))
        request = xs.RestoreExpenseVersionRequest(
            event_id=self.event_id, expense_id=old.id, version=earlier.version
        )
        with self.written(old, earlier):
            new = self.owner.expenses.RestoreExpenseVersion(request)
            assert new.shares == earlier.shares
            self.expenses[old.id] = new

    @rule(data=st.data())
    def archive(self, data: st.DataObject) -> None:
        """An archived event refuses writes, and is as it was afterwards."""
        draft, _ = data.draw(drafts(self.active))
        self.owner.events.ArchiveEvent(es.ArchiveEventRequest(event_id=self.event_id))
        request = xs.CreateExpenseRequest(event_id=self.event_id, expense=draft)
        refused = failure(lambda: self.owner.expenses.CreateExpense(request))
        assert refused.reason == "EVENT_ARCHIVED"
        self.owner.events.UnarchiveEvent(es.UnarchiveEventRequest(event_id=self.event_id))

    def teardown(self) -> None:
        """At the end of a history, and again once everybody has paid."""
        if hasattr(self, "event_id"):
            self.check()
            self.settle()
            self.check()
            assert not any(self.nets.values())

    def check(self) -> None:
        """Balances are the model's, sum to zero in each currency, and the audit finds nothing."""
        shown = {key: read(net) for key, net in self.owner.nets(self.event_id).items()}
        expected = self.nets
        assert {key: net for key, net in shown.items() if net} == {
            key: net for key, net in expected.items() if net
        }
        for code in DIGITS:
            assert sum(net for key, net in shown.items() if key[0] == code) == 0
        with self.database.read() as connection:
            assert check_event(connection, self.event_id) == []

    def settle(self) -> None:
        """Enters every transfer of the settlement."""
        settlement = self.owner.events.GetSettlement(
            es.GetSettlementRequest(event_id=self.event_id)
        )
        for plan in settlement.plans:
            for transfer in plan.transfers:
                made = self.owner.spend(
                    self.event_id,
                    transfer.from_member_id,
                    show(read(transfer.amount), DIGITS[plan.currency_code]),
                    transfer.to_member_id,
                    kind=expense_pb2.EXPENSE_KIND_TRANSFER,
                    currency_code=plan.currency_code,
                )
                self.expenses[made.id] = made


# The first is the quick part of the second.
@pytest.mark.parametrize("examples", [4, pytest.param(60, marks=pytest.mark.slow)])
def test_balances_of_any_history_are_those_of_the_model(api: Api, examples: int) -> None:
    """Sums are zero, nothing differs, and the settlement leaves nobody owing."""

    class HistoryOfApi(History):
        def __init__(self) -> None:
            super().__init__(api)

    run_state_machine_as_test(
        HistoryOfApi,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
