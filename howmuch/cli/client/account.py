"""`howmuch signup`, `login`, `logout` and `whoami`."""

import platform
import sys
from typing import TYPE_CHECKING, Any

import click

from howmuch.cli.client.invocation import (
    JSON,
    SERVER,
    Command,
    Invocation,
    client_command,
    client_errors,
    say,
)
from howmuch.cli.options import client_tls, tls_options

if TYPE_CHECKING:
    from howmuch.client.profiles import Profile

_PASSWORD = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, for scripts."
)


def _account_options(command: Command) -> Command:
    return SERVER(tls_options(_PASSWORD(JSON(command))))


@click.command()
@click.argument("email", required=False)
@click.option("--name", help="Name that others see. Asked for where it is missing.")
@click.option("--currency", default="", metavar="CODE", help="Your currency. Default: EUR.")
@click.option("--locale", default="", metavar="TAG", help="Language of mails: en, fr. Default: en.")
@click.option("--time-zone", default="", metavar="ZONE", help="As Europe/Lisbon. Default: UTC.")
@_account_options
def signup(
    email: str | None,
    name: str | None,
    currency: str,
    locale: str,
    time_zone: str,
    server: str | None,
    password_stdin: bool,
    as_json: bool,
    **tls: Any,
) -> None:
    """Make an account, and log in.

    EMAIL and the password, 10 characters or more, are asked for where they are missing.
    """
    with client_errors():
        profile = _profile(server, tls)
        email = email or _ask("Email", "EMAIL")
        name = name or _ask("Name", "--name")
        password = _password(stdin=password_stdin, twice=True)
        from howmuch.client.session import sign_up

        sign_up(
            profile,
            email=email,
            password=password,
            name=name,
            currency_code=currency.upper(),
            locale=locale,
            time_zone=time_zone,
        )
        _log_in(profile, email, password, as_json=as_json)


@click.command()
@click.argument("email", required=False)
@_account_options
def login(
    email: str | None, server: str | None, password_stdin: bool, as_json: bool, **tls: Any
) -> None:
    """Log in to a server, which commands call from then on.

    EMAIL and the password are asked for where they are missing. The session is kept in
    ~/.config/howmuch/client.json, which only you can read; $XDG_CONFIG_HOME moves it.
    """
    with client_errors():
        profile = _profile(server, tls)
        email = email or _ask("Email", "EMAIL")
        _log_in(profile, email, _password(stdin=password_stdin, twice=False), as_json=as_json)


@click.command()
@client_command
def logout(at: Invocation) -> None:
    """End the session, here and on the server."""
    from howmuch.client.session import log_out

    log_out(at.session)
    at.done(f"Logged out of {at.session.profile.address}.")


@click.command()
@client_command
def whoami(at: Invocation) -> None:
    """Show who is logged in, and what they owe and are owed."""
    from howmuch.client import ledger
    from howmuch.client.views.accounts import account

    user = ledger.me(at.session)
    at.output.show(user, *account(user, ledger.my_balances(at.session), at.session.profile))


def _profile(server: str | None, tls: dict[str, Any]) -> "Profile":
    """How to reach a server: by these flags, or else as it was reached the last time."""
    from dataclasses import replace

    from howmuch.client.profiles import read_profiles

    known = read_profiles().of(server)
    files = client_tls(**tls)
    if files is None:
        return known
    paths = {
        name: str(path.expanduser().absolute()) if path else ""
        for name, path in (
            ("ca", files.ca),
            ("certificate", files.certificate),
            ("key", files.key),
        )
    }
    return replace(known, tls=True, **paths)


def _ask(question: str, flag: str) -> str:
    if not sys.stdin.isatty():
        raise click.UsageError(f"{flag} is missing, and there is no terminal to ask at.")
    answer: str = click.prompt(question, err=True)
    return answer


def _password(*, stdin: bool, twice: bool) -> str:
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError(
            "there is no terminal to ask for the password at; write it to --password-stdin."
        )
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=twice, err=True)
    return password


def _log_in(profile: "Profile", email: str, password: str, *, as_json: bool) -> None:
    from howmuch.client.session import log_in
    from howmuch.client.views.output import as_json as to_json

    user = log_in(profile, email, password, f"howmuch on {platform.node()}"[:200])
    if as_json:
        click.echo(to_json(user))
    else:
        say(f"Logged in to {profile.address} as {user.name} ({user.email}).")
