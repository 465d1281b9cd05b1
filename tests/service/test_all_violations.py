"""A refusal names all fields that are wrong, up to 20, and refuses fields that only the server sets."""

from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message_factory import GetMessageClass

from howmuch.errors import MOST_VIOLATIONS, FieldViolation, InvalidArgument
from howmuch.rpc.methods import SERVICES
from howmuch.v1 import (
    event_pb2,
    event_service_pb2,
    expense_pb2,
    expense_service_pb2,
    user_pb2,
)
from howmuch.v1.user_service_pb2 import UpdateMeRequest
from tests.service.api import Api, Failure, Person, failure
from tests.service.wrong_everywhere import WRONG_EVERYWHERE

NOBODY = "mbr_01m82xvzrxef69kx02yh9gxa07"


def reasons(seen: Failure) -> dict[str, str]:
    """Field to reason."""
    violations = seen.details["BadRequest"].field_violations
    return {violation.field: violation.reason for violation in violations}


def create(person: Person, into: str, **fields: Any) -> Failure:
    """Adds a wrong expense."""
    fields = {"reason": "Dinner", "date": "2026-11-22", **fields}
    request = expense_service_pb2.CreateExpenseRequest(
        event_id=into, expense=expense_pb2.Expense(**fields)
    )
    return failure(lambda: person.expenses.CreateExpense(request))


def test_all_fields_of_an_expense_are_named_at_once(ana: Person) -> None:
    """Texts, enums, amounts, ids, and sums of what could be read."""
    event = ana.event()
    payments = [
        {"member_id": "me", "amount": "1.001"},
        {"member_id": event.member_id, "amount": "-1"},
    ]
    percent = {"parts": [{"member_id": event.member_id, "percent": "50"}]}
    seen = create(
        ana,
        event.id,
        reason="",
        date="22.11.2026",
        kind=9,
        amount="10",
        notes="a\0b",
        payments=payments,
        split={"percent": percent},
    )
    assert reasons(seen) == {
        "expense.kind": "ENUM_UNKNOWN",
        "expense.date": "DATE_MALFORMED",
        "expense.reason": "FIELD_REQUIRED",
        "expense.notes": "CHARACTER_NOT_ALLOWED",
        "expense.payments[0].member_id": "ID_MALFORMED",
        "expense.payments[0].amount": "AMOUNT_TOO_PRECISE",
        "expense.payments[1].amount": "AMOUNT_NEGATIVE",
        "expense.split.percent.parts": "SUM_MISMATCH",
    }
    assert seen.reason == "ENUM_UNKNOWN"
    assert all(f"{field}: {said}" in seen.message for field, said in seen.fields.items())


def test_members_and_sums_are_named_together(ana: Person) -> None:
    """What only the event knows, and what the amounts alone show."""
    event = ana.event()
    payments = [{"member_id": event.member_id, "amount": "9"}]
    split = {"equal": {"member_ids": [NOBODY, event.member_id]}}
    both = {
        "expense.split.equal.member_ids[0]": "MEMBER_UNKNOWN",
        "expense.payments": "SUM_MISMATCH",
    }
    assert reasons(create(ana, event.id, amount="10", payments=payments, split=split)) == both
    seen = create(ana, event.id, amount="10", payments=payments, split=split, date="1.1.26")
    assert reasons(seen) == {**both, "expense.date": "DATE_MALFORMED"}


def test_amounts_in_an_unknown_currency_are_checked_as_far_as_possible(ana: Person) -> None:
    """Not by the number of digits of another currency."""
    event = ana.event()
    payments = [{"member_id": event.member_id, "amount": "ten"}]
    seen = create(ana, event.id, currency_code="EURO", amount="1.234", payments=payments)
    assert reasons(seen) == {
        "expense.currency_code": "CURRENCY_UNKNOWN",
        "expense.payments[0].amount": "AMOUNT_MALFORMED",
    }


