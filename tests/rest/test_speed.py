"""With and without what exists only for speed, the same calls get the same answers, errors included."""

import re
from typing import Any

import pytest

from howmuch.config.speed import SpeedSettings
from howmuch.storage.database import Database
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from tests import speed
from tests.databases import recorded_statements
from tests.rest.client import Rest
from tests.rest.serving import serving
from tests.rest.steps import Json, expense, new_event
from tests.service.api import Api

ID = re.compile(r"\b(?:usr|ses|evt|mbr|inv|exp)_[0-9a-z]{26}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z|(?:seconds|nanos): \d+|[0-9a-f]{32}")
READS = ("", "/balances", "/settlement", "/totals", "/expenses")
MANY = 110


class Transcript:
    """What was answered; ids become numbers in the order of their coming, instants and request ids go."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._numbers: dict[str, int] = {}

    def add(self, text: str) -> None:
        def number(found: re.Match[str]) -> str:
            place = self._numbers.setdefault(found[0], len(self._numbers))
            return f"{found[0][:3]}_{place}"

        self.lines.append(INSTANT.sub("INSTANT", ID.sub(number, text)))


def drafts(mine: str, bo: str, *more: str) -> list[Json]:
    """Expenses of every kind, and wrong ones. Amounts divide evenly: ids decide who gets a cent."""
    return [
        expense(mine, "12.00", mine, bo),
        expense(bo, "9.00", mine, bo, *more[:1], category="Food", notes="ä"),
        expense(mine, "6.00", split={"weights": {"parts": [{"memberId": mine}, {"memberId": bo}]}}),
        expense(mine, "4.00", bo, kind="EXPENSE_KIND_TRANSFER", reason="Settled"),
        expense(mine, "8.00", mine, bo, currencyCode="USD"),
        expense(mine, "1.005", mine),
        expense(mine, "1.00", "mbr_00000000000000000000000000"),
        expense(mine, "1.00", mine, date="2026-02-30"),
        expense(mine, "1.00", mine, reason=""),
        # All members, and so many that they are no small write.
        expense(mine, "11.10", split={}),
        expense(mine, "220.00", *more),
    ]


def told(api: Api, rest: Rest) -> list[str]:
    """Adds by an owner and an editor, and all reads twice, over REST and over gRPC."""
    script = Transcript()
    ana, bo = api.person("Ana"), api.person("Bo")
    owner, editor = rest.signed_in(ana.token), rest.signed_in(bo.token)
    path, (mine,) = new_event(owner)
    event_id = path.rpartition("/")[2]
    guests = [ana.guest(event_id, str(number)).id for number in range(MANY)]
    with_bo = bo.join(ana, event_id, member_id=guests[0]).member_id

    def say(answer: Any) -> None:
        script.add(f"{answer.status} {answer.body.decode()}")

    def say_changes() -> None:
        """What was written, after the members were added."""
        say(owner.get(f"{path}/changes", sinceRevision=MANY + 3, pageSize=500))

    def read() -> None:
        for _ in range(2):
            for what in READS:
                say(owner.get(path + what))
            script.add(str(ana.events.GetBalances(es.GetBalancesRequest(event_id=event_id))))
            script.add(str(ana.expenses.ListExpenses(xs.ListExpensesRequest(event_id=event_id))))

    for number, draft in enumerate(drafts(mine, with_bo, *guests)):
        body = {**draft, "date": draft["date"].replace("22", f"{number + 10}")}
        say(owner.post(f"{path}/expenses", body))
        for same in (body, body, {**body, "reason": "Another"}):
            say(editor.post(f"{path}/expenses", same, {"idempotency-key": f"k{number}"}))
        if number in (0, 4):
            read()
    say(rest.post(f"{path}/expenses", expense(mine, "1.00", mine)))
    say(owner.post(f"{path}:archive", {}))
    say(editor.post(f"{path}/expenses", expense(mine, "1.00", mine)))
    say_changes()
    return script.lines


@pytest.mark.fast_path
def test_answers_are_the_same_with_everything_off(database: Database) -> None:
    """Answers of writes and reads, errors, and what history has of it."""
    with serving(database, switches=SpeedSettings()) as (api, rest):
        expected = told(api, rest)
    with serving(database, switches=speed.OFF) as (api, rest):
        assert told(api, rest) == expected
    assert sum(line.startswith("200") for line in expected) > 40
    assert sum(line.startswith("4") for line in expected) > 20


def test_off_is_off(postgres_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """No write by the one statement, no answer from a cache, no call without gRPC."""
    monkeypatch.delattr("howmuch.gateway.upstream.in_process_method")
    with serving(postgres_database, switches=speed.OFF) as (api, rest):
        ana = api.person("Ana")
        event = ana.event()
        with recorded_statements(api.database.engine) as statements:
            for _ in range(2):
                ana.spend(event.id, event.member_id, "1.00", event.member_id)
        assert not any(each.startswith("WITH seen") for each in statements)
        counts = []
        for _ in range(2):
            with recorded_statements(api.database.engine) as statements:
                rest.signed_in(ana.token).get(f"/v1/events/{event.id}/expenses")
            counts.append(len(statements))
        assert counts == [4, 4]
