"""The fault campaign in small: the program is killed, frozen and cut off under load, and loses nothing.

`make chaos` runs the same for as long as asked.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.campaign import Campaign
from tests.chaos.checker import check
from tests.chaos.report import summary
from tests.chaos.world import World, on_postgres, on_sqlite
from tests.contract.summary import PROPERTY

pytestmark = [pytest.mark.killed, pytest.mark.timeout(600)]

SEED = int(os.environ.get("TEST_CHAOS_SEED") or 12)
FAULTS = int(os.environ.get("TEST_CHAOS_FAULTS") or 16)
"""With the calls between them, about 30 s."""
LEAST_CALLS = 200
Record = Callable[[str, object], None]


def run(world: World, directory: Path, record: Record) -> None:
    """A campaign of so many faults; its journal and the logs of the programs stay in the directory."""
    lines: list[str] = []
    campaign = Campaign(world, SEED, lambda faults: faults >= FAULTS, lines.append)
    evidence = campaign.run()
    campaign.journal.write(directory / "journal.jsonl")
    violations = check(evidence)
    database = world.database_url.partition(":")[0]
    record(
        PROPERTY,
        f"fault campaign on {database}, seed {SEED}: {campaign.faults.total()} faults,"
        f" {len(evidence.calls)} calls, {len(evidence.changes())} changes,"
        f" {len(evidence.mails)} mails, {len(violations)} violations",
    )
    told = "\n".join([f"seed {SEED}", *lines, summary(campaign, evidence, violations)])
    assert violations == [], told
    # Otherwise the checker had nothing to look at.
    assert campaign.faults.total() == FAULTS, told
    assert sum(call.acknowledged for call in evidence.calls) >= LEAST_CALLS, told
    assert any(call.ends for call in evidence.calls), told
    assert evidence.mails, told


def test_campaign_on_postgresql_loses_nothing(
    postgres_server_url: str,
    redis_url: str,
    rabbitmq_url: str,
    tmp_path: Path,
    record_property: Record,
) -> None:
    """`serve`, `run`, `worker`, Redis and RabbitMQ: nothing that was acknowledged is lost or doubled."""
    with on_postgres(postgres_server_url, rabbitmq_url, tmp_path) as world:
        run(world, tmp_path, record_property)


def test_campaign_on_sqlite_loses_nothing(tmp_path: Path, record_property: Record) -> None:
    """`run` alone: nothing that was acknowledged is lost or doubled."""
    with on_sqlite(tmp_path) as world:
        run(world, tmp_path, record_property)
