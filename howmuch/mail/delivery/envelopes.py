"""Mails to send: the claimed row, the letter with its envelope, the links, and the reason to send nothing."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from howmuch.mail.letters import Letter
from howmuch.telemetry.origin import Origin


class Skip(Exception):
    """A mail is no longer wanted; the text says why."""


@dataclass(frozen=True, slots=True)
class Links:
    """The URLs of links in mails, with `{token}` in them. Empty means no link.

    event, event_settings, expense, explain: with `{event_id}`, `{expense_id}` and `{member_id}` in them.
    settings: of the user. join_command: the command to join, with `{token}`; empty means no command.
    """

    invitation: str
    verify: str
    reset: str
    change_email: str
    undo_email: str
    unsubscribe: str
    join_command: str = ""
    event: str = ""
    event_settings: str = ""
    expense: str = ""
    explain: str = ""
    settings: str = ""
    log_in: str = ""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row of `deliveries` that this worker sends now.

    email: the recipient. None means the address of the user or of the invitation.
    """

    id: str
    kind: str
    user_id: str | None
    slot: str
    token: str | None
    create_time: dt.datetime
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A letter with its envelope. event_id: of its thread. origins: of the changes in it.

    Empty means no thread, no unsubscribe URL, or that the message of the mail names the origin.
    """

    claimed: Claimed
    recipient: str
    date: dt.datetime
    letter: Letter
    event_id: str = ""
    unsubscribe_url: str = ""
    origins: Sequence[Origin] = ()


def link_to(template: str, token: str) -> str:
    return template.replace("{token}", token)
