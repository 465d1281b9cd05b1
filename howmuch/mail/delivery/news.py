"""Reads the news of mails: the changes of each event, its names, and the reader's balances."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, bindparam, func, select, tuple_

from howmuch.mail.delivery.concerned import ChangeKey, concerns, members_concerned
from howmuch.mail.letters import Balance, EventNews
from howmuch.storage.tables import NET_MINOR, balances, changes, events, members, notices, users
from howmuch.telemetry.origin import NOWHERE, Origin, from_json
from howmuch.usecases.history import Change, changes_of

MOST_CHANGES = 100
"""How many changes of one event a mail lists; it says how many more there were."""

MOST_ORIGINS = 100
"""How many of the requests that caused a mail are kept."""

_OF_MAILS = notices.c.delivery_id.in_(bindparam("mails", expanding=True))
_NOTICES = (
    select(notices.c.delivery_id, notices.c.event_id, notices.c.revision, notices.c.origin)
    .where(_OF_MAILS)
    .order_by(notices.c.event_id, notices.c.revision)
)
_CHANGES = select(changes).where(
    tuple_(changes.c.event_id, changes.c.revision).in_(
        select(notices.c.event_id, notices.c.revision).where(_OF_MAILS)
    )
)
_OF_EVENTS: Any = bindparam("events", expanding=True)
_MEMBERS = (
    select(
        members.c.event_id,
        members.c.id,
        func.coalesce(members.c.name, users.c.name),
        members.c.user_id,
        members.c.muted,
        members.c.state,
        members.c.mail_only_mine,
    )
    .join_from(members, users, users.c.id == members.c.user_id, isouter=True)
    .where(members.c.event_id.in_(_OF_EVENTS))
)
_EVENTS = select(events.c.id, events.c.name, events.c.delete_time).where(
    events.c.id.in_(_OF_EVENTS)
)
_NETS = (
    select(
        balances.c.member_id,
        balances.c.currency_code,
        NET_MINOR,
    )
    .where(
        balances.c.event_id.in_(_OF_EVENTS),
        balances.c.member_id.in_(bindparam("readers", expanding=True)),
    )
    .order_by(balances.c.currency_code)
)


@dataclass(frozen=True, slots=True)
class News:
    """The news of one mail, by event, without events that the reader muted or left, or wants no mail about.

    origins: the requests that caused it, each once.
    """

    events: list[EventNews] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)


class _Reader(NamedTuple):
    event_id: str
    member_id: str
    user_id: str
    only_mine: bool


def read_news(connection: Connection, user_ids: Mapping[str, str]) -> dict[str, News]:
    """The news of each mail. user_ids: mail to its reader."""
    news = {mail: News() for mail in user_ids}
    if not news:
        return news
    of_mails = {"mails": list(news)}
    revisions: dict[str, dict[str, list[int]]] = {}
    for mail, event_id, revision, origin in connection.execute(_NOTICES, of_mails):
        revisions.setdefault(event_id, {}).setdefault(mail, []).append(revision)
        known, caused_by = news[mail].origins, from_json(origin)
        if len(known) < MOST_ORIGINS and caused_by != NOWHERE and caused_by not in known:
            known.append(caused_by)
    found = _changes_of_mails(connection, list(news))
    of_events = {"events": sorted(revisions)}
    told = {row.id: row for row in connection.execute(_EVENTS, of_events)}
    names: dict[str, dict[str, str]] = {}
    readers: list[_Reader] = []
    of_users = set(user_ids.values())
    for event_id, member_id, name, user_id, muted, state, mine in connection.execute(
        _MEMBERS, of_events
    ):
        names.setdefault(event_id, {})[member_id] = name
        if user_id in of_users and state == "ACTIVE" and not muted:
            readers.append(_Reader(event_id, member_id, user_id, mine))
    choosy = any(reader.only_mine for reader in readers)
    concerned = members_concerned(connection, found if choosy else {})
    nets = _balances_of(connection, readers)
    for event_id, member_id, user_id, only_mine in sorted(readers):
        for mail, noticed in revisions[event_id].items():
            if user_ids[mail] != user_id:
                continue
            if only_mine:
                # The member may have chosen so since the notices were written.
                noticed = [
                    revision
                    for revision in noticed
                    if concerns(concerned, ChangeKey(event_id, revision), member_id)
                ]
            if not noticed:
                continue
            news[mail].events.append(
                EventNews(
                    event_id=event_id,
                    event_name=told[event_id].name,
                    changes=[
                        found[ChangeKey(event_id, revision)] for revision in noticed[:MOST_CHANGES]
                    ],
                    names=names[event_id],
                    reader_member_id=member_id,
                    balances=nets.get(member_id, []),
                    left_out=max(0, len(noticed) - MOST_CHANGES),
                    is_deleted=told[event_id].delete_time is not None,
                )
            )
    return news


def _changes_of_mails(connection: Connection, mails: Sequence[str]) -> dict[ChangeKey, Change]:
    rows: dict[str, list[RowMapping]] = {}
    for row in connection.execute(_CHANGES, {"mails": mails}).mappings():
        rows.setdefault(row["event_id"], []).append(row)
    return {
        ChangeKey(event_id, change.revision): change
        for event_id, of_event in rows.items()
        for change in changes_of(connection, event_id, of_event)
    }


def _balances_of(connection: Connection, readers: Sequence[_Reader]) -> dict[str, list[Balance]]:
    """By member. A member who is settled up has none."""
    nets: dict[str, list[Balance]] = {}
    reading = {
        "events": sorted({reader.event_id for reader in readers}),
        "readers": [reader.member_id for reader in readers],
    }
    for member_id, currency_code, net in connection.execute(_NETS, reading):
        if net:
            nets.setdefault(member_id, []).append(Balance(currency_code, net))
    return nets
