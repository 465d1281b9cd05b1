"""Requests to EventService that are refused, beside ids and pages."""

from howmuch.v1 import event_pb2
from tests.service.bad_input import UNKNOWN, Case, refused, rule
from tests.service.bad_input_users import CURRENCY, EMAIL, LINE, STALE, TOKEN, mask

TEXT = (
    ("a" * 10_001, "TEXT_TOO_LONG", "has 10,001 characters; at most 10,000 are allowed."),
    ("a\0b", "CHARACTER_NOT_ALLOWED", "'a\\x00b' has the character U+0000; of control characters"),
    ("\x1b[2J", "CHARACTER_NOT_ALLOWED", "has the character U+001B; of control characters only"),
    ("a\x85", "CHARACTER_NOT_ALLOWED", "has the character U+0085; of control characters only"),
)
ROLE = (
    (4, "ENUM_UNKNOWN", "4 is not allowed here; the values are "),
    (-1, "ENUM_UNKNOWN", "-1 is not allowed here; the values are "),
)
WEIGHT = (
    (-1, "NUMBER_OUT_OF_RANGE", "-1 is not between 0 and 1,000,000."),
    (1_000_001, "NUMBER_OUT_OF_RANGE", "1000001 is not between 0 and 1,000,000."),
    (2**31 - 1, "NUMBER_OUT_OF_RANGE", "2147483647 is not between 0 and 1,000,000."),
)
_TTL = "must be more than 0 s and at most 90 days, which are 7776000 s."
_IF_MATCH = (("if-match", 'W/"v99"'),)
_NOT_SETTABLE = "Only a guest who has left can be set ACTIVE again."


def _masked(path: str) -> dict[str, list[str]]:
    return {"update_mask.paths": [path]}


