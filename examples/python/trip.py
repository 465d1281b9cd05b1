"""A dinner for three, from sign-up to settlement. Usage: python trip.py [HOST:PORT]"""

import sys
import uuid

import grpc

import howmuch_client
from howmuch.v1 import (
    change_pb2,
    event_pb2,
    event_service_pb2,
    expense_pb2,
    expense_service_pb2,
    user_service_pb2,
)

PASSWORD = "correct horse battery"


def sign_up(server: howmuch_client.Howmuch) -> howmuch_client.Howmuch:
    """The server, as a new user calls it."""
    email = f"ana-{uuid.uuid4()}@example.com"
    server.users.SignUp(user_service_pb2.SignUpRequest(email=email, password=PASSWORD, name="Ana"))
    login = server.users.LogIn(user_service_pb2.LogInRequest(email=email, password=PASSWORD))
    return server.with_token(login.token)


def rename(
    server: howmuch_client.Howmuch, expense: expense_pb2.Expense, reason: str
) -> expense_pb2.Expense:
    """Gives an expense another title. Fails if it has changed since it was read; the etag shows this."""
    changed = expense_pb2.Expense(
        event_id=expense.event_id, id=expense.id, etag=expense.etag, reason=reason
    )
    return server.expenses.UpdateExpense(expense_service_pb2.UpdateExpenseRequest(expense=changed))


def main(target: str) -> None:
    with howmuch_client.connect(target) as server:
        ana = sign_up(server)
        event = ana.events.CreateEvent(
            event_service_pb2.CreateEventRequest(
                event=event_pb2.Event(name="Lisbon", currency_code="EUR")
            )
        )
        # Opened before anything happens, read at the end.
        watch = ana.events.WatchEvent(
            event_service_pb2.WatchEventRequest(event_id=event.id, since_revision=event.revision)
        )
        names = {event.member_id: "Ana"}
        for name in ("Bo", "Cy"):
            guest = ana.events.AddMember(
                event_service_pb2.AddMemberRequest(event_id=event.id, name=name)
            )
            names[guest.id] = guest.name

        request = expense_service_pb2.CreateExpenseRequest(
            event_id=event.id,
            expense=expense_pb2.Expense(
                reason="Dinner",
                date="2026-11-22",
                amount="48.60",
                payments=[expense_pb2.Payment(member_id=event.member_id)],
            ),
        )
        # The key of one dinner. A program that was stopped may send it again, and adds it once.
        key = howmuch_client.idempotency_key(str(uuid.uuid4()))
        dinner = ana.expenses.CreateExpense(request, metadata=key)
        again = ana.expenses.CreateExpense(request, metadata=key)
        payer = names[dinner.payments[0].member_id]
        print(
            f"{dinner.reason}: {dinner.amount} {dinner.currency_code}, paid by {payer}, for three"
        )
        if again.id == dinner.id:
            print("sent twice, added once")

        rename(ana, dinner, "Dinner by the river")
        try:
            rename(ana, dinner, "Dinner in Alfama")
        except grpc.RpcError as error:
            if howmuch_client.failure(error).reason != "ETAG_STALE":
                raise
            fresh = ana.expenses.GetExpense(
                expense_service_pb2.GetExpenseRequest(event_id=event.id, expense_id=dinner.id)
            )
            rename(ana, fresh, "Dinner in Alfama")
            print("stale edit refused, then made again")

        event = ana.events.GetEvent(event_service_pb2.GetEventRequest(event_id=event.id))
        kinds = []
        for change in watch:
            kinds.append(change_pb2.ChangeKind.Name(change.kind))
            if change.revision == event.revision:
                break
        watch.cancel()
        print("watch:", ", ".join(kinds))

        settlement = ana.events.GetSettlement(
            event_service_pb2.GetSettlementRequest(event_id=event.id)
        )
        for plan in settlement.plans:
            for debt in plan.transfers:
                debtor, creditor = names[debt.from_member_id], names[debt.to_member_id]
                print(f"{debtor} pays {creditor} {debt.amount} {plan.currency_code}")


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051")
    except grpc.RpcError as error:
        sys.exit(str(howmuch_client.failure(error)))
