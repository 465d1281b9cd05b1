"""Calls about balances, totals and history. They raise grpc.RpcError."""

from howmuch.client.session import Session, whole_list
from howmuch.v1 import event_pb2, event_service_pb2, user_pb2, user_service_pb2


def me(session: Session) -> user_pb2.User:
    return session.read(session.users.GetMe, user_service_pb2.GetMeRequest())


def my_balances(session: Session) -> user_pb2.MyBalances:
    """Return the balances of the user over all events."""
    return session.read(session.users.GetMyBalances, user_service_pb2.GetMyBalancesRequest())


def balances(
    session: Session, event_id: str, as_of_date: str = "", currency_code: str = ""
) -> event_pb2.Balances:
    """Return balances and debts.

    as_of_date: of the last expenses that count. currency_code: the only one to read. Empty means all.
    """
    request = event_service_pb2.GetBalancesRequest(
        event_id=event_id, as_of_date=as_of_date, currency_code=currency_code
    )
    return session.read(session.events.GetBalances, request)


def explain_debt(
    session: Session, event_id: str, from_member_id: str, to_member_id: str, currency_code: str
) -> event_pb2.DebtExplanation:
    """Return a debt with all its entries. to_member_id, currency_code: empty means all."""
    request = event_service_pb2.ExplainDebtRequest(
        event_id=event_id,
        from_member_id=from_member_id,
        to_member_id=to_member_id,
        currency_code=currency_code,
    )
    return whole_list(session, session.events.ExplainDebt, request, "entries")


def settlement(
    session: Session, event_id: str, as_of_date: str = "", currency_code: str = ""
) -> event_pb2.Settlement:
    """Return the payments that settle the event. The arguments are those of `balances`."""
    request = event_service_pb2.GetSettlementRequest(
        event_id=event_id, as_of_date=as_of_date, currency_code=currency_code
    )
    return session.read(session.events.GetSettlement, request)


def totals(
    session: Session, event_id: str, as_of_date: str = "", currency_code: str = ""
) -> event_pb2.Totals:
    """Return the costs. The arguments are those of `balances`."""
    request = event_service_pb2.GetTotalsRequest(
        event_id=event_id, as_of_date=as_of_date, currency_code=currency_code
    )
    return session.read(session.events.GetTotals, request)


def changes(
    session: Session,
    event_id: str,
    since_revision: int,
    limit: int | None,
    *,
    newest_first: bool = False,
) -> event_service_pb2.ListChangesResponse:
    """Return the changes after a revision, oldest first unless `newest_first`. limit: None means all."""
    request = event_service_pb2.ListChangesRequest(
        event_id=event_id,
        since_revision=since_revision,
        order_by="revision desc" if newest_first else "",
    )
    return whole_list(session, session.events.ListChanges, request, "changes", limit)
