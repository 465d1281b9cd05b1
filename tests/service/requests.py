"""For each RPC a valid request, and how to call it by its description."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message

from howmuch.rpc.methods import Method, describe
from howmuch.usecases.tokens import new_token
from howmuch.v1 import event_pb2, user_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from howmuch.v1 import user_service_pb2 as us
from tests.service.api import Person
from tests.service.world import MEMBERS, PASSWORD, World, mail_token, mailed_token

METHODS = describe()
Factory = Callable[[World, str], Message]


def _sign_up(world: World, who: str) -> Message:
    email = f"{new_token()}@example.com"
    return us.SignUpRequest(email=email, password=PASSWORD, name="New")


def _log_in(world: World, who: str) -> Message:
    person = world.api.person("Login")
    world.set_password(person)
    return us.LogInRequest(email=person.email, password=PASSWORD)


def _change_password(world: World, who: str) -> Message:
    if world(who).user_id:
        world.set_password(world(who))
    return us.ChangePasswordRequest(current_password=PASSWORD, new_password=PASSWORD + "!")


def _delete_me(world: World, who: str) -> Message:
    if world(who).user_id:
        world.set_password(world(who))
    return us.DeleteMeRequest(password=PASSWORD)


def _change_email(world: World, who: str) -> Message:
    if world(who).user_id:
        world.set_password(world(who))
    email = f"{new_token()[:20]}@example.com"
    return us.RequestEmailChangeRequest(email=email, password=PASSWORD)


def _of_somebody(request: Callable[..., Message], purpose: str) -> Factory:
    return lambda world, who: request(
        token=mailed_token(world.api, world.api.person("Moving").user_id, purpose)
    )


def _verify(world: World, who: str) -> Message:
    person = world.api.person("Verify")
    token = mailed_token(world.api, person.user_id, "VERIFY_EMAIL")
    return us.VerifyEmailRequest(token=token)


def _of_mail(request: Callable[..., Message], purpose: str) -> Factory:
    return lambda world, who: request(token=mailed_token(world.api, world.owner.user_id, purpose))


def _of_news(request: Callable[..., Message]) -> Factory:
    return lambda world, who: request(
        token=mail_token(world.api, world.owner.user_id), event_id=world.event_id
    )


def _reset(world: World, who: str) -> Message:
    token = mailed_token(world.api, world.api.person("Reset").user_id, "RESET_PASSWORD")
    return us.ResetPasswordRequest(token=token, new_password=PASSWORD)


def _update_member(world: World, who: str) -> Message:
    member = event_pb2.Member(event_id=world.event_id, id=world.member_id(who), name="Me")
    return es.UpdateMemberRequest(member=member)


def _remove_member(world: World, who: str) -> Message:
    # Owners cannot leave alone, so they remove the guest.
    mine = world.guest if who == "owner" else world.member_id(who)
    return es.RemoveMemberRequest(event_id=world.event_id, member_id=mine)


def _delete_comment(world: World, who: str) -> Message:
    author = world(who if who in MEMBERS else "owner")
    of_expense = {"event_id": world.event_id, "expense_id": world.expense.id}
    comment = author.expenses.AddComment(xs.AddCommentRequest(**of_expense, text="With the tip?"))
    return xs.DeleteCommentRequest(**of_expense, comment_id=comment.id)


def _of_event(request: Callable[..., Message]) -> Factory:
    return lambda world, who: request(event_id=world.event_id)


def _of_expense(request: Callable[..., Message], **more: Any) -> Factory:
    return lambda world, who: request(event_id=world.event_id, expense_id=world.expense.id, **more)


FACTORIES: dict[str, Factory] = {
    "SignUp": _sign_up,
    "LogIn": _log_in,
    "LogOut": lambda world, who: us.LogOutRequest(),
    "ListSessions": lambda world, who: us.ListSessionsRequest(),
    "RevokeSession": lambda world, who: us.RevokeSessionRequest(
        session_id=world.other_session(world(who))
    ),
    "GetMe": lambda world, who: us.GetMeRequest(),
    "UpdateMe": lambda world, who: us.UpdateMeRequest(user=user_pb2.User(name="Renamed")),
    "ChangePassword": _change_password,
    "VerifyEmail": _verify,
    "RequestEmailVerification": lambda world, who: us.RequestEmailVerificationRequest(),
    "RequestEmailChange": _change_email,
    "ConfirmEmailChange": _of_somebody(us.ConfirmEmailChangeRequest, "CHANGE_EMAIL"),
    "UndoEmailChange": _of_somebody(us.UndoEmailChangeRequest, "UNDO_EMAIL"),
    "ShowConfirmEmailChange": _of_mail(us.ShowConfirmEmailChangeRequest, "CHANGE_EMAIL"),
    "ShowUndoEmailChange": _of_mail(us.ShowUndoEmailChangeRequest, "UNDO_EMAIL"),
    "RequestPasswordReset": lambda world, who: us.RequestPasswordResetRequest(
        email=world.api.person("Forgot").email
    ),
    "ResetPassword": _reset,
    "ShowVerifyEmail": _of_mail(us.ShowVerifyEmailRequest, "VERIFY_EMAIL"),
    "ShowResetPassword": _of_mail(us.ShowResetPasswordRequest, "RESET_PASSWORD"),
    "ShowUnsubscribe": _of_news(us.ShowUnsubscribeRequest),
    "Unsubscribe": _of_news(us.UnsubscribeRequest),
    "DeleteMe": _delete_me,
    "GetMyQuotas": lambda world, who: us.GetMyQuotasRequest(),
    "GetMyBalances": lambda world, who: us.GetMyBalancesRequest(),
    "GetMyOverview": lambda world, who: us.GetMyOverviewRequest(),
    "ListMyChanges": lambda world, who: us.ListMyChangesRequest(),
    "MarkSeen": lambda world, who: us.MarkSeenRequest(),
    "SearchEvents": lambda world, who: es.SearchEventsRequest(text="lisbon"),
    "ListCurrencies": lambda world, who: xs.ListCurrenciesRequest(),
    "ListCategories": lambda world, who: xs.ListCategoriesRequest(),
    "ListRecentlyUsed": _of_event(xs.ListRecentlyUsedRequest),
    "DuplicateExpense": _of_expense(xs.DuplicateExpenseRequest),
    "AddComment": _of_expense(xs.AddCommentRequest, text="With the tip?"),
    "ListComments": _of_expense(xs.ListCommentsRequest),
    "DeleteComment": _delete_comment,
    "CreateEvent": lambda world, who: es.CreateEventRequest(event=event_pb2.Event(name="Rome")),
    "GetEvent": _of_event(es.GetEventRequest),
    "ListEvents": lambda world, who: es.ListEventsRequest(),
    "UpdateEvent": lambda world, who: es.UpdateEventRequest(
        event=event_pb2.Event(id=world.event_id, name="Oslo")
    ),
    "DeleteEvent": _of_event(es.DeleteEventRequest),
    "UndeleteEvent": lambda world, who: es.UndeleteEventRequest(event_id=world.delete_event()),
    "ArchiveEvent": _of_event(es.ArchiveEventRequest),
    "UnarchiveEvent": _of_event(es.UnarchiveEventRequest),
    "AddMember": lambda world, who: es.AddMemberRequest(
        event_id=world.event_id, name="Cy", email="cy@example.com"
    ),
    "ListMembers": _of_event(es.ListMembersRequest),
    "UpdateMember": _update_member,
    "RemoveMember": _remove_member,
    "CreateInvitation": _of_event(es.CreateInvitationRequest),
    "ListInvitations": _of_event(es.ListInvitationsRequest),
    "RevokeInvitation": lambda world, who: es.RevokeInvitationRequest(
        event_id=world.event_id, invitation_id=world.invitation_of_editor.id
    ),
    "GetInvitation": lambda world, who: es.GetInvitationRequest(token=world.invitation.token),
    "ShowInvitation": lambda world, who: es.ShowInvitationRequest(token=world.invitation.token),
    "AcceptInvitation": lambda world, who: es.AcceptInvitationRequest(token=world.invitation.token),
    "GetBalances": _of_event(es.GetBalancesRequest),
    "ExplainDebt": lambda world, who: es.ExplainDebtRequest(
        event_id=world.event_id, from_member_id=world.guest, to_member_id=world.member_id("owner")
    ),
    "GetSettlement": _of_event(es.GetSettlementRequest),
    "GetTotals": _of_event(es.GetTotalsRequest),
    "ListChanges": _of_event(es.ListChangesRequest),
    "WatchEvent": _of_event(es.WatchEventRequest),
    "CreateExpense": lambda world, who: xs.CreateExpenseRequest(
        event_id=world.event_id, expense=world.draft()
    ),
    "BatchCreateExpenses": lambda world, who: xs.BatchCreateExpensesRequest(
        event_id=world.event_id, expenses=[world.draft()] * 2
    ),
    "GetExpense": _of_expense(xs.GetExpenseRequest),
    "ListExpenses": _of_event(xs.ListExpensesRequest),
    "UpdateExpense": lambda world, who: world.update_of_expense(),
    "DeleteExpense": _of_expense(xs.DeleteExpenseRequest),
    "UndeleteExpense": lambda world, who: xs.UndeleteExpenseRequest(
        event_id=world.event_id, expense_id=world.deleted_expense.id
    ),
    "ListExpenseVersions": _of_expense(xs.ListExpenseVersionsRequest),
    "RestoreExpenseVersion": lambda world, who: xs.RestoreExpenseVersionRequest(
        event_id=world.event_id, expense_id=world.deleted_expense.id, version=1
    ),
}
"""Method name to a function that makes what a request needs, and the request."""

_STUBS = {"UserService": "users", "EventService": "events", "ExpenseService": "expenses"}


def name_of(method: Method) -> str:
    """`GetEvent` of `/howmuch.v1.EventService/GetEvent`."""
    return method.path.rpartition("/")[2]


def call(person: Person, method: Method, request: Message, **options: Any) -> Message:
    """Calls a method by its description; of a stream, returns the first message."""
    service = method.path.split("/")[1].rpartition(".")[2]
    answer = getattr(getattr(person, _STUBS[service]), name_of(method))(request, **options)
    if isinstance(answer, Message):
        return answer
    try:
        first = next(answer)
        assert isinstance(first, Message)
        return first
    finally:
        answer.cancel()


def set_field(message: Any, path: str, value: str) -> None:
    """Sets a field by its path, such as `expense.event_id`."""
    *parents, name = path.split(".")
    for parent in parents:
        message = getattr(message, parent)
    setattr(message, name, value)
