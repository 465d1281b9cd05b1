"""Writes the rows of events whose debts go round in circles, and of members with usual weights:

    python -m tests.stored.write_money 0008

The name is the last migration of the program that wrote it. Run it once for a program whose rows differ.
"""

import gzip
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from howmuch.storage import migrate
from howmuch.v1 import event_pb2, expense_pb2
from howmuch.v1 import event_service_pb2 as es
from tests.databases import closing_database, new_sqlite_url
from tests.service.api import Api
from tests.service.conftest import serve
from tests.stored.calls import rows_of

TRANSFER = expense_pb2.EXPENSE_KIND_TRANSFER


def fill(api: Api) -> list[dict[str, str]]:
    """An event that its own plan has settled, in a circle, and one that is open: with their owner's token."""
    ana = api.person("Ana")
    events = []
    for name in ("Settled", "Open"):
        event = ana.event(name=name)
        bo, cy = (ana.guest(event.id, n, weight=w).id for n, w in (("Bo", 2), ("Cy", 1)))
        parts = [(event.member_id, 1), (bo, 2), (cy, 1)]
        split = expense_pb2.Split()
        for member_id, weight in parts:
            split.weights.parts.add(member_id=member_id, weight=weight)
        for payer, amount, sharer in ((event.member_id, "10.00", bo), (bo, "10.00", cy)):
            ana.spend(event.id, payer, amount, sharer)
        ana.spend(event.id, event.member_id, "40.00", split=split)
        ana.spend(event.id, bo, "700", cy, currency_code="JPY")
        plans = ana.events.GetSettlement(es.GetSettlementRequest(event_id=event.id)).plans
        for plan in plans:
            for debt in plan.transfers[: None if name == "Settled" else 1]:
                payment = {"kind": TRANSFER, "currency_code": plan.currency_code}
                ana.spend(event.id, debt.from_member_id, debt.amount, debt.to_member_id, **payment)
        member = event_pb2.Member(event_id=event.id, id=cy, weight=3)
        ana.events.UpdateMember(es.UpdateMemberRequest(member=member))
        events.append({"token": ana.token, "event_id": event.id})
    return events


def write(directory: Path) -> dict[str, Any]:
    """The rows of all tables, and the events."""
    with closing_database(new_sqlite_url(directory)) as database:
        events = [event for api in serve(database) for event in fill(api)]
        rows = rows_of(database)
    return {"revision": migrate.head(), "tables": rows, "events": events}


def main() -> None:
    """Writes the file that the command line names."""
    with tempfile.TemporaryDirectory() as directory:
        document = write(Path(directory))
    target = Path(__file__).parent / "money" / f"{sys.argv[1]}.json.gz"
    target.write_bytes(gzip.compress(json.dumps(document).encode(), mtime=0))


if __name__ == "__main__":
    main()
