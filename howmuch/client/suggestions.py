"""Names for shell completion."""

import functools
from typing import Literal

from howmuch.client.client_errors import ClientError
from howmuch.client.events import Roster, find_event, list_events
from howmuch.client.expenses import list_expenses
from howmuch.client.session import Session, signed_in
from howmuch.client.views.output import clean

What = Literal["event", "member", "expense"]

TIMEOUT_SECONDS = 2.0
_NEWEST = 50


def suggest(
    what: What, incomplete: str, address: str | None, wanted_event: str | None
) -> list[str]:
    """Return names that start with `incomplete`, in any case; none if no server answers in two seconds.

    address, wanted_event: as in commands. Members before the last comma stay.
    """
    before, comma, begun = incomplete.rpartition(",") if what == "member" else ("", "", incomplete)
    try:
        with signed_in(address) as session:
            session.read = functools.partial(session.read, timeout_seconds=TIMEOUT_SECONDS)
            names = _names(session, what, wanted_event)
    except ClientError:
        return []
    return [
        f"{before}{comma}{name}"
        for name in dict.fromkeys(names)
        if name.casefold().startswith(begun.casefold()) and clean(name) == name
    ]


def _names(session: Session, what: What, wanted_event: str | None) -> list[str]:
    if what == "event":
        return [event.name for event in list_events(session).events]
    event = find_event(session, wanted_event)
    if what == "member":
        roster = Roster(session, event)
        return [roster.name(member_id) for member_id in roster.active_ids]
    return [expense.reason for expense in list_expenses(session, event.id, _NEWEST).expenses]
