"""Writes the rows of one database of the present program, for the tests of all later ones:

    python -m tests.stored.write 0.1.0

Run it for each release, and never again for that release.
"""

import gzip
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from howmuch.mail.delivery.mailers import DirectoryMailer
from howmuch.messaging.broker import FANOUT_QUEUE, SEND_QUEUE, GiveUp, RetryLater
from howmuch.messaging.handling import RetryPolicy
from howmuch.messaging.local import LocalBroker
from howmuch.messaging.messages import Message
from howmuch.messaging.relay import Relay
from howmuch.storage import migrate
from howmuch.storage.database import Database
from howmuch.storage.tables import outbox
from howmuch.v1 import event_pb2, expense_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from howmuch.v1 import user_service_pb2 as us
from tests.databases import closing_database, new_sqlite_url
from tests.mail_delivery.conftest import working
from tests.mail_delivery.counts import count
from tests.service.api import Api, Person
from tests.service.conftest import serve
from tests.stored.calls import Calls, rows_of
from tests.waiting import until

KEY = "stored-key"
_IN_OUTBOX = select(func.count()).select_from(outbox)


def splits(a: str, b: str) -> dict[str, expense_pb2.Split]:
    """A split of 10.00 by each mode."""

    def parts(mode: str, field: str, *values: Any) -> expense_pb2.Split:
        split = expense_pb2.Split()
        for member, value in zip((a, b), values, strict=True):
            getattr(split, mode).parts.add(member_id=member, **{field: value})
        return split

    itemized = expense_pb2.Split()
    itemized.itemized.tax, itemized.itemized.tip = "1.00", "0.50"
    itemized.itemized.items.add(name="Wine", amount="6.00", member_ids=[a])
    itemized.itemized.items.add(name="Bread", amount="2.50", member_ids=[a, b])
    return {
        "equal": expense_pb2.Split(equal=expense_pb2.EqualSplit(member_ids=[a, b])),
        "weights": parts("weights", "weight", 2, 1),
        "percent": parts("percent", "percent", "33.3333", "66.6667"),
        "exact": parts("exact", "amount", "0.01", "9.99"),
        "adjusted": parts("adjusted", "adjustment", "-2.00", "2.00"),
        "itemized": itemized,
    }


def fill(api: Api, calls: Calls) -> None:
    """Writes of every kind, by the interface."""
    ana, bo, cy = (api.person(name) for name in ("Ana", "Bo", "Cy"))
    event = calls.note(
        ana,
        "events",
        "CreateEvent",
        es.CreateEventRequest(
            event=event_pb2.Event(
                name="Lisbon “trip”", description="Café 😀\nby", currency_code="EUR"
            )
        ),
        KEY,
    )
    name: dict[str, Any] = {"event_id": event.id}
    guest = calls.note(
        ana,
        "events",
        "AddMember",
        es.AddMemberRequest(**name, name="Guest", email="guest@example.com", weight=3),
        KEY + "-2",
    )
    bo.join(ana, event.id)
    cy.join(ana, event.id, event_pb2.ROLE_VIEWER, guest.id)
    mine = event.member_id
    other = ana.guest(event.id, "Dee")
    ana.events.UpdateMember(
        es.UpdateMemberRequest(member=event_pb2.Member(**name, id=other.id, name="Di", weight=2))
    )
    calls.note(
        ana,
        "events",
        "CreateInvitation",
        es.CreateInvitationRequest(**name, max_uses=5),
        KEY + "-3",
    )
    ended = ana.events.CreateInvitation(es.CreateInvitationRequest(**name))
    ana.events.RevokeInvitation(es.RevokeInvitationRequest(**name, invitation_id=ended.id))
    made = []
    for mode, split in splits(mine, guest.id).items():
        expense = expense_pb2.Expense(
            reason=f"Dinner, {mode}",
            date="2026-07-14",
            amount="10.00",
            category="food",
            notes="The place\nby the river",
            payments=[expense_pb2.Payment(member_id=mine)],
            split=split,
        )
        request = xs.CreateExpenseRequest(**name, expense=expense)
        made.append(calls.note(ana, "expenses", "CreateExpense", request, f"{KEY}-{mode}"))
    two = [
        expense_pb2.Payment(member_id=m, amount=a)
        for m, a in ((mine, "40.00"), (guest.id, "60.00"))
    ]
    ana.spend(event.id, mine, "100.00", mine, guest.id, other.id, payments=two, reason="Hotel")
    ana.spend(
        event.id,
        mine,
        "500",
        guest.id,
        currency_code="JPY",
        kind=expense_pb2.EXPENSE_KIND_TRANSFER,
        reason="Cash",
    )
    ana.spend(
        event.id,
        mine,
        "30.00",
        mine,
        guest.id,
        kind=expense_pb2.EXPENSE_KIND_INCOME,
        reason="Deposit",
    )
    first = made[0]
    ana.expenses.UpdateExpense(
        xs.UpdateExpenseRequest(
            expense=expense_pb2.Expense(**name, id=first.id, amount="12.00", reason="Supper")
        )
    )
    of_first = {**name, "expense_id": first.id}
    ana.expenses.RestoreExpenseVersion(xs.RestoreExpenseVersionRequest(**of_first, version=1))
    ana.expenses.DeleteExpense(xs.DeleteExpenseRequest(**of_first))
    ana.expenses.UndeleteExpense(xs.UndeleteExpenseRequest(**of_first))
    ana.expenses.DeleteExpense(xs.DeleteExpenseRequest(**name, expense_id=made[1].id))
    commented = xs.AddCommentRequest(**of_first, text="With the tip?")
    ana.expenses.AddComment(commented)
    comment = ana.expenses.AddComment(commented)
    ana.expenses.DeleteComment(xs.DeleteCommentRequest(**of_first, comment_id=comment.id))
    bo.events.UpdateMember(
        es.UpdateMemberRequest(
            member=event_pb2.Member(
                **name, id=bo.events.GetEvent(es.GetEventRequest(**name)).member_id, muted=True
            )
        )
    )
    bo.events.RemoveMember(
        es.RemoveMemberRequest(
            **name, member_id=bo.events.GetEvent(es.GetEventRequest(**name)).member_id
        )
    )
    ana.events.RemoveMember(es.RemoveMemberRequest(**name, member_id=ana.guest(event.id, "Ed").id))
    gone = ana.event(name="Gone")
    ana.events.ArchiveEvent(es.ArchiveEventRequest(event_id=gone.id))
    ana.events.UnarchiveEvent(es.UnarchiveEventRequest(event_id=gone.id))
    ana.events.UpdateEvent(es.UpdateEventRequest(event=event_pb2.Event(id=gone.id, name="Porto")))
    ana.events.DeleteEvent(es.DeleteEventRequest(event_id=gone.id))
    ana.events.UndeleteEvent(es.UndeleteEventRequest(event_id=gone.id))
    ana.events.DeleteEvent(es.DeleteEventRequest(event_id=gone.id))
    ana.users.RequestEmailVerification(us.RequestEmailVerificationRequest())
    di = api.person("Former")
    di.join(ana, event.id)
    di.users.DeleteMe(us.DeleteMeRequest())
    read(ana, calls, event.id, gone.id, first.id)


