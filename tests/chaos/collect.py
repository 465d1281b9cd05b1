"""Reads the evidence after a campaign: from the tables, the servers and the mail server."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from howmuch.storage import tables
from howmuch.storage.database import Database
from howmuch.v1 import event_service_pb2 as es
from tests.chaos.checks.notices import TOLD
from tests.chaos.evidence import Balances, Change, Mail, Notice, Shares
from tests.chaos.places import Place
from tests.chaos.ways import Way
from tests.cli.program import howmuch
from tests.mail_delivery.sink import Sink

MARKED = {
    "EXPENSE_CREATED": "reason",
    "EXPENSE_UPDATED": "reason",
    "MEMBER_ADDED": "name",
    "MEMBER_UPDATED": "name",
    "EVENT_UPDATED": "name",
}
"""Kind of a change to the field that has the text of the call."""
MARKER = re.compile(r"\b[wv]\d+[a-z]*n\d{5}(?:b\d+)?\b")


def history(connection: Connection, event_id: str) -> list[Change]:
    """The rows as they are stored, without the program's own reading of them."""
    changes = tables.changes
    rows = connection.execute(
        select(changes).where(changes.c.event_id == event_id).order_by(changes.c.revision)
    )
    return [_change(row) for row in rows.mappings()]


def _change(row: RowMapping) -> Change:
    kind, after = row["kind"], row["after"] or {}
    state = after or row["before"] or {}
    is_expense = kind.startswith("EXPENSE")
    return Change(
        event_id=row["event_id"],
        revision=row["revision"],
        kind=kind,
        actor_id=row["actor_user_id"],
        subject_id=row["subject_id"],
        version=after["version"] if is_expense else 0,
        marker=after[MARKED[kind]] if kind in MARKED else "",
        user_id=(state.get("user_id") or "") if kind.startswith("MEMBER") else "",
        shares=_shares(after) if is_expense else None,
    )


def _shares(after: Mapping[str, Any]) -> Shares:
    shares = after["shares"]
    return Shares(
        currency_code=after["currency_code"],
        kind=after["kind"],
        paid={each["member_id"]: each["paid_minor"] for each in shares if each["paid_minor"]},
        owed={each["member_id"]: each["owed_minor"] for each in shares if each["owed_minor"]},
        deleted=bool(after.get("delete_time")),
    )


def revisions(connection: Connection, places: Sequence[Place]) -> dict[str, int]:
    """Event to its revision."""
    events = tables.events
    wanted = [place.event_id for place in places]
    rows = connection.execute(select(events.c.id, events.c.revision).where(events.c.id.in_(wanted)))
    return {row.id: row.revision for row in rows}


def notices(connection: Connection) -> list[Notice]:
    """All of them, each with its mail."""
    rows = tables.notices.join(
        tables.deliveries, tables.deliveries.c.id == tables.notices.c.delivery_id
    )
    found = connection.execute(
        select(
            tables.notices.c.event_id,
            tables.notices.c.revision,
            tables.notices.c.user_id,
            tables.deliveries.c.id,
            tables.deliveries.c.state,
        ).select_from(rows)
    )
    return [Notice(*row) for row in found]


def told(database: Database, readers: Collection[str], first: Mapping[str, int]) -> bool:
    """Whether each change that is to be told has a notice for each reader but its author."""
    changes, kept = tables.changes, tables.notices
    with database.read() as connection:
        rows = connection.execute(
            select(changes.c.event_id, changes.c.revision, changes.c.actor_user_id).where(
                changes.c.event_id.in_(list(first)), changes.c.kind.in_(sorted(TOLD))
            )
        )
        wanted = sum(
            len(readers) - (row.actor_user_id in readers)
            for row in rows
            if row.revision > first[row.event_id]
        )
        counts = connection.execute(
            select(kept.c.event_id, kept.c.revision, func.count())
            .where(kept.c.user_id.in_(list(readers)))
            .group_by(kept.c.event_id, kept.c.revision)
        ).all()
    found: int = sum(row[2] for row in counts if row[1] > first[row[0]])
    return found >= wanted


def mails(sink: Sink, users: Mapping[str, str]) -> list[Mail]:
    """The mails that came, each once. users: address to user."""
    times: Counter[tuple[str, str]] = Counter()
    markers: dict[tuple[str, str], set[str]] = {}
    for recipient, mail in sink.mails():
        message_id = str(mail["message-id"]).strip("<>").partition("@")[0]
        key = (message_id, users.get(recipient, recipient))
        body = mail.get_body(("plain",))
        assert body is not None
        times[key] += 1
        markers.setdefault(key, set()).update(MARKER.findall(body.get_content()))
    return [Mail(*key, frozenset(markers[key]), count) for key, count in times.items()]


def balances(way: Way, source: str, place: Place) -> Balances | None:
    """What a server says. None means that it does not answer."""
    request = es.GetBalancesRequest(event_id=place.event_id)
    answer = way.call("GetBalances", request, place.owner.token)
    if not answer.message:
        return None
    nets: dict[tuple[str, str], tuple[int, int, int]] = {}
    debts: dict[tuple[str, str, str], int] = {}
    for currency in answer.message.currencies:
        code = currency.currency_code
        for each in currency.members:
            values = (_minor(each.paid), _minor(each.owed), _minor(each.transferred))
            if any(values):
                nets[code, each.member_id] = values
        for debt in currency.debts:
            debts[code, debt.from_member_id, debt.to_member_id] = _minor(debt.amount)
    return Balances(source, place.event_id, nets, debts)


def _minor(amount: str) -> int:
    """The campaign has euros alone."""
    return int(Decimal(amount) * 100)


def differences(database_url: str) -> list[str]:
    """What `howmuch check` finds."""
    done = howmuch("check", "--database-url", database_url)
    return done.stdout.splitlines() if done.returncode else []


def dead_letters(database_url: str, broker_url: str) -> list[str]:
    """What `howmuch mail dead list` prints, without a line for none."""
    where = ("--broker-url", broker_url) if broker_url else ("--database-url", database_url)
    done = howmuch("mail", "dead", "list", *where)
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line.strip()]
