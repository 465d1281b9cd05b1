"""Fields that messages and records have in common."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import pytest

from howmuch.model import Draft, Role, Session
from howmuch.rpc.mapping import message_maker, same_fields, settable_fields
from howmuch.v1 import event_pb2, expense_pb2, user_pb2

NOW = dt.datetime(2026, 7, 14, 19, 42, 1, 250, tzinfo=dt.UTC)
SESSION = Session("ses_1", "Firefox", NOW, NOW)


@dataclass(frozen=True)
class OtherKind:
    """A session whose client is a number."""

    id: str
    client: int
    create_time: dt.datetime
    expire_time: dt.datetime


def test_field_goes_by_its_name_and_instants_are_converted() -> None:
    """A message has the values of the fields with its names."""
    message = message_maker(user_pb2.Session, Session, left_out=("current",))(SESSION)
    assert (message.id, message.client, message.current) == ("ses_1", "Firefox", False)
    assert message.create_time.ToDatetime(dt.UTC) == NOW


def test_none_leaves_a_field_unset() -> None:
    """An instant that there is not is absent from the message."""
    make = message_maker(user_pb2.Session, Session, left_out=("current",))
    absent: Any = None
    assert not make(replace(SESSION, expire_time=absent)).HasField("expire_time")


def test_special_field_is_made_by_its_function() -> None:
    """`special` wins over the field with the name, and can make one that the record lacks."""
    special = {"client": lambda session: session.client.upper(), "current": lambda session: True}
    message = message_maker(user_pb2.Session, Session, special)(SESSION)
    assert (message.client, message.current) == ("FIREFOX", True)


@pytest.mark.parametrize(
    ("record", "field"), [(Session, "Session.current"), (OtherKind, "Session.client")]
)
def test_field_without_a_source_is_refused_when_the_maker_is_made(record: type, field: str) -> None:
    """A field that the record lacks, or has as another kind, is no silent gap."""
    with pytest.raises(TypeError, match=field):
        message_maker(user_pb2.Session, record)


def test_settable_fields_are_those_that_the_server_does_not_set() -> None:
    """As the proto files declare; an etag is for comparing."""
    of_event = ("name", "description", "currency_code", "default_split", "time_zone")
    assert settable_fields(event_pb2.Event) == of_event
    of_member = (
        "name",
        "role",
        "weight",
        "state",
        "muted",
        "barred",
        "weight_decimal",
        "mail_only_mine",
        "colour",
    )
    assert settable_fields(event_pb2.Member) == of_member
    assert "amount" in settable_fields(expense_pb2.Expense)
    assert not {"id", "event_id", "etag"} & set(settable_fields(expense_pb2.Expense))


def test_same_fields_are_scalars_of_one_kind() -> None:
    """A date is a text on the wire and a kind an enum: they are not the same."""
    assert same_fields(expense_pb2.Expense, Draft) == (
        "reason",
        "category",
        "notes",
        "currency_code",
    )


def test_enum_of_a_record_becomes_the_enum_of_the_message() -> None:
    """Roles are converted by their type."""

    @dataclass(frozen=True)
    class Part:
        role: Role
        id: str

    skipped = [
        f.name for f in event_pb2.Invitation.DESCRIPTOR.fields if f.name not in ("role", "id")
    ]
    make = message_maker(event_pb2.Invitation, Part, left_out=skipped)
    assert make(Part(Role.OWNER, "inv_1")).role == event_pb2.ROLE_OWNER
