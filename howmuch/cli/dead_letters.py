"""`howmuch mail dead`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from howmuch.cli.options import broker_options, database_errors, load_settings

if TYPE_CHECKING:
    from howmuch.messaging.broker import DeadLetter, DeadLetters

_IDS = click.argument("ids", nargs=-1, required=True, metavar="ID...")


@click.group()
def dead() -> None:
    """Manage dead letters.

    A dead letter is a message that a mail server refused, or that failed for about a day. ID is the
    first column of `list`; `all` means every dead letter.
    """


@dead.command("list")
@broker_options
def list_(config_file: Path | None, **flags: str | None) -> None:
    """List dead letters, oldest first.

    The columns are id, time, attempts, kind of message and error.
    """
    with _opened(config_file, flags) as letters:
        found = letters.read()
    for letter in found:
        time = f"{letter.dead_time:%Y-%m-%d %H:%M:%S}Z"
        message = letter.message
        click.echo(
            f"{letter.id}  {time}  {message.attempts} attempts  {message.routing_key}  {letter.error}"
        )
    if not found:
        click.echo("There are no dead letters.", err=True)


@dead.command()
@_IDS
@broker_options
def show(ids: Sequence[str], config_file: Path | None, **flags: str | None) -> None:
    """Print dead letters as JSON."""
    import json

    from howmuch.messaging.messages import to_payload

    with _opened(config_file, flags) as letters:
        for letter in _named(letters, ids):
            message = letter.message
            click.echo(
                json.dumps(
                    {
                        "id": letter.id,
                        "routing_key": message.routing_key,
                        "attempts": message.attempts,
                        "error": letter.error,
                        "dead_time": letter.dead_time.isoformat(),
                        "payload": to_payload(message),
                    },
                    ensure_ascii=False,
                    indent=2,
                )
            )


@dead.command()
@_IDS
@broker_options
def retry(ids: Sequence[str], config_file: Path | None, **flags: str | None) -> None:
    """Queue dead letters again, as new messages."""
    _end(config_file, flags, ids, lambda letters, named: letters.retry(named), "queued again")


@dead.command()
@_IDS
@broker_options
def drop(ids: Sequence[str], config_file: Path | None, **flags: str | None) -> None:
    """Delete dead letters permanently."""
    _end(config_file, flags, ids, lambda letters, named: letters.drop(named), "dropped")


def _end(
    config_file: Path | None,
    flags: dict[str, str | None],
    ids: Sequence[str],
    end: "Callable[[DeadLetters, Sequence[str]], int]",
    done: str,
) -> None:
    with _opened(config_file, flags) as letters:
        named = [letter.id for letter in _named(letters, ids)]
        click.echo(f"{end(letters, named)} {done}")


def _named(letters: "DeadLetters", ids: Sequence[str]) -> "list[DeadLetter]":
    """Return the dead letters with these ids. Raises ClickException for an unknown id."""
    found = letters.read()
    if "all" in ids:
        return found
    known = {letter.id for letter in found}
    for given in ids:
        if given not in known:
            raise click.ClickException(
                f"there is no dead letter {given!r}; see `howmuch mail dead list`"
            )
    return [letter for letter in found if letter.id in ids]


@contextmanager
def _opened(config_file: Path | None, flags: dict[str, str | None]) -> "Iterator[DeadLetters]":
    settings = load_settings(config_file, **flags).settings
    from howmuch.app import dead_letters
    from howmuch.messaging.broker import BrokerDown

    try:
        with database_errors(settings), dead_letters(settings) as letters:
            yield letters
    except BrokerDown as error:
        raise click.ClickException(str(error)) from None