def read(ana: Person, calls: Calls, event_id: str, gone_id: str, expense_id: str) -> None:
    """Notes what all reads answer, page by page."""
    name: dict[str, Any] = {"event_id": event_id}
    reads: list[tuple[str, str, Any]] = [
        ("users", "GetMe", us.GetMeRequest()),
        ("users", "ListSessions", us.ListSessionsRequest()),
        ("users", "GetMyBalances", us.GetMyBalancesRequest()),
        ("events", "GetEvent", es.GetEventRequest(**name)),
        ("events", "GetEvent", es.GetEventRequest(event_id=gone_id)),
        (
            "events",
            "ListEvents",
            es.ListEventsRequest(show_archived=True, show_deleted=True, page_size=1),
        ),
        ("events", "ListMembers", es.ListMembersRequest(**name, show_inactive=True, page_size=2)),
        ("events", "ListInvitations", es.ListInvitationsRequest(**name, page_size=1)),
        ("events", "GetBalances", es.GetBalancesRequest(**name)),
        ("events", "GetSettlement", es.GetSettlementRequest(**name)),
        ("events", "GetTotals", es.GetTotalsRequest(**name)),
        ("events", "ListChanges", es.ListChangesRequest(**name, page_size=20)),
        ("events", "ListChanges", es.ListChangesRequest(event_id=gone_id)),
        (
            "expenses",
            "ListExpenses",
            xs.ListExpensesRequest(**name, show_deleted=True, page_size=4),
        ),
        (
            "expenses",
            "ListExpenses",
            xs.ListExpensesRequest(**name, text="dinner", category="food", page_size=2),
        ),
        (
            "expenses",
            "ListExpenseVersions",
            xs.ListExpenseVersionsRequest(**name, expense_id=expense_id, page_size=2),
        ),
    ]
    for service, method, request in reads:
        answer = calls.note(ana, service, method, request)
        while getattr(answer, "next_page_token", ""):
            request.page_token = answer.next_page_token
            answer = calls.note(ana, service, method, request)


def give_up(database: Database) -> None:
    """Of the messages that wait, one half is put back for another try, the other is given up."""
    broker = LocalBroker(database, RetryPolicy((3600,), attempts=9))

    def handle(messages: Sequence[Message]) -> list[Exception]:
        return [RetryLater("no") if int(m.id) % 2 else GiveUp("no") for m in messages]

    broker.start({FANOUT_QUEUE: handle, SEND_QUEUE: handle})
    relay = Relay(database, broker)
    while relay.publish_some():
        continue
    broker.stop(0)


def write(directory: Path) -> dict[str, Any]:
    """The rows of a database in which some messages have become mails, and others wait or have failed."""
    calls = Calls()
    with closing_database(new_sqlite_url(directory)) as database:
        for api in serve(database):
            fill(api, calls)
            with working(database, DirectoryMailer(directory / "mail"), window_seconds=3600):
                until(lambda: not count(database, _IN_OUTBOX))
            fill(api, calls)
            give_up(database)
            fill(api, calls)
        rows = rows_of(database)
    return {"revision": migrate.head(), "tables": rows, "calls": calls.noted}


def main() -> None:
    """Writes the file of the release that the command line names."""
    with tempfile.TemporaryDirectory() as directory:
        document = write(Path(directory))
    target = Path(__file__).parent / f"{sys.argv[1]}.json.gz"
    target.write_bytes(gzip.compress(json.dumps(document).encode(), mtime=0))


if __name__ == "__main__":
    main()
