"""Sums that are too large: refused by both databases, and settled in parts that can be recorded."""

import pytest
from sqlalchemy import text

from howmuch.ledger.money import MAX_MINOR, MAX_SUM_MINOR
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_pb2
from howmuch.v1 import user_service_pb2 as us
from tests.service.api import Api, Person, failure

LARGEST = f"{MAX_MINOR // 100}.{MAX_MINOR % 100:02}"


def set_sums(api: Api, event_id: str, paid: int, debt: int) -> None:
    """As after many expenses."""
    given = {"id": event_id, "paid": paid, "debt": debt}
    with api.database.begin() as connection:
        for statement in (
            "UPDATE balances SET paid_minor = :paid WHERE event_id = :id AND paid_minor > 0",
            "UPDATE balances SET owed_minor = :paid WHERE event_id = :id AND owed_minor > 0",
            "UPDATE debts SET amount_minor = CASE WHEN amount_minor > 0 THEN :debt ELSE -:debt END"
            " WHERE event_id = :id",
        ):
            connection.execute(text(statement), given)


@pytest.mark.parametrize(("paid", "debt"), [(MAX_SUM_MINOR, 1), (1, MAX_SUM_MINOR)])
def test_sum_that_is_too_large_is_refused(api: Api, ana: Person, paid: int, debt: int) -> None:
    """The write says so and changes nothing, and every read goes on."""
    event = ana.event()
    bo = ana.guest(event.id, "Bo").id
    first = ana.spend(event.id, event.member_id, LARGEST, bo)
    set_sums(api, event.id, paid, debt)
    refused = failure(lambda: ana.spend(event.id, event.member_id, LARGEST, bo))
    assert (refused.code, refused.reason) == ("FAILED_PRECONDITION", "SUM_TOO_LARGE")
    assert str(MAX_SUM_MINOR) in refused.message
    of_event = {"event_id": event.id}
    assert ana.events.GetBalances(es.GetBalancesRequest(**of_event)).currencies
    assert ana.events.GetSettlement(es.GetSettlementRequest(**of_event)).plans
    assert ana.events.GetTotals(es.GetTotalsRequest(**of_event)).currencies
    assert ana.users.GetMyBalances(us.GetMyBalancesRequest()).balances
    assert ana.revision(event.id) == first.version + 2


def test_settlement_can_be_recorded(ana: Person) -> None:
    """A debt of more than the largest amount is paid by several transfers."""
    event = ana.event()
    bo = ana.guest(event.id, "Bo").id
    for _ in range(3):
        ana.spend(event.id, event.member_id, LARGEST, bo)
    request = es.GetSettlementRequest(event_id=event.id)
    [plan] = ana.events.GetSettlement(request).plans
    assert len(plan.transfers) == 3
    for transfer in plan.transfers:
        ana.spend(
            event.id,
            transfer.from_member_id,
            transfer.amount,
            transfer.to_member_id,
            kind=expense_pb2.EXPENSE_KIND_TRANSFER,
        )
    assert not ana.events.GetSettlement(request).plans
