"""`howmuch signup`, `login`, `logout` and `whoami`."""

import platform
from typing import TYPE_CHECKING, Any

import click

from howmuch.cli.client.asking import PASSWORD_STDIN, ask, ask_password
from howmuch.cli.client.invocation import (
    JSON,
    SERVER,
    Command,
    Invocation,
    client_command,
    client_errors,
    say,
)
from howmuch.cli.client.server_profile import server_profile
from howmuch.cli.options import tls_options

if TYPE_CHECKING:
    from howmuch.client.profiles import Profile


def _account_options(command: Command) -> Command:
    return SERVER(tls_options(PASSWORD_STDIN(JSON(command))))


@click.command()
@click.argument("email", required=False)
@click.option("--name", help="Your display name. Asked for if missing.")
@click.option(
    "--currency", default="", metavar="CODE", help="Your currency, ISO 4217. Default: EUR."
)
@click.option(
    "--locale",
    default="",
    metavar="TAG",
    help="Language of mails: en or fr. Default: that of this machine.",
)
@click.option(
    "--time-zone",
    default="",
    metavar="ZONE",
    help="Your time zone, such as Europe/Lisbon. Default: that of this machine.",
)
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
    """Create an account and log in.

    Asks for EMAIL and the password if they are missing. A password has at least 10 characters.
    """
    with client_errors():
        profile = server_profile(server, tls)
        email = email or ask("Email", "EMAIL")
        name = name or ask("Name", "--name")
        password = ask_password(stdin=password_stdin, twice=True)
        from howmuch.client.machine import language, zone
        from howmuch.client.session import sign_up

        sign_up(
            profile,
            email=email,
            password=password,
            name=name,
            currency_code=currency.upper(),
            locale=locale or language(),
            time_zone=time_zone or zone(),
        )
        _log_in(profile, email, password, as_json=as_json)


@click.command()
@click.argument("email", required=False)
@_account_options
def login(
    email: str | None, server: str | None, password_stdin: bool, as_json: bool, **tls: Any
) -> None:
    """Log in to a server; later commands call it.

    Asks for EMAIL and the password if they are missing. Keeps the session in
    ~/.config/howmuch/client.json, or under $XDG_CONFIG_HOME, readable only by you.
    """
    with client_errors():
        profile = server_profile(server, tls)
        email = email or ask("Email", "EMAIL")
        _log_in(profile, email, ask_password(stdin=password_stdin, twice=False), as_json=as_json)


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
    """Show your account and your balances over all events."""
    from howmuch.client import ledger
    from howmuch.client.views.accounts import account

    user = ledger.me(at.session)
    at.output.show(user, *account(user, ledger.my_balances(at.session), at.session.profile))


def _log_in(profile: "Profile", email: str, password: str, *, as_json: bool) -> None:
    from howmuch.client.session import log_in
    from howmuch.client.views.output import as_json as to_json

    answer = log_in(profile, email, password, f"howmuch on {platform.node()}"[:200])
    user = answer.user
    if answer.deletion_withdrawn:
        say("Your account was to be deleted; by this log-in you keep it.")
    if as_json:
        click.echo(to_json(user))
    else:
        say(f"Logged in to {profile.address} as {user.name} ({user.email}).")
