"""The paged methods, each with what fills its list with five rows, and its request."""

from collections.abc import Callable
from typing import Any

from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_pb2
from howmuch.v1 import expense_service_pb2 as xs
from howmuch.v1 import user_service_pb2 as us
from tests.service.world import World

INCOME, TRANSFER = expense_pb2.EXPENSE_KIND_INCOME, expense_pb2.EXPENSE_KIND_TRANSFER


def fill_events(world: World) -> None:
    for number in range(4):
        world.owner.event(name=f"Event {number}")


def fill_named_events(world: World) -> None:
    for number in range(5):
        world.owner.event(name=f"A LÍSBON trip {number}")


def fill_members(world: World) -> None:
    for number in range(4):
        world.owner.guest(world.event_id, f"Guest {number}")


def fill_invitations(world: World) -> None:
    for _ in range(5):
        request = es.CreateInvitationRequest(event_id=world.event_id)
        world.owner.events.CreateInvitation(request)


def fill_expenses(world: World) -> None:
    for number in range(5):
        date = f"2026-11-{20 + number % 2}"
        world.owner.spend(world.event_id, world.event.member_id, f"{number + 1}.00", date=date)


def fill_debts(world: World) -> None:
    for number in range(5):
        amount = f"{number + 1}.00"
        world.owner.spend(world.event_id, world.event.member_id, amount, world.guest)


def fill_versions(world: World) -> None:
    made = world.expense
    for number in range(4):
        new = expense_pb2.Expense(event_id=world.event_id, id=made.id, notes=str(number))
        world.owner.expenses.UpdateExpense(xs.UpdateExpenseRequest(expense=new))


def fill_comments(world: World) -> None:
    for number in range(5):
        comment = xs.AddCommentRequest(event_id=world.event_id, expense_id=world.expense.id)
        comment.text = str(number)
        world.owner.expenses.AddComment(comment)


def fill_sessions(world: World) -> None:
    for _ in range(4):
        world.other_session(world.owner)


# Method to what fills it with five rows, its list, and its request.
LISTS: dict[str, tuple[Callable[[World], None], str, Callable[[World], tuple[str, Any]]]] = {
    "ListSessions": (fill_sessions, "sessions", lambda w: ("users", us.ListSessionsRequest())),
    "ListEvents": (fill_events, "events", lambda w: ("events", es.ListEventsRequest())),
    "ListMembers": (
        fill_members,
        "members",
        lambda w: ("events", es.ListMembersRequest(event_id=w.event_id)),
    ),
    "ListInvitations": (
        fill_invitations,
        "invitations",
        lambda w: ("events", es.ListInvitationsRequest(event_id=w.event_id)),
    ),
    "ListChanges": (
        fill_members,
        "changes",
        lambda w: ("events", es.ListChangesRequest(event_id=w.event_id)),
    ),
    "ListExpenses": (
        fill_expenses,
        "expenses",
        lambda w: ("expenses", xs.ListExpensesRequest(event_id=w.event_id)),
    ),
    "ListExpenseVersions": (
        fill_versions,
        "versions",
        lambda w: (
            "expenses",
            xs.ListExpenseVersionsRequest(event_id=w.event_id, expense_id=w.expense.id),
        ),
    ),
    "ExplainDebt": (
        fill_debts,
        "entries",
        lambda w: (
            "events",
            es.ExplainDebtRequest(event_id=w.event_id, from_member_id=w.guest),
        ),
    ),
    "ListComments": (
        fill_comments,
        "comments",
        lambda w: (
            "expenses",
            xs.ListCommentsRequest(event_id=w.event_id, expense_id=w.expense.id),
        ),
    ),
    "SearchEvents": (
        fill_named_events,
        "events",
        lambda w: ("events", es.SearchEventsRequest(text="lisbon T")),
    ),
    "GetMyOverview": (fill_events, "events", lambda w: ("users", us.GetMyOverviewRequest())),
    "ListMyChanges": (fill_members, "changes", lambda w: ("users", us.ListMyChangesRequest())),
}