def test_a_batch_names_the_wrong_fields_of_all_expenses_up_to_a_bound(ana: Person) -> None:
    event = ana.event()
    request = expense_service_pb2.BatchCreateExpensesRequest(
        event_id=event.id,
        expenses=[expense_pb2.Expense(reason="Dinner", amount="x", date="x")] * 30,
    )
    seen = failure(lambda: ana.expenses.BatchCreateExpenses(request))
    assert len(seen.fields) == MOST_VIOLATIONS
    assert list(seen.fields)[3] == "expenses[1].date"
    left = 3 * 30 - MOST_VIOLATIONS
    assert seen.message.endswith(f" more. {left} more fields are wrong.")
    assert seen.metadata == {"more_violations": str(left)}


def test_error_fits_into_the_headers_of_an_answer() -> None:
    """About 8 KiB are possible, and the details are in base64."""
    long = [FieldViolation(f"field[{number}]", "x" * 700, "WRONG") for number in range(20)]
    error = InvalidArgument(long)
    assert len(error.violations) == 5
    assert error.message.endswith("x The details name 4 more. 15 more fields are wrong.")


@pytest.mark.parametrize(("kind", "service", "method", "given", "fields"), WRONG_EVERYWHERE)
def test_every_method_names_all_fields(
    ana: Person, kind: Any, service: str, method: str, given: dict[str, Any], fields: set[str]
) -> None:
    event = ana.event()
    event_id = event.id
    if given.get("event_id") == "":
        given = {**given, "event_id": event_id}
    if given.get("member", {}).get("event_id") == "":
        given = {
            **given,
            "member": {"id": event.member_id, **given["member"], "event_id": event_id},
        }
    call = getattr(getattr(ana, service), method)
    assert failure(call, kind(**given)).fields.keys() == fields


PAGED = [
    (service.name.removesuffix("Service").lower() + "s", method)
    for service in SERVICES
    for method in service.methods
    if "page_token" in method.input_type.fields_by_name
]


@pytest.mark.parametrize(("service", "method"), PAGED, ids=lambda each: getattr(each, "name", each))
def test_every_list_names_size_and_token(ana: Person, service: str, method: Any) -> None:
    request: Any = GetMessageClass(method.input_type)(page_size=-1, page_token="x")
    if "event_id" in method.input_type.fields_by_name:
        request.event_id = ana.event().id
    fields = failure(getattr(getattr(ana, service), method.name), request).fields.keys()
    assert fields >= {"page_size", "page_token"}


@pytest.mark.parametrize("prefix", ["x", "evt_81m82xvzrxef69kx02yh9gxa07"])
def test_every_method_names_all_malformed_ids_of_its_path(ana: Person, prefix: str) -> None:
    """Only a member is told about what is in the event, and the ids are the caller's own."""
    seen = failure(
        ana.expenses.DeleteComment,
        expense_service_pb2.DeleteCommentRequest(event_id=prefix, expense_id="y", comment_id="z"),
    )
    assert seen.fields.keys() == {"event_id", "expense_id", "comment_id"}
    assert "of which the first is 0 to 7." in seen.fields["event_id"]
    seen = failure(
        ana.expenses.UpdateExpense,
        expense_service_pb2.UpdateExpenseRequest(
            expense=expense_pb2.Expense(event_id=prefix, id="y")
        ),
    )
    assert seen.fields.keys() == {"expense.event_id", "expense.id"}


@pytest.mark.parametrize("mask", [["weight"], ["weight_decimal"], ["weight", "weight_decimal"]])
@pytest.mark.parametrize("given", [{"weight": 3}, {"weight_decimal": "3"}])
def test_a_mask_with_either_weight_means_both(
    ana: Person, mask: list[str], given: dict[str, Any]
) -> None:
    event = ana.event()
    member = event_pb2.Member(event_id=event.id, id=event.member_id, **given)
    request = event_service_pb2.UpdateMemberRequest(
        member=member, update_mask=FieldMask(paths=mask)
    )
    assert ana.events.UpdateMember(request).weight == 3


