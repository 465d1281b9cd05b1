"""`howmuch version`."""

import click


@click.command()
def version() -> None:
    """Print the version."""
    from howmuch import __version__

    click.echo(f"howmuch {__version__}")
