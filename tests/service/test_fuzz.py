"""Whatever well-formed message is sent, a caller is told what is wrong with it; no fault of ours shows."""

from collections.abc import Mapping
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.service.api import Api, failure_of
from tests.service.bad_input import BASE, METHODS, World, make_world

NAMES = (
    *("event", "deleted_event", "other_event", "ana", "bo", "cy", "left", "other_member"),
    *("expense", "deleted_expense", "other_expense", "invitation", "session", "email"),
    *("invitation_token", "bos_invitation_token", "verify_token", "reset_token"),
    "mail_token",
    *("ListMembers", "ListChanges", "ListExpenses", "ListExpenseVersions", "ListChanges_huge"),
)
ODD = (
    *("", " ", "\0", "\n", "a\0b", "٠١٢", "1e9", "-0.01", "NaN", "9" * 400, "a" * 20_000, "0.005"),
    *("10.00", "5", "EUR", "JPY", "eur", "2026-11-22", "2026-02-30", "date desc", "v1", "v2", "*"),
    *(
        "name",
        "split",
        "payments",
        "amount",
        "currency_code",
        "\u202e",
        "\ufeff",
        "👩‍👩‍👧",
        "é@b.de",
    ),
)
TEXTS = st.one_of(
    st.sampled_from([f"${name}" for name in NAMES]), st.sampled_from(ODD), st.text(max_size=60)
)
EDGES = (0, 1, -1, 2, 3, 99, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63), 10**6, 500)
KEYS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=260)
# What a call that is in order may end of the world that the next ones need.
ENDING = {
    *("ArchiveEvent", "DeleteEvent", "RemoveMember", "UpdateMember", "RevokeInvitation"),
    *("ChangePassword", "ResetPassword", "RevokeSession"),
    *("ConfirmEmailChange", "UndoEmailChange"),
}
REFUSALS = {
    *("INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION", "ABORTED", "ALREADY_EXISTS"),
    *("PERMISSION_DENIED", "UNAUTHENTICATED"),
}


def integers(field: FieldDescriptor) -> st.SearchStrategy[int]:
    bits = 63 if field.cpp_type == FieldDescriptor.CPPTYPE_INT64 else 31
    edges = [edge for edge in EDGES if -(2**bits) <= edge < 2**bits]
    if field.name == "since_revision":
        # Nothing in between: a stream from the present revision would wait for the next change.
        return st.sampled_from([0, 1, -1, 2**40, -(2**63)])
    return st.sampled_from(edges) | st.integers(-(2**bits), 2**bits - 1)


def value(field: FieldDescriptor, depth: int) -> st.SearchStrategy[Any]:
    """Anything that the type of the field takes."""
    if field.message_type:
        one: st.SearchStrategy[Any] = message(field.message_type, {}, depth - 1)
    elif field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        one = TEXTS
    elif field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        one = st.booleans()
    else:
        one = integers(field)
    return st.lists(one, max_size=4) if field.is_repeated else one


@st.composite
def message(
    draw: st.DrawFn, descriptor: Descriptor, base: Mapping[str, Any], depth: int
) -> dict[str, Any]:
    """Fields of a message: mostly those of `base`, some of them anything, some more or fewer."""
    made: dict[str, Any] = {}
    chosen: set[str] = set()
    for field in descriptor.fields:
        oneof = field.containing_oneof
        if oneof and oneof.name in chosen:
            continue
        fate = draw(st.integers(0, 9))
        known = base.get(field.name)
        if field.message_type and isinstance(known, dict) and fate < 9:
            made[field.name] = draw(message(field.message_type, known, depth))
        elif known is not None and fate < 8:
            made[field.name] = known
        elif fate in (3, 9) and depth:
            made[field.name] = draw(value(field, depth))
        else:
            continue
        if oneof:
            chosen.add(oneof.name)
    return made


Call = tuple[str, dict[str, Any], list[tuple[str, str]]]
"""Method, fields of its request, headers."""


def calls() -> st.SearchStrategy[Call]:
    headers = st.lists(
        st.tuples(st.sampled_from(["idempotency-key", "if-match"]), KEYS), max_size=1
    )
    return st.sampled_from(sorted(BASE)).flatmap(
        lambda rpc: st.tuples(
            st.just(rpc), message(METHODS[rpc][1].input_type, BASE[rpc], 3), headers
        )
    )


@pytest.fixture(scope="module")
def worlds(api: Api) -> list[World]:
    """The world to send to, alone in a list: it is replaced when a call has ended it."""
    return [make_world(api)]


def send(worlds: list[World], api: Api, call: Call, caller: str) -> None:
    """A request is answered, or refused with a reason: never INTERNAL, UNKNOWN or UNAVAILABLE."""
    rpc, fields, headers = call
    request = worlds[0].build(rpc, fields)
    try:
        worlds[0].send(rpc, request, caller, metadata=headers)
    except grpc.RpcError as error:
        refusal = failure_of(error)
        assert refusal.code in REFUSALS, refusal
        assert refusal.reason != "INTERNAL"
    else:
        if rpc in ENDING:
            worlds[0] = make_world(api)


CALLERS = st.sampled_from(["ana", "ana", "ana", "editor", "viewer", "stranger"])


@settings(max_examples=25)
@given(call=calls(), caller=CALLERS)
def test_some_requests_are_no_fault_of_ours(
    api: Api, worlds: list[World], call: Call, caller: str
) -> None:
    """The quick part of the next test."""
    send(worlds, api, call, caller)


@pytest.mark.slow
@settings(max_examples=400)
@given(call=calls(), caller=CALLERS)
def test_no_request_is_a_fault_of_ours(
    api: Api, worlds: list[World], call: Call, caller: str
) -> None:
    """Whatever is sent, the answer is one of the API."""
    send(worlds, api, call, caller)
