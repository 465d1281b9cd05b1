"""`howmuch overview`, `activity`, `currencies`, `categories`."""

import click

from howmuch.cli.client.invocation import Invocation, client_command

_LOCALE = click.option(
    "--locale", default="", metavar="TAG", help="Language of the names. Default: yours."
)


@click.command()
@client_command
def overview(at: Invocation) -> None:
    """Show all your events: your balance, unread changes, last change."""
    from howmuch.client.overview import overview as read
    from howmuch.client.views.overview import overview as shown

    found = read(at.session)
    at.output.show(found, *shown(found))


@click.command()
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=20,
    metavar="N",
    help="Show at most N changes. Default: 20.",
)
@click.option("--seen", is_flag=True, help="Mark all changes as read, after showing them.")
@client_command
def activity(at: Invocation, limit: int, seen: bool) -> None:
    """Show the changes of all your events, newest first; * marks unread ones."""
    from howmuch.client.overview import mark_seen, my_changes
    from howmuch.client.views.overview import activity as shown

    found = my_changes(at.session, limit)
    at.output.show(found, *shown(found.changes))
    if seen:
        mark_seen(at.session)


@click.command()
@_LOCALE
@client_command
def currencies(at: Invocation, locale: str) -> None:
    """List the currencies that an expense can have."""
    from howmuch.client.overview import currencies as read
    from howmuch.client.views.overview import currency_list

    found = read(at.session, locale)
    at.output.show(found, currency_list(found.currencies))


@click.command()
@_LOCALE
@client_command
def categories(at: Invocation, locale: str) -> None:
    """List common categories. An expense may have any other, too."""
    from howmuch.client.overview import categories as read
    from howmuch.client.views.overview import category_list

    found = read(at.session, locale)
    at.output.show(found, category_list(found.categories))
