"""Requests about all events of a user, comments and suggestions that are refused, beside ids and pages."""

from tests.service.bad_input import Case, refused, rule
from tests.service.bad_input_events import TEXT
from tests.service.bad_input_expenses import DATE
from tests.service.bad_input_users import LINE, LOCALE

_COLOUR = "is not a colour; it must be #rrggbb, such as #1d6fb8, or empty for the default."
_LOCALES = ("ListCurrencies", "ListCategories")
_OF_OTHERS = "Another member wrote this comment; only they can delete it."

OVERVIEW: list[Case] = [
    *rule(
        "GetMyOverview", "page_token", ("$ListMembers", "PAGE_TOKEN_MALFORMED", "is not a token")
    ),
    *rule(
        "ListMyChanges", "page_token", ("$ListMembers", "PAGE_TOKEN_MALFORMED", "is not a token")
    ),
    *rule("SearchEvents", "text", LINE[0], LINE[5]),
    *rule(
        "MarkSeen",
        "revision",
        (-1, "REVISION_OUT_OF_RANGE", "-1 is not between 0 and"),
        (10**6, "REVISION_OUT_OF_RANGE", "1000000 is not between 0 and"),
        (2**63 - 1, "REVISION_OUT_OF_RANGE", "9223372036854775807 is not between 0 and"),
    ),
    *rule(
        "MarkSeen",
        "revision",
        (1, "REVISION_WITHOUT_EVENT", "The revision 1 needs an event_id"),
        also={"event_id": ""},
    ),
    refused(
        "MarkSeen", {"event_id": "$other_event"}, "NOT_FOUND", "EVENT_NOT_FOUND", "There is no"
    ),
    *(case for rpc in _LOCALES for case in rule(rpc, "locale", *LOCALE)),
    *rule("DuplicateExpense", "date", *DATE[1:4], *DATE[-2:]),
    *rule(
        "AddComment",
        "text",
        ("", "FIELD_REQUIRED", "A text of 1 to 2,000 characters is required."),
        (" \n\t ", "FIELD_REQUIRED", "A text of 1 to 2,000 characters is required."),
        ("a" * 2_001, "TEXT_TOO_LONG", "has 2,001 characters; at most 2,000 are allowed."),
        TEXT[1],
    ),
    refused(
        "DeleteComment",
        {"comment_id": "$comment_of_viewer"},
        "PERMISSION_DENIED",
        "COMMENT_OF_OTHERS",
        _OF_OTHERS,
    ),
    *rule(
        "UpdateMember",
        "member.colour",
        *(
            (value, "COLOUR_MALFORMED", f"{value!r} {_COLOUR}")
            for value in ("red", "#12345", "#1234567", "123456", "#12345g", "#１23456", "#12345\0")
        ),
    ),
    refused(
        "UpdateMember",
        {"member.id": "$bo", "member.colour": "#123456", "member.name": ...},
        "PERMISSION_DENIED",
        "ROLE_TOO_SMALL",
        "This needs the role EDITOR in the event; yours is VIEWER.",
        caller="viewer",
    ),
]
