"""The data of a mail, before it has words: one record for each kind of letter.

`howmuch.mail.render` turns a letter into subject, text and HTML in the reader's language.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from howmuch.model import Role
from howmuch.usecases.history import Change


@dataclass(frozen=True, slots=True)
class Reader:
    """name: empty means unknown. locale: BCP 47 (`fr-CH`). time_zone: IANA. Defaults are English and UTC."""

    name: str
    locale: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Balance:
    """The reader's balance in one currency. Positive: others owe the reader. Negative: the reader owes."""

    currency_code: str
    net_minor: int


@dataclass(frozen=True, slots=True)
class EventLinks:
    """Pages of one event. Empty means no link.

    settings: chooses which mails the reader gets. expense: of an expense, with `{expense_id}` in it.
    explain: explains the reader's balances.
    """

    event: str = ""
    settings: str = ""
    expense: str = ""
    explain: str = ""


@dataclass(frozen=True, slots=True)
class EventNews:
    """The changes of one event, for one reader.

    changes: oldest first. names: member id to name; a mail calls other members "somebody". balances: of the
    reader after the changes; empty means settled up. left_out: number of further changes that are not listed.
    is_deleted: whether the event is, so that no page of it opens.
    """

    event_id: str
    event_name: str
    changes: Sequence[Change]
    names: Mapping[str, str]
    reader_member_id: str
    balances: Sequence[Balance]
    left_out: int = 0
    is_deleted: bool = False
    links: EventLinks = EventLinks()

    @property
    def count(self) -> int:
        """How many changes there were, listed or not."""
        return len(self.changes) + self.left_out


@dataclass(frozen=True, slots=True)
class ChangesLetter:
    """Changes to one event. unsubscribe_link: stops mail about it; empty means no link."""

    reader: Reader
    news: EventNews
    unsubscribe_link: str = ""


@dataclass(frozen=True, slots=True)
class DigestLetter:
    """The changes of a day, by event. date: the day in the reader's time zone.

    settings_link: chooses which mails the reader gets of all events. Empty means no link.
    """

    reader: Reader
    news: Sequence[EventNews]
    date: dt.date
    unsubscribe_link: str = ""
    settings_link: str = ""


@dataclass(frozen=True, slots=True)
class InvitationLetter:
    """An invitation to an event. The reader may have no account. expire_time: of the link.

    refuse_link: ends all invitations to the address. command: joins in a terminal. Empty means none.
    """

    reader: Reader
    inviter_name: str
    event_name: str
    role: Role
    expire_time: dt.datetime
    link: str
    refuse_link: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True)
class VerifyLetter:
    """Its address may belong to a stranger, so it has no text of the user who gave it."""

    reader: Reader
    link: str
    expire_time: dt.datetime


@dataclass(frozen=True, slots=True)
class ResetLetter:
    reader: Reader
    link: str
    expire_time: dt.datetime


@dataclass(frozen=True, slots=True)
class PasswordChangedLetter:
    reader: Reader
    time: dt.datetime


@dataclass(frozen=True, slots=True)
class DeletionRequestedLetter:
    """time: of the request. due_time: when the account is deleted, unless its user logs in before.

    log_in_link: empty means no link.
    """

    reader: Reader
    time: dt.datetime
    due_time: dt.datetime
    log_in_link: str = ""


@dataclass(frozen=True, slots=True)
class EmailChangeLetter:
    """To the new address. It may belong to a stranger, so it has no text of the user who gave it."""

    reader: Reader
    link: str
    expire_time: dt.datetime


@dataclass(frozen=True, slots=True)
class EmailChangedLetter:
    """To the former address. link: undoes the change until expire_time."""

    reader: Reader
    time: dt.datetime
    link: str
    expire_time: dt.datetime


@dataclass(frozen=True, slots=True)
class EmailReturnedLetter:
    """To the address that the account has again. link: sets a new password until expire_time."""

    reader: Reader
    time: dt.datetime
    link: str
    expire_time: dt.datetime


@dataclass(frozen=True, slots=True)
class EmailTakenBackLetter:
    """To the address that the account has no longer, because its change was undone.

    log_in_link: empty means no link.
    """

    reader: Reader
    time: dt.datetime
    log_in_link: str = ""


Letter = (
    ChangesLetter
    | DigestLetter
    | InvitationLetter
    | VerifyLetter
    | ResetLetter
    | PasswordChangedLetter
    | DeletionRequestedLetter
    | EmailChangeLetter
    | EmailChangedLetter
    | EmailReturnedLetter
    | EmailTakenBackLetter
)
