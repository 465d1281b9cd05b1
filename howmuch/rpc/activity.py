"""Changes as messages, with their sentence and differences in the language of the caller."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from howmuch.ledger.split import beneficiaries
from howmuch.mail.change_lines import lines_of, sentence
from howmuch.mail.translator import find_translator
from howmuch.mail.wording import Difference, Wording
from howmuch.model import Event, Expense
from howmuch.rpc.call import Call
from howmuch.rpc.convert import change_message
from howmuch.rpc.language import preferred_locale
from howmuch.usecases.history import Change
from howmuch.usecases.member_rows import read_names
from howmuch.v1 import change_pb2

MOST_PARTS = 50
"""How many shares, payers or items that changed are listed, each on its own."""


@dataclass(frozen=True, slots=True)
class ActivityReader:
    """The reader of changes. locale: of the client; empty means that of the account."""

    event_id: str
    member_id: str
    locale: str

    def wording(self, connection: Connection, changes: Iterable[Change]) -> Wording:
        """The words of changes, with the present names of their members. One statement."""
        named = {self.member_id, *members_of(changes)}
        names = read_names(connection, self.event_id, named)
        locale = self.locale or names.locales.get(self.member_id, "")
        return wording_of(locale, names.names)


def wording_of(locale: str, names: Mapping[str, str]) -> Wording:
    """The words for readers of a locale. names: by member id. They call no reader "you"."""
    return Wording(find_translator(locale, "UTC"), names, "", most_parts=MOST_PARTS)


def members_of(changes: Iterable[Change]) -> set[str]:
    """The members that changes may name."""
    return set().union(*map(_members_of, changes))


def _members_of(change: Change) -> set[str]:
    states = (change.before, change.after)
    shares = (share for state in states if isinstance(state, Expense) for share in state.shares)
    defaults = (state.default_split for state in states if isinstance(state, Event))
    in_defaults = (member for split in defaults if split for member in beneficiaries(split))
    sharers = (share.member_id for share in shares)
    return {change.actor_member_id, change.subject_id, *sharers, *in_defaults}


def reader_of(call: Call) -> ActivityReader:
    """The caller, as a reader of the event."""
    mine = call.caller.in_event
    locale = preferred_locale(call.header("accept-language"))
    return ActivityReader(mine.event.id, mine.member_id, locale)


def told_message(wording: Wording, change: Change) -> change_pb2.Change:
    """A change with its words."""
    message = change_message(change)
    message.summary = sentence(wording, change).text
    differences = lines_of(change).differences(wording, change)
    message.differences.extend(map(_difference_message, differences))
    return message


def version_change_message(wording: Wording, change: Change) -> change_pb2.Change:
    """As `told_message`, without the states before and after."""
    message = told_message(wording, change)
    message.ClearField("before")
    message.ClearField("after")
    return message


def _difference_message(difference: Difference) -> change_pb2.FieldChange:
    return change_pb2.FieldChange(
        path=difference.path,
        label=difference.label.text,
        old_value=difference.old.text,
        new_value=difference.new.text,
        member_id=difference.member_id,
    )
