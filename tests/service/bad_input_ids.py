"""Ids, page tokens, revisions: what many methods take alike."""

from collections.abc import Iterable

from howmuch.rpc.methods import describe
from tests.service.bad_input import UNKNOWN, Case, refused, rule

# Field to the prefix of the ids that it takes.
_FIELDS = {
    ("RevokeSession", "session_id"): "ses",
    ("UpdateMember", "member.id"): "mbr",
    ("RemoveMember", "member_id"): "mbr",
    ("RevokeInvitation", "invitation_id"): "inv",
    ("GetExpense", "expense_id"): "exp",
    ("UpdateExpense", "expense.id"): "exp",
    ("DeleteExpense", "expense_id"): "exp",
    ("UndeleteExpense", "expense_id"): "exp",
    ("ListExpenseVersions", "expense_id"): "exp",
    ("RestoreExpenseVersion", "expense_id"): "exp",
    ("DuplicateExpense", "expense_id"): "exp",
    ("AddComment", "expense_id"): "exp",
    ("ListComments", "expense_id"): "exp",
    ("DeleteComment", "comment_id"): "cmt",
}
_OPTIONAL = {
    ("CreateInvitation", "member_id"): "mbr",
    ("AcceptInvitation", "member_id"): "mbr",
    ("ListExpenses", "member_id"): "mbr",
    ("ShowUnsubscribe", "event_id"): "evt",
    ("Unsubscribe", "event_id"): "evt",
    ("MarkSeen", "event_id"): "evt",
}
_LISTS = (
    "ListSessions",
    "ListEvents",
    "ListMembers",
    "ListInvitations",
    "ListChanges",
    "ListExpenses",
    "ListExpenseVersions",
    "ListComments",
    "GetMyOverview",
    "ListMyChanges",
    "SearchEvents",
)
_ROLES = {method.path.rpartition("/")[2]: method for method in describe().values() if method.role}
_TYPES = {
    "mbr": "member",
    "inv": "invitation",
    "exp": "expense",
    "ses": "session",
    "cmt": "comment",
}


def ids(rpc: str, field: str, prefix: str, *, required: bool = True) -> Iterable[Case]:
    """Cases of one id: none, of another form, of another kind."""
    text = f"is not an id of this kind: `{prefix}_` and 26 characters of 0-9 and a-z without"
    odd = (
        f"{prefix}_{UNKNOWN[:-1]}",
        f"{prefix}_{UNKNOWN[:-1]}\0",
        f"{prefix}_{UNKNOWN}{'0' * 100_000}",
        f"xyz_{UNKNOWN}",
    )
    rows = [(value, "ID_MALFORMED", text) for value in odd]
    if required:
        rows.append(("", "ID_REQUIRED", f"An id is required: `{prefix}_` and 26 characters."))
    return rule(rpc, field, *rows)


def _unknown(rpc: str, field: str, prefix: str) -> Case:
    kind, value = _TYPES[prefix], f"{prefix}_{UNKNOWN}"
    text = f"There is no {kind} '{value}' that you can see."
    return refused(rpc, {field: value}, "NOT_FOUND", f"{kind.upper()}_NOT_FOUND", text)


def _pages(rpc: str) -> Iterable[Case]:
    text = "is not a token that this server gave for the next or the previous page."
    # The last four are JSON that is no list of texts: 5, {}, [] and a list of a list.
    garbage = ("x", "!!!!", "ñ", "a" * 100_000, "\0", "NQ==", "e30=", "W10=", "W1tdXQ==")
    return [
        *rule(
            rpc,
            "page_size",
            (-1, "PAGE_SIZE_NEGATIVE", "-1 is below zero; 0 asks for the default."),
            (-(2**31), "PAGE_SIZE_NEGATIVE", "-2147483648 is below zero; 0 asks for the default."),
        ),
        *rule(rpc, "page_token", *((token, "PAGE_TOKEN_MALFORMED", text) for token in garbage)),
    ]


