"""`python -m tests.chaos`: a fault campaign for as long as asked."""

import os
import random
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import click

from tests import services
from tests.chaos.campaign import Campaign
from tests.chaos.checker import check
from tests.chaos.report import summary
from tests.chaos.world import World, on_postgres, on_sqlite

NEIGHBOURS = {"PostgreSQL", "Redis", "RabbitMQ"}


@click.command()
@click.option("--minutes", default=5.0, show_default=True, help="Start faults for so many minutes.")
@click.option(
    "--seed", type=int, help="Choose the same calls and faults again. Default: a new one."
)
@click.option(
    "--database",
    type=click.Choice(["postgresql", "sqlite"]),
    default="postgresql",
    show_default=True,
    help="Run on this database.",
)
@click.option(
    "--broker/--no-broker",
    default=True,
    show_default=True,
    help="Run with RabbitMQ. SQLite runs without it always.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="TEXT",
    help="Run only faults with this text in their names, such as Redis. May be repeated.",
)
@click.option(
    "--directory",
    type=click.Path(path_type=Path),
    default=Path("build/chaos"),
    show_default=True,
    help="Write journal, logs and violations into a new directory in this one.",
)
def main(
    minutes: float,
    seed: int | None,
    database: str,
    broker: bool,
    only: tuple[str, ...],
    directory: Path,
) -> None:
    """Disturb howmuch under load, and check that nothing is lost, doubled or wrong.

    Exits with 1 if a rule is violated.
    """
    seed = random.SystemRandom().randrange(1_000_000) if seed is None else seed
    directory = directory.absolute() / f"{database}-{seed}-{int(time.time())}"
    directory.mkdir(parents=True)
    click.echo(f"seed {seed}, {database}, {minutes:g} minutes; files in {directory}")
    with ExitStack() as stack:
        world = _world(stack, database, directory, broker=broker)
        names = [fault.name for fault in (*world.faults, world.lock(""))]
        if only and not any(text in name for text in only for name in names):
            raise click.UsageError(f"no fault has {' or '.join(only)} in its name: {names}")
        end = time.monotonic() + 60 * minutes
        campaign = Campaign(world, seed, lambda _: time.monotonic() > end, click.echo, only)
        evidence = campaign.run()
        violations = check(evidence)
    campaign.journal.write(directory / "journal.jsonl")
    (directory / "violations.txt").write_text("".join(f"{each}\n" for each in violations))
    text = summary(campaign, evidence, violations)
    (directory / "summary.txt").write_text(text + "\n")
    click.echo(text)
    sys.exit(bool(violations))


def _world(stack: ExitStack, database: str, directory: Path, *, broker: bool) -> World:
    if database == "sqlite":
        return stack.enter_context(on_sqlite(directory))
    missing = services.provide(stack, NEIGHBOURS if broker else NEIGHBOURS - {"RabbitMQ"})
    if missing:
        raise click.ClickException(f"not to be had: {missing}")
    rabbitmq_url = os.environ["TEST_RABBITMQ_URL"] if broker else ""
    postgres_url = os.environ["TEST_POSTGRES_URL"]
    return stack.enter_context(on_postgres(postgres_url, rabbitmq_url, directory))


if __name__ == "__main__":
    main()
