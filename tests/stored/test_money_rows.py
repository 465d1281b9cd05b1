"""Events of an earlier program: their debts go round in circles, and their members have weights.

`write_money.py` has made the files.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from howmuch.usecases.ledger_check import check_ledger
from howmuch.v1 import event_pb2
from howmuch.v1 import event_service_pb2 as es
from tests.service.api import Api
from tests.stored.test_stored_rows import served

FILES = sorted(Path(__file__).parent.glob("money/*.json.gz"))


class Kept:
    """A server over rows that were kept, and their events by name."""

    def __init__(self, api: Api, noted: list[dict[str, Any]]) -> None:
        self.api = api
        self.owner = api.caller(noted[0]["token"])
        self.ids = dict(zip(("Settled", "Open"), (each["event_id"] for each in noted), strict=True))

    def balances(self, name: str) -> event_pb2.Balances:
        return self.owner.events.GetBalances(es.GetBalancesRequest(event_id=self.ids[name]))


@pytest.fixture(params=FILES, ids=lambda path: path.name.removesuffix(".json.gz"))
def kept(
    request: pytest.FixtureRequest, dialect: str, fresh_database: Callable[..., str]
) -> Iterator[Kept]:
    document = json.loads(gzip.decompress(request.param.read_bytes()))
    # Its messages have been sent; their ids, from a sequence, would be given again.
    rows = document["tables"] | {"outbox": []}
    for api in served(fresh_database(dialect, empty=True), document["revision"], rows):
        yield Kept(api, document["events"])


def test_ledger_of_kept_rows_is_right(kept: Kept) -> None:
    """`howmuch check` finds no difference; debts in a circle are gone, and the others sum to the nets."""
    with kept.api.database.read() as connection:
        assert check_ledger(connection) == []
    settled = kept.balances("Settled")
    assert [m.net for c in settled.currencies for m in c.members if m.net.strip("0.")] == []
    assert [debt for currency in settled.currencies for debt in currency.debts] == []
    euro = kept.balances("Open").currencies[0]
    for member in euro.members:
        owing = sum(float(d.amount) for d in euro.debts if d.from_member_id == member.member_id)
        owed = sum(float(d.amount) for d in euro.debts if d.to_member_id == member.member_id)
        assert float(member.net) == owed - owing


def test_usual_weights_of_kept_rows_count(kept: Kept) -> None:
    """As the members had them then: 1, 2 and, changed last, 3."""
    event_id = kept.ids["Open"]
    me = kept.owner.events.GetEvent(es.GetEventRequest(event_id=event_id)).member_id
    made = kept.owner.spend(event_id, me, "60.00", split=None)
    assert sorted(share.owed for share in made.shares) == ["10.00", "20.00", "30.00"]