def _forged() -> Iterable[Case]:
    text = "is not a token that this server gave for the next or the previous page."
    tokens = (
        ("ListChanges", ("word", "huge", "negative")),
        ("ListExpenseVersions", ("word", "digits")),
        ("ListExpenses", ("day", "surrogate", "nul")),
        ("ListMembers", ("surrogate", "way")),
        ("GetMyOverview", ("flag",)),
        ("ListMyChanges", ("day", "early", "huge")),
    )
    for rpc, names in tokens:
        rows = ((f"${rpc}_{name}", "PAGE_TOKEN_MALFORMED", text) for name in names)
        yield from rule(rpc, "page_token", *rows)


_OTHER = ("PAGE_TOKEN_OF_OTHER_QUERY", "The token was given for another request; keep all other")

IDS = [
    *(case for rpc, method in _ROLES.items() for case in ids(rpc, method.event_field, "evt")),
    *(
        refused(
            rpc, {method.event_field: event}, "NOT_FOUND", "EVENT_NOT_FOUND", "There is no event"
        )
        for rpc, method in _ROLES.items()
        for event in ("$other_event", f"evt_{UNKNOWN}")
    ),
    *(case for (rpc, field), prefix in _FIELDS.items() for case in ids(rpc, field, prefix)),
    *(_unknown(rpc, field, prefix) for (rpc, field), prefix in _FIELDS.items()),
    *(
        case
        for (rpc, field), prefix in _OPTIONAL.items()
        for case in ids(rpc, field, prefix, required=False)
    ),
    _unknown("CreateInvitation", "member_id", "mbr"),
    *(case for rpc in _LISTS for case in _pages(rpc)),
    *_forged(),
    *rule("ListEvents", "page_token", ("$ListMembers", *_OTHER)),
    *rule("ListSessions", "page_token", ("$ListMembers", *_OTHER)),
    *rule("ListMembers", "page_token", ("$ListMembers", *_OTHER), also={"show_inactive": True}),
    *rule("ListInvitations", "page_token", ("$ListMembers", *_OTHER)),
    *rule("ListChanges", "page_token", ("$ListChanges", *_OTHER), also={"since_revision": 1}),
    *rule("ListExpenses", "page_token", ("$ListExpenses", *_OTHER), also={"text": "Dinner"}),
    *rule("ListExpenseVersions", "page_token", ("$ListMembers", *_OTHER)),
    *(
        case
        for rpc in ("ListChanges", "WatchEvent")
        for case in rule(
            rpc,
            "since_revision",
            (-1, "REVISION_OUT_OF_RANGE", "-1 is not between 0 and"),
            (10**6, "REVISION_OUT_OF_RANGE", "1000000 is not between 0 and"),
            (2**63 - 1, "REVISION_OUT_OF_RANGE", "9223372036854775807 is not between 0 and"),
            (-(2**63), "REVISION_OUT_OF_RANGE", "-9223372036854775808 is not between 0 and"),
        )
    ),
    # Things of another event are not there, although they are somewhere.
    *(
        refused(rpc, {field: name}, "NOT_FOUND", reason, "that you can see.")
        for rpc, field, name, reason in (
            ("GetExpense", "expense_id", "$other_expense", "EXPENSE_NOT_FOUND"),
            ("UpdateExpense", "expense.id", "$other_expense", "EXPENSE_NOT_FOUND"),
            ("DeleteExpense", "expense_id", "$other_expense", "EXPENSE_NOT_FOUND"),
            ("RemoveMember", "member_id", "$other_member", "MEMBER_NOT_FOUND"),
            ("UpdateMember", "member.id", "$other_member", "MEMBER_NOT_FOUND"),
        )
    ),
    refused(
        "UpdateExpense",
        {"expense.id": "$deleted_expense"},
        "FAILED_PRECONDITION",
        "EXPENSE_DELETED",
        "Undelete it first; that is possible for 30 days.",
    ),
]
