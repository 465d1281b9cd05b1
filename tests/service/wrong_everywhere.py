"""A request of each method that checks several fields, with all of them wrong, and the fields to be named."""

from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask

from howmuch.v1 import event_service_pb2, expense_service_pb2, user_service_pb2
from howmuch.v1.user_service_pb2 import SignUpRequest, UpdateMeRequest

WRONG_EVERYWHERE: list[tuple[Any, str, str, Any, set[str]]] = [
    (
        SignUpRequest,
        "users",
        "SignUp",
        {"email": "x", "password": "y", "locale": "?"},
        {"email", "password", "name", "locale"},
    ),
    (
        UpdateMeRequest,
        "users",
        "UpdateMe",
        {"user": {"name": "\0", "time_zone": "Moon", "mail_mode": 9, "email": "x"}},
        {"user.name", "user.time_zone", "user.mail_mode", "user.email"},
    ),
    (
        UpdateMeRequest,
        "users",
        "UpdateMe",
        {"update_mask": FieldMask(paths=["nope", "name.x"])},
        {"update_mask.paths[0]", "update_mask.paths[1]"},
    ),
    (
        event_service_pb2.CreateEventRequest,
        "events",
        "CreateEvent",
        {"event": {"currency_code": "x", "revision": 3}},
        {"event.name", "event.currency_code", "event.revision"},
    ),
    (
        event_service_pb2.AddMemberRequest,
        "events",
        "AddMember",
        {"event_id": "", "weight": -1, "email": "x"},
        {"name", "weight", "email"},
    ),
    (
        event_service_pb2.AddMemberRequest,
        "events",
        "AddMember",
        {"event_id": "", "role": 9, "weight_decimal": "x", "email": "x"},
        {"name", "role", "weight_decimal", "email"},
    ),
    *(
        (
            kind,
            "events",
            method,
            {"event_id": "", "as_of_date": "x", "currency_code": "q"},
            {"as_of_date", "currency_code"},
        )
        for method, kind in (
            ("GetBalances", event_service_pb2.GetBalancesRequest),
            ("GetTotals", event_service_pb2.GetTotalsRequest),
            ("GetSettlement", event_service_pb2.GetSettlementRequest),
        )
    ),
    (
        event_service_pb2.ExplainDebtRequest,
        "events",
        "ExplainDebt",
        {
            "event_id": "",
            "from_member_id": "x",
            "to_member_id": "y",
            "currency_code": "q",
            "page_size": -1,
            "page_token": "x",
        },
        {"from_member_id", "to_member_id", "currency_code", "page_size", "page_token"},
    ),
    (
        event_service_pb2.CreateInvitationRequest,
        "events",
        "CreateInvitation",
        {
            "event_id": "",
            "max_uses": 0,
            "ttl": Duration(),
            "email": "x",
            "member_id": "q",
            "role": 9,
        },
        {"max_uses", "ttl", "email", "member_id", "role"},
    ),
    (
        event_service_pb2.SearchEventsRequest,
        "events",
        "SearchEvents",
        {"page_size": -1, "page_token": "x"},
        {"text", "page_size", "page_token"},
    ),
    (
        event_service_pb2.AcceptInvitationRequest,
        "events",
        "AcceptInvitation",
        {"token": "x", "member_id": "x"},
        {"token", "member_id"},
    ),
    (
        event_service_pb2.CreateEventRequest,
        "events",
        "CreateEvent",
        {
            "event_id": "x",
            "event": {"time_zone": "x", "default_split": {"equal": {"member_ids": ["x"]}}},
        },
        {"event_id", "event.name", "event.time_zone", "event.default_split.equal.member_ids[0]"},
    ),
    (
        event_service_pb2.UpdateMemberRequest,
        "events",
        "UpdateMember",
        {
            "member": {
                "event_id": "",
                "name": "a\nb",
                "weight": -1,
                "colour": "x",
                "role": 9,
            },
            "update_mask": FieldMask(paths=["name", "weight", "colour", "role", "state"]),
        },
        {"member.name", "member.weight", "member.colour", "member.role", "member.state"},
    ),
    (
        event_service_pb2.UpdateMemberRequest,
        "events",
        "UpdateMember",
        {
            "member": {"event_id": "", "id": "x", "weight": -1, "colour": "x"},
            "update_mask": FieldMask(paths=["foo", "shares"]),
        },
        {
            "member.id",
            "member.weight",
            "member.colour",
            "update_mask.paths[0]",
            "update_mask.paths[1]",
        },
    ),
    (
        user_service_pb2.MarkSeenRequest,
        "users",
        "MarkSeen",
        {"event_id": "x", "revision": -1},
        {"event_id", "revision"},
    ),
    (
        expense_service_pb2.ListCommentsRequest,
        "expenses",
        "ListComments",
        {"event_id": "", "expense_id": "x", "page_size": -1, "page_token": "x"},
        {"expense_id", "page_size", "page_token"},
    ),
    (
        expense_service_pb2.AddCommentRequest,
        "expenses",
        "AddComment",
        {"event_id": "", "expense_id": "x"},
        {"expense_id", "text"},
    ),
    (
        expense_service_pb2.DeleteCommentRequest,
        "expenses",
        "DeleteComment",
        {"event_id": "", "expense_id": "x", "comment_id": "y"},
        {"expense_id", "comment_id"},
    ),
    (
        expense_service_pb2.DuplicateExpenseRequest,
        "expenses",
        "DuplicateExpense",
        {"event_id": "", "expense_id": "x", "date": "x"},
        {"expense_id", "date"},
    ),
    (
        expense_service_pb2.ListExpensesRequest,
        "expenses",
        "ListExpenses",
        {
            "event_id": "",
            "order_by": "x",
            "from_date": "x",
            "member_id": "x",
            "kind": 9,
            "text": "\u0301",
            "page_size": -1,
            "page_token": "x",
        },
        {"order_by", "from_date", "member_id", "kind", "text", "page_size", "page_token"},
    ),
]
