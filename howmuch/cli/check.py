"""`howmuch check`."""

import sys
from pathlib import Path

import click

from howmuch.cli.options import database_errors, database_options, database_url, load_settings

STATEMENT_TIMEOUT_SECONDS = 3600.0


@click.command()
@database_options
def check(config_file: Path | None, **flags: str | None) -> None:
    """Recompute every balance from the expenses, and report differences.

    Reads one snapshot of the whole database and writes nothing. Exits with 0 if there is no
    difference, with 1 otherwise.
    """
    settings = load_settings(config_file, **flags).settings
    from sqlalchemy import func, select

    from howmuch.config import mask_url
    from howmuch.storage import migrate
    from howmuch.storage.database import open_database
    from howmuch.storage.tables import events
    from howmuch.usecases.ledger_check import check_ledger

    with database_errors(settings):
        pending = migrate.pending(database_url(settings))
    if pending:
        raise click.ClickException(
            f"{mask_url(database_url(settings))} lacks the migrations {', '.join(pending)};"
            " run `howmuch db upgrade`"
        )
    database = open_database(
        database_url(settings),
        pool_size=1,
        prepared_statements=settings.database.prepared_statements,
    )
    try:
        with database_errors(settings), database.read(STATEMENT_TIMEOUT_SECONDS) as connection:
            count = connection.execute(select(func.count()).select_from(events)).scalar_one()
            differences = check_ledger(connection)
    finally:
        database.dispose()
    for found in differences:
        click.echo(
            f"{found.event_id}: {found.what}: expected {found.expected}, found {found.actual}"
        )
    total = f"{count} event{'' if count == 1 else 's'}"
    if differences:
        click.echo(f"{len(differences)} differences in {total}")
        sys.exit(1)
    click.echo(f"no difference in {total}")
