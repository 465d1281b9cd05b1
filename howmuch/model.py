"""The records that use cases take and give: plain, frozen, without a row or a message in them.

Instants are UTC, amounts integers of minor units of the currency beside them.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, NamedTuple

from pydantic import Field, PlainSerializer, PlainValidator, SkipValidation

from howmuch.ledger.shares import Kind, Share
from howmuch.ledger.split import Split, split_from_json, split_to_json
from howmuch.weights import Weight

# Lengths of texts, in Unicode characters.
REASON_LENGTH = 1_000
CATEGORY_LENGTH = 100
TEXT_LENGTH = 10_000


class Role(IntEnum):
    """The permissions of a member; a larger role includes the smaller ones."""

    VIEWER = 1
    EDITOR = 2
    OWNER = 3


@dataclass(frozen=True, slots=True)
class User:
    """A person with an account. version counts the writes of the account. pending_email: to be confirmed."""

    id: str
    email: str
    email_verified: bool
    name: str
    locale: str
    time_zone: str
    currency_code: str
    mail_mode: str
    version: int
    create_time: dt.datetime
    update_time: dt.datetime
    pending_email: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """One place where a user is logged in."""

    id: str
    client: str
    create_time: dt.datetime
    expire_time: dt.datetime


@dataclass(frozen=True, slots=True)
class Event:
    """The shared occasion. revision counts all writes in it, version those of its own fields.

    default_split: of expenses without one; None means by the usual weights of the active members.
    """

    id: str
    name: str
    description: str
    currency_code: str
    revision: int
    version: int
    create_time: dt.datetime
    update_time: dt.datetime
    archive_time: dt.datetime | None
    delete_time: dt.datetime | None
    time_zone: str = "UTC"
    default_split: Annotated[
        Split | None,
        PlainSerializer(lambda split: split and split_to_json(split)),
        PlainValidator(lambda stored: stored and split_from_json(stored)),
    ] = None


@dataclass(frozen=True, slots=True)
class Member:
    """A person in an event.

    own_name: the name given in this event; None means the user's name. user_id: None means a guest. barred:
    no invitation lets the user in. mail_only_mine: mail about expenses is only about those they are part of.
    aliases: names of the guests that the user has taken over, the latest last. colour: `#rrggbb`; empty means
    the default.
    """

    id: str
    event_id: str
    name: str
    own_name: str | None
    user_id: str | None
    role: Role
    weight: Weight
    active: bool
    muted: bool
    create_time: dt.datetime
    barred: bool = False
    mail_only_mine: bool = False
    aliases: tuple[str, ...] = ()
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link by which people join an event. token, email: empty in history."""

    id: str
    event_id: str
    token: str
    role: Role
    member_id: str | None
    email: str
    max_uses: int
    use_count: int
    inviter_user_id: str
    create_time: dt.datetime
    expire_time: dt.datetime
    revoke_time: dt.datetime | None


@dataclass(frozen=True, slots=True)
class TextRule:
    """At most `length` characters. lines: with line breaks. required: not empty; of one line only."""

    length: int
    required: bool = False
    lines: bool = False


class Payment(NamedTuple):
    """The amount that one member paid, in minor units."""

    member_id: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Draft:
    """The fields of an expense that people set. An optional field has a default, which older history lacks.

    payments: not stored, since the shares say the same; those of an expense are sorted by member id.
    """

    kind: Kind
    reason: Annotated[str, TextRule(REASON_LENGTH, required=True)]
    date: dt.date
    category: Annotated[str, TextRule(CATEGORY_LENGTH)]
    notes: Annotated[str, TextRule(TEXT_LENGTH, lines=True)]
    currency_code: str
    amount_minor: int
    payments: Annotated[tuple[Payment, ...], Field(exclude=True), SkipValidation]
    split: Annotated[Split, PlainSerializer(split_to_json), PlainValidator(split_from_json)]


@dataclass(frozen=True, slots=True)
class Expense:
    """One entry of an event: a draft, and the fields that the server adds.

    shares: sorted by member id; version counts its writes from 1. settlement_revision, settlement_index: the
    plan that a TRANSFER pays, and its place in it; None means that it pays no plan.
    """

    id: str
    event_id: str
    draft: Draft
    shares: tuple[Share, ...]
    version: int
    creator_member_id: str
    create_time: dt.datetime
    update_time: dt.datetime
    delete_time: dt.datetime | None
    settlement_revision: int | None = None
    settlement_index: int | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of a member on an expense. expense_reason: of the expense, so that history can tell it."""

    id: str
    event_id: str
    expense_id: str
    expense_reason: str
    author_member_id: str
    text: str
    create_time: dt.datetime
    delete_time: dt.datetime | None


def payments_of(shares: Iterable[Share]) -> tuple[Payment, ...]:
    """The payments that shares say, in their order."""
    return tuple(Payment(share.member_id, share.paid_minor) for share in shares if share.paid_minor)


@dataclass(frozen=True, slots=True)
class Membership:
    """The caller's membership in the event that the request names. needed: role that the method asks for."""

    event: Event
    member_id: str
    role: Role
    needed: Role


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller. expire_time: of the session. membership: None means that the method declares no role."""

    user_id: str
    session_id: str
    expire_time: dt.datetime
    membership: Membership | None = None
    session_create_time: dt.datetime | None = None

    @property
    def in_event(self) -> Membership:
        """The membership, in methods that declare a role."""
        if self.membership is None:
            raise AssertionError("this method declares no role in an event")
        return self.membership


def etag(version: int) -> str:
    """The etag of a version: opaque to clients."""
    return f"v{version}"
