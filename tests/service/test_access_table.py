"""Who may call which method, written out by hand: nothing here is read from what it judges."""

from howmuch.model import Role
from howmuch.rpc.methods import Method, describe

ANYBODY, SESSION, VIEWER, EDITOR, OWNER = "anybody", "session", "viewer", "editor", "owner"

ACCESS = {
    "UserService/SignUp": ANYBODY,
    "UserService/LogIn": ANYBODY,
    "UserService/LogOut": SESSION,
    "UserService/ListSessions": SESSION,
    "UserService/RevokeSession": SESSION,
    "UserService/GetMe": SESSION,
    "UserService/UpdateMe": SESSION,
    "UserService/ChangePassword": SESSION,
    "UserService/VerifyEmail": ANYBODY,
    "UserService/RequestEmailVerification": SESSION,
    "UserService/RequestEmailChange": SESSION,
    "UserService/ConfirmEmailChange": ANYBODY,
    "UserService/UndoEmailChange": ANYBODY,
    "UserService/RequestPasswordReset": ANYBODY,
    "UserService/ResetPassword": ANYBODY,
    "UserService/DeleteMe": SESSION,
    "UserService/ShowUnsubscribe": ANYBODY,
    "UserService/Unsubscribe": ANYBODY,
    "UserService/ShowVerifyEmail": ANYBODY,
    "UserService/ShowResetPassword": ANYBODY,
    "UserService/ShowConfirmEmailChange": ANYBODY,
    "UserService/ShowUndoEmailChange": ANYBODY,
    "UserService/GetMyBalances": SESSION,
    "UserService/GetMyQuotas": SESSION,
    "UserService/GetMyOverview": SESSION,
    "UserService/ListMyChanges": SESSION,
    "UserService/MarkSeen": SESSION,
    "EventService/SearchEvents": SESSION,
    "EventService/CreateEvent": SESSION,
    "EventService/GetEvent": VIEWER,
    "EventService/ListEvents": SESSION,
    "EventService/UpdateEvent": OWNER,
    "EventService/DeleteEvent": OWNER,
    "EventService/UndeleteEvent": OWNER,
    "EventService/ArchiveEvent": OWNER,
    "EventService/UnarchiveEvent": OWNER,
    "EventService/AddMember": EDITOR,
    "EventService/ListMembers": VIEWER,
    # A viewer may rename themselves and leave; test_member_rights.py has what else it takes.
    "EventService/UpdateMember": VIEWER,
    "EventService/RemoveMember": VIEWER,
    "EventService/CreateInvitation": EDITOR,
    "EventService/ListInvitations": EDITOR,
    "EventService/RevokeInvitation": EDITOR,
    "EventService/GetInvitation": ANYBODY,
    "EventService/ShowInvitation": ANYBODY,
    "EventService/AcceptInvitation": SESSION,
    "EventService/GetBalances": VIEWER,
    "EventService/ExplainDebt": VIEWER,
    "EventService/GetSettlement": VIEWER,
    "EventService/GetTotals": VIEWER,
    "EventService/ListChanges": VIEWER,
    "EventService/WatchEvent": VIEWER,
    "ExpenseService/CreateExpense": EDITOR,
    "ExpenseService/BatchCreateExpenses": EDITOR,
    "ExpenseService/GetExpense": VIEWER,
    "ExpenseService/ListExpenses": VIEWER,
    "ExpenseService/UpdateExpense": EDITOR,
    "ExpenseService/DeleteExpense": EDITOR,
    "ExpenseService/UndeleteExpense": EDITOR,
    "ExpenseService/ListExpenseVersions": VIEWER,
    "ExpenseService/RestoreExpenseVersion": EDITOR,
    "ExpenseService/DuplicateExpense": EDITOR,
    "ExpenseService/ListRecentlyUsed": VIEWER,
    # Every member may comment, and delete their own comments.
    "ExpenseService/AddComment": VIEWER,
    "ExpenseService/ListComments": VIEWER,
    "ExpenseService/DeleteComment": VIEWER,
    "ExpenseService/ListCurrencies": SESSION,
    "ExpenseService/ListCategories": SESSION,
}

READS = {
    "ListSessions",
    "GetMe",
    "ShowUnsubscribe",
    "ShowVerifyEmail",
    "ShowResetPassword",
    "ShowConfirmEmailChange",
    "ShowUndoEmailChange",
    "GetMyBalances",
    "GetMyQuotas",
    "GetMyOverview",
    "ListMyChanges",
    "SearchEvents",
    "ListRecentlyUsed",
    "ListComments",
    "ListCurrencies",
    "ListCategories",
    "GetEvent",
    "ListEvents",
    "ListMembers",
    "ListInvitations",
    "GetInvitation",
    "ShowInvitation",
    "GetBalances",
    "ExplainDebt",
    "GetSettlement",
    "GetTotals",
    "ListChanges",
    "WatchEvent",
    "GetExpense",
    "ListExpenses",
    "ListExpenseVersions",
}
"""Methods that write nothing: they run in a transaction that cannot, and take no idempotency key."""

EVENT_FIELDS = {"UpdateEvent": "event.id", "UpdateMember": "member.event_id"} | {
    "UpdateExpense": "expense.event_id"
}
"""Where the event is named in a request; in all others that ask for a role, it is `event_id`."""


def declared(method: Method) -> str:
    if method.public:
        return ANYBODY
    return SESSION if method.role is None else method.role.name.lower()


def test_who_may_call_each_method() -> None:
    """A method whose access changes, or that is new, changes this table too."""
    found = {
        path.removeprefix("/howmuch.v1."): declared(method) for path, method in describe().items()
    }
    assert found == ACCESS


def test_which_methods_write() -> None:
    """A method that declares no side effects gets a transaction that cannot write."""
    reads = {path.rpartition("/")[2] for path, method in describe().items() if not method.writes}
    assert reads == READS


def test_where_each_method_names_its_event() -> None:
    """The role is asked for in the event that is read or written, and in no other."""
    for path, method in describe().items():
        expected = EVENT_FIELDS.get(path.rpartition("/")[2], "event_id")
        assert method.event_field == (expected if method.role else ""), path


def test_roles_are_in_order() -> None:
    """Each role may do what the ones below it may."""
    assert Role.VIEWER < Role.EDITOR < Role.OWNER