EVENTS = [
    *rule("CreateEvent", "event.name", *LINE),
    *rule("CreateEvent", "event.description", *TEXT),
    *rule("CreateEvent", "event.currency_code", *CURRENCY),
    *rule("UpdateEvent", "event.name", *LINE[1:6]),
    *rule("UpdateEvent", "event.name", LINE[0], also=_masked("name")),
    *rule("UpdateEvent", "event.description", *TEXT[:2]),
    *rule("UpdateEvent", "event.currency_code", *CURRENCY[:2]),
    *rule(
        "UpdateEvent",
        "event.currency_code",
        ("", "CURRENCY_UNKNOWN", "'' is not an active ISO 4217 currency code"),
        also=_masked("currency_code"),
    ),
    *mask("UpdateEvent", "name.first", "create_time.seconds"),
    refused("UpdateEvent", {"event.etag": "v99"}, "ABORTED", "ETAG_STALE", STALE),
    refused("UpdateEvent", {}, "ABORTED", "ETAG_STALE", STALE, headers=_IF_MATCH),
    refused("DeleteEvent", {"etag": "v99"}, "ABORTED", "ETAG_STALE", STALE),
    refused("DeleteEvent", {"etag": "\0" * 10_000}, "ABORTED", "ETAG_STALE", "since you read it"),
    refused("DeleteEvent", {}, "ABORTED", "ETAG_STALE", STALE, headers=_IF_MATCH),
    refused(
        "UndeleteEvent",
        {"event_id": "$event"},
        "FAILED_PRECONDITION",
        "EVENT_NOT_DELETED",
        "The event 'Lisbon' is not deleted.",
    ),
    *(
        refused(
            rpc,
            {field: "$deleted_event"},
            "FAILED_PRECONDITION",
            "EVENT_DELETED",
            "The event 'Lisbon' is deleted and can only be read. Undelete it first.",
        )
        for rpc, field in (
            ("UpdateEvent", "event.id"),
            ("ArchiveEvent", "event_id"),
            ("UnarchiveEvent", "event_id"),
            ("AddMember", "event_id"),
            ("CreateExpense", "event_id"),
        )
    ),
    *rule("AddMember", "name", *LINE),
    *rule("AddMember", "email", *EMAIL),
    *rule("AddMember", "role", *ROLE),
    *rule("AddMember", "weight", *WEIGHT),
    refused(
        "AddMember",
        {"role": event_pb2.ROLE_OWNER},
        "PERMISSION_DENIED",
        "ROLE_TOO_HIGH",
        "You cannot give the role OWNER; your own is EDITOR.",
        caller="editor",
    ),
    *rule("UpdateMember", "member.name", *LINE[1:6]),
    *rule("UpdateMember", "member.name", LINE[0], also=_masked("name")),
    *rule("UpdateMember", "member.role", *ROLE),
    *rule("UpdateMember", "member.weight", *WEIGHT),
    Case(
        "UpdateMember",
        _masked("weight"),
        "WEIGHT_REQUIRED",
        "member.weight",
        "The mask names the weight; set `weight` or `weight_decimal` of the member.",
    ),
    *rule(
        "UpdateMember",
        "member.state",
        (event_pb2.MEMBER_STATE_INACTIVE, "STATE_NOT_SETTABLE", _NOT_SETTABLE),
        (
            9,
            "ENUM_UNKNOWN",
            "9 is not allowed here; the values are MEMBER_STATE_ACTIVE (1), MEMBER_STATE_INACTIVE (2).",
        ),
    ),
    *rule(
        "UpdateMember",
        "member.state",
        (
            0,
            "ENUM_UNKNOWN",
            "MEMBER_STATE_UNSPECIFIED (0) is not allowed here; the values are MEMBER_STATE_ACTIVE (1),",
        ),
        also=_masked("state"),
    ),
    *mask("UpdateMember", "name.first"),
    refused(
        "UpdateMember",
        {"member.muted": True},
        "PERMISSION_DENIED",
        "MUTE_OF_OTHERS",
        "member.muted: you can only mute mail for yourself, not for another member.",
    ),
    refused(
        "UpdateMember",
        {"member.id": "$ana", "member.name": ..., "member.role": event_pb2.ROLE_VIEWER},
        "FAILED_PRECONDITION",
        "LAST_OWNER",
        "'New' is the only owner of the event. Make another member with an account an owner",
    ),
    refused(
        "RemoveMember",
        {"member_id": "$ana"},
        "FAILED_PRECONDITION",
        "LAST_OWNER",
        "is the only owner of the event.",
    ),
    refused(
        "RemoveMember",
        {"member_id": "$bo"},
        "FAILED_PRECONDITION",
        "BALANCE_OPEN",
        "'Bo' has an open balance of -10.00 EUR. Settle it first.",
    ),
    *rule("CreateInvitation", "role", *ROLE),
    *rule("CreateInvitation", "email", *EMAIL[:4]),
    *rule(
        "CreateInvitation",
        "max_uses",
        (-1, "NUMBER_OUT_OF_RANGE", "-1 is not between 1 and 1,000."),
        (1_001, "NUMBER_OUT_OF_RANGE", "1001 is not between 1 and 1,000."),
    ),
    *rule(
        "CreateInvitation",
        "max_uses",
        (
            2,
            "GUEST_IS_ONE",
            "An invitation for a specific guest can be used only once; set max_uses to 1.",
        ),
        also={"member_id": "$bo"},
    ),
    *rule(
        "CreateInvitation",
        "ttl",
        ({}, "TTL_OUT_OF_RANGE", f"0 s {_TTL}"),
        ({"seconds": -1}, "TTL_OUT_OF_RANGE", f"-1 s {_TTL}"),
        ({"nanos": 1}, "TTL_OUT_OF_RANGE", f"0 s {_TTL}"),
        ({"nanos": -(2**31)}, "TTL_OUT_OF_RANGE", _TTL),
        ({"seconds": 7_776_001}, "TTL_OUT_OF_RANGE", f"7776001 s {_TTL}"),
        ({"seconds": 2**63 - 1}, "TTL_OUT_OF_RANGE", f"9223372036854775807 s {_TTL}"),
        ({"seconds": -(2**63)}, "TTL_OUT_OF_RANGE", f"-9223372036854775808 s {_TTL}"),
    ),
    refused(
        "CreateInvitation",
        {"member_id": "$ana"},
        "FAILED_PRECONDITION",
        "GUEST_TAKEN",
        "'New' has an account already and cannot be claimed.",
    ),
    *rule("GetInvitation", "token", *TOKEN),
    *rule("ShowInvitation", "token", *TOKEN),
    *rule("AcceptInvitation", "token", *TOKEN),
    *(
        refused(
            rpc,
            {"token": "a" * 43},
            "NOT_FOUND",
            "INVITATION_NOT_FOUND",
            "There is no invitation with this token. Copy the whole link again, or ask",
            caller="stranger",
        )
        for rpc in ("GetInvitation", "AcceptInvitation")
    ),
    Case(
        "AcceptInvitation",
        {"token": "$bos_invitation_token", "member_id": "$cy"},
        "INVITATION_OF_OTHER_GUEST",
        "member_id",
        "is not the guest that this invitation is for.",
        caller="stranger",
    ),
    refused(
        "AcceptInvitation",
        {"member_id": "$ana"},
        "FAILED_PRECONDITION",
        "GUEST_TAKEN",
        "'New' has an account already and cannot be claimed. Choose another guest.",
        caller="stranger",
    ),
    refused(
        "AcceptInvitation",
        {"member_id": f"mbr_{UNKNOWN}"},
        "NOT_FOUND",
        "MEMBER_NOT_FOUND",
        f"There is no member 'mbr_{UNKNOWN}' that you can see.",
        caller="stranger",
    ),
    *(
        refused(
            rpc,
            {},
            "PERMISSION_DENIED",
            "ROLE_TOO_SMALL",
            f"This needs the role {role} in the event; yours is VIEWER.",
            caller="viewer",
        )
        for rpc, role in (
            ("CreateExpense", "EDITOR"),
            ("AddMember", "EDITOR"),
            ("ListInvitations", "EDITOR"),
            ("UpdateMember", "EDITOR"),
            ("DeleteEvent", "OWNER"),
        )
    ),
]