def test_values_of_enums_are_named(ana: Person) -> None:
    event = ana.event()
    request = event_service_pb2.UpdateMemberRequest(
        member=event_pb2.Member(event_id=event.id, id=event.member_id),
        update_mask=FieldMask(paths=["state"]),
    )
    assert failure(ana.events.UpdateMember, request).fields["member.state"] == (
        "MEMBER_STATE_UNSPECIFIED (0) is not allowed here; the values are MEMBER_STATE_ACTIVE (1),"
        " MEMBER_STATE_INACTIVE (2)."
    )


def test_orders_may_have_json_names(ana: Person) -> None:
    """As the field masks of a URL may."""
    event = ana.event()
    for order in ("createTime desc", "createTime", "create_time desc", "date asc"):
        ana.expenses.ListExpenses(
            expense_service_pb2.ListExpensesRequest(event_id=event.id, order_by=order)
        )


def test_fields_that_the_server_sets_are_refused_with_another_value(ana: Person) -> None:
    """In a new expense, in an update with and without a mask; the same value is accepted."""
    event, other = ana.event(), ana.event()
    payments = [{"member_id": event.member_id}]
    seen = create(ana, event.id, amount="1", payments=payments, event_id=other.id, version=3)
    assert reasons(seen) == dict.fromkeys(
        ("expense.event_id", "expense.version"), "FIELD_READ_ONLY"
    )
    old = ana.spend(event.id, event.member_id, "1", event.member_id)

    def update(mask: list[str], **fields: Any) -> expense_pb2.Expense:
        given = expense_pb2.Expense()
        given.CopyFrom(old)
        given.MergeFrom(expense_pb2.Expense(**fields))
        return ana.expenses.UpdateExpense(
            expense_service_pb2.UpdateExpenseRequest(
                expense=given, update_mask=FieldMask(paths=mask)
            )
        )

    for mask in ([], ["reason"], ["version"]):
        seen = failure(update, mask, reason="Lunch", version=7)
        assert reasons(seen) == {"expense.version": "FIELD_READ_ONLY"}
    assert update([], reason="Lunch", etag="").reason == "Lunch"
    # It has been read before that change.
    assert update([], reason="Supper", etag="v2").version == 3


@pytest.mark.parametrize(
    ("mask", "user", "field"),
    [
        (["email"], {"email": "x@example.com"}, "user.email"),
        (["create_time"], {"name": "Ana"}, "user.create_time"),
        (["locale"], {"locale": "fr", "email_verified": True}, "user.email_verified"),
        ([], {"id": "usr_x"}, "user.id"),
    ],
)
def test_masks_cannot_name_fields_that_the_server_sets(
    ana: Person, mask: list[str], user: dict[str, Any], field: str
) -> None:
    """A field without a value would be cleared."""
    request = UpdateMeRequest(user=user_pb2.User(**user), update_mask=FieldMask(paths=mask))
    assert reasons(failure(ana.users.UpdateMe, request)) == {field: "FIELD_READ_ONLY"}


def test_a_whole_event_may_be_sent_back_after_writes_in_it(ana: Person) -> None:
    """They raise its revision, and its etag stays."""
    event = ana.event()
    ana.guest(event.id, "Bo")
    event.name = "Porto"
    request = event_service_pb2.UpdateEventRequest(event=event)
    assert ana.events.UpdateEvent(request).revision == event.revision + 2
    event.etag = ""
    event.archive_time.GetCurrentTime()
    event.update_time.GetCurrentTime()
    request = event_service_pb2.UpdateEventRequest(event=event)
    seen = failure(lambda: ana.events.UpdateEvent(request))
    assert reasons(seen) == dict.fromkeys(
        ("event.archive_time", "event.update_time"), "FIELD_READ_ONLY"
    )


def test_the_field_of_a_member_that_the_server_sets_is_refused(api: Api, ana: Person) -> None:
    event = ana.event()
    guest = ana.guest(event.id, "Bo")
    guest.user_id = ana.user_id
    request = event_service_pb2.UpdateMemberRequest(member=guest)
    assert reasons(failure(lambda: ana.events.UpdateMember(request))) == {
        "member.user_id": "FIELD_READ_ONLY"
    }
    wrong = UpdateMeRequest(user=user_pb2.User(email=ana.email, name="Ana"))
    assert ana.users.UpdateMe(wrong).email == ana.email
