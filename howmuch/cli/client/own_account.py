"""`howmuch account`."""

from typing import Any

import click

from howmuch.cli.client.asking import PASSWORD_STDIN, ask, ask_password, confirm
from howmuch.cli.client.invocation import (
    SERVER,
    Invocation,
    client_command,
    client_errors,
    named,
    say,
)
from howmuch.cli.client.server_profile import server_profile
from howmuch.cli.options import tls_options

MAILS = click.Choice(("each-change", "daily-digest", "off"))


@click.group()
def account() -> None:
    """Manage your account: name, language, mails, password, sessions."""


@account.command()
@click.option(
    "--name", help="Your display name; also used in events where you have set no name of your own."
)
@click.option("--currency", metavar="CODE", help="Default currency for new events.")
@click.option("--locale", metavar="TAG", help="Language of mails: en or fr.")
@click.option("--time-zone", metavar="ZONE", help="Your time zone, such as Europe/Lisbon.")
@click.option("--mails", type=MAILS, help="How often to mail you about changes.")
@client_command
def edit(
    at: Invocation,
    name: str | None,
    currency: str | None,
    locale: str | None,
    time_zone: str | None,
    mails: str | None,
) -> None:
    """Change your account."""
    from howmuch.client.accounts import update_me

    given = {
        "name": name,
        "currency_code": currency.upper() if currency else currency,
        "locale": locale,
        "time_zone": time_zone,
        "mail_mode": f"MAIL_MODE_{mails.upper().replace('-', '_')}" if mails else None,
    }
    values = named(given, "--name, --currency, --locale, --time-zone or --mails.")
    at.output.show(update_me(at.session, values))
    at.done("Changed your account.")


@account.command()
@PASSWORD_STDIN
@client_command
def password(at: Invocation, password_stdin: bool) -> None:
    """Change your password, and end all other sessions.

    With --password-stdin, the first line is the current password, the second line the new one.
    """
    from howmuch.client.accounts import change_password

    current = ask_password(stdin=password_stdin, twice=False, question="Current password")
    new = ask_password(stdin=password_stdin, twice=True, question="New password")
    change_password(at.session, current, new)
    at.done("The password is changed, and all other sessions have ended.")


@account.command()
@click.option("--end", metavar="ID", help="End the session with this id.")
@client_command
def sessions(at: Invocation, end: str | None) -> None:
    """List your sessions; * marks this one."""
    from howmuch.client import accounts
    from howmuch.client.views.accounts import session_list

    if end:
        accounts.end_session(at.session, end)
        at.done(f"Ended {end}.")
        return
    found = accounts.sessions(at.session)
    at.output.show(found, session_list(found.sessions))


@account.command()
@client_command
def quotas(at: Invocation) -> None:
    """Show your quotas: how much of each is used, and when more is available."""
    from howmuch.client.accounts import my_quotas
    from howmuch.client.views.quotas import quota_list

    found = my_quotas(at.session)
    at.output.show(found, quota_list(found.quotas))


@account.command()
@client_command
def verify(at: Invocation) -> None:
    """Mail a new link that verifies your address."""
    from howmuch.client.accounts import request_verification
    from howmuch.client.ledger import me

    request_verification(at.session)
    at.done(f"A mail is on its way to {me(at.session).email}: open the link in it.")


@account.group()
def email() -> None:
    """Change the address of your account."""


@email.command()
@click.argument("address")
@PASSWORD_STDIN
@client_command
def change(at: Invocation, address: str, password_stdin: bool) -> None:
    """Mail a link to ADDRESS that makes it the address of your account.

    Asks for your password. Until you open the link, your account keeps its address.
    """
    from howmuch.client.accounts import request_email_change

    request_email_change(at.session, address, ask_password(stdin=password_stdin, twice=False))
    at.done(f"A mail is on its way to {address}: open the link in it within 24 hours.")


@email.command("confirm")
@click.argument("token_or_link")
@SERVER
@tls_options
def confirm_email(token_or_link: str, server: str | None, **tls: Any) -> None:
    """Confirm your new address, with the link in the mail to it."""
    from howmuch.client.accounts import confirm_email_change

    with client_errors():
        user = confirm_email_change(server_profile(server, tls), token_or_link)
        say(f"The address of your account is {user.email} from now on.")


@email.command()
@click.argument("token_or_link")
@SERVER
@tls_options
def undo(token_or_link: str, server: str | None, **tls: Any) -> None:
    """Return the former address to your account, with the link in the mail to it.

    Ends all sessions. The mail that follows has a link that sets a new password.
    """
    from howmuch.client.accounts import undo_email_change

    with client_errors():
        user = undo_email_change(server_profile(server, tls), token_or_link)
        say(
            f"The address of your account is {user.email} again, and all sessions have ended."
            " Choose a new password with the link in the mail to it."
        )


@account.command()
@click.argument("email", required=False)
@click.option(
    "--token", metavar="LINK", help="The link in the mail, or the token in it: set a new password."
)
@SERVER
@tls_options
@PASSWORD_STDIN
def reset(
    email: str | None, token: str | None, server: str | None, password_stdin: bool, **tls: Any
) -> None:
    """Reset a forgotten password.

    With EMAIL, mails a link to this address. With --token LINK, asks for the new password, and ends
    all sessions.
    """
    from howmuch.client.accounts import request_reset, reset_password

    with client_errors():
        profile = server_profile(server, tls)
        if token:
            new = ask_password(stdin=password_stdin, twice=True, question="New password")
            reset_password(profile, token, new)
            say("The password is changed, and all sessions have ended: `howmuch login`.")
            return
        email = email or ask("Email", "EMAIL")
        request_reset(profile, email)
        say(
            f"If {email} has an account here, a link is on its way: howmuch account reset --token LINK"
        )


@account.command()
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@PASSWORD_STDIN
@client_command
def delete(at: Invocation, yes: bool, password_stdin: bool) -> None:
    """Delete your account.

    Asks for your password. A log-in within the next days takes the deletion back; then it is final.
    Your expenses stay in your events, without your name: the balances of others depend on them.
    """
    from howmuch.client.accounts import delete_me
    from howmuch.client.ledger import me

    if not yes:
        confirm(f"Delete the account {me(at.session).email}?", "--yes")
    delete_me(at.session, ask_password(stdin=password_stdin, twice=False))
    at.done("The account is deleted. To take that back, log in within the next days.")
