"""`howmuch db`."""

from pathlib import Path

import click

from howmuch.cli.options import database_errors, database_options, database_url, load_settings


@click.group()
def db() -> None:
    """Manage the tables of the database."""


@db.command()
@database_options
def upgrade(config_file: Path | None, **flags: str | None) -> None:
    """Run the pending migrations.

    Keeps all data. Does nothing if the database is up to date.
    """
    settings = load_settings(config_file, **flags).settings
    from howmuch.app import make_data_dir
    from howmuch.storage import migrate

    url = database_url(settings)
    with database_errors(settings):
        make_data_dir(url, settings.data_dir)
        before = migrate.current(url)
        migrate.upgrade(url)
        after = migrate.current(url)
    click.echo(
        f"up to date at {after}" if before == after else f"upgraded {before or 'empty'} to {after}"
    )


@db.command()
@database_options
def current(config_file: Path | None, **flags: str | None) -> None:
    """Print the revision of the database.

    Prints `empty` if it has no tables.
    """
    settings = load_settings(config_file, **flags).settings
    from howmuch.storage import migrate

    with database_errors(settings):
        click.echo(migrate.current(database_url(settings)) or "empty")


@db.command()
@database_options
def check(config_file: Path | None, **flags: str | None) -> None:
    """Check whether migrations are pending.

    Exits with 1 if any migration is pending, with 0 otherwise.
    """
    settings = load_settings(config_file, **flags).settings
    from howmuch.storage import migrate

    with database_errors(settings):
        pending = migrate.pending(database_url(settings))
        at = migrate.current(database_url(settings))
    if pending:
        raise click.ClickException(
            f"migrations pending: {', '.join(pending)}; run `howmuch db upgrade`"
        )
    click.echo(f"up to date at {at}")
