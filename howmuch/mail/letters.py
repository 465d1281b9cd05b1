"""What a mail is about, before it has words: one record for each sort of letter.

`howmuch.mail.render` turns a letter into subject, text and HTML in the reader's language.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from howmuch.model import Role
from howmuch.usecases.history import Change


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads it. locale: BCP 47 (`fr-CH`); time_zone: IANA. What is unknown falls back to English, UTC."""

    name: str
    locale: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Balance:
    """Where the reader stands in one currency: positive is owed to them, negative they owe."""

    currency_code: str
    net_minor: int


@dataclass(frozen=True, slots=True)
class EventNews:
    """What happened in one event, for one reader.

    changes: oldest first. names: member id to name, of whoever the changes name; an id that is not
    in it is "somebody". balances: where the reader stands after the changes; empty: settled up.
    left_out: how many further changes there were that are not listed.
    """

    event_id: str
    event_name: str
    changes: Sequence[Change]
    names: Mapping[str, str]
    reader_member_id: str
    balances: Sequence[Balance]
    left_out: int = 0

    @property
    def count(self) -> int:
        """How many changes there were, listed or not."""
        return len(self.changes) + self.left_out


@dataclass(frozen=True, slots=True)
class ChangesLetter:
    """Changes to one event. unsubscribe_link: where mail about it can be stopped; empty: nowhere."""

    reader: Reader
    news: EventNews
    unsubscribe_link: str = ""


@dataclass(frozen=True, slots=True)
class DigestLetter:
    """All that happened in a day, event by event. date: the day in the reader's time zone."""

    reader: Reader
    news: Sequence[EventNews]
    date: dt.date
    unsubscribe_link: str = ""


@dataclass(frozen=True, slots=True)
class InvitationLetter:
    """Somebody invites the reader, who need have no account, to an event. expire_time: of the link."""

    locale: str
    inviter_name: str
    event_name: str
    role: Role
    expire_time: dt.datetime
    link: str
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class VerifyLetter:
    """The link that shows that an address is its owner's."""

    reader: Reader
    link: str
    expire_time: dt.datetime


@dataclass(frozen=True, slots=True)
class ResetLetter:
    """The link that lets a forgotten password be replaced."""

    reader: Reader
    link: str
    expire_time: dt.datetime


@dataclass(frozen=True, slots=True)
class PasswordChangedLetter:
    """Word that the password was changed, in case it was not the reader who did it."""

    reader: Reader
    time: dt.datetime


Letter = (
    ChangesLetter
    | DigestLetter
    | InvitationLetter
    | VerifyLetter
    | ResetLetter
    | PasswordChangedLetter
)
