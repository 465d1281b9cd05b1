"""`howmuch expense duplicate` and `recent`."""

import click

from howmuch.cli.client.complete import complete_expense
from howmuch.cli.client.invocation import Invocation, event_command


@click.command()
@click.argument("wanted", metavar="EXPENSE", shell_complete=complete_expense)
@click.option(
    "--date",
    metavar="DATE",
    default="",
    help="Day: YYYY-MM-DD, today or yesterday. Default: today.",
)
@event_command
def duplicate(at: Invocation, wanted: str, date: str) -> None:
    """Add an expense like EXPENSE, with another date."""
    from howmuch.client.drafts import to_date
    from howmuch.client.expenses import duplicate_expense, find_expense
    from howmuch.client.views.expenses import expense_facts

    found = find_expense(at.session, at.event.id, wanted, deleted=True)
    added = duplicate_expense(at.session, found, to_date(date or "today"))
    at.output.show(added, *expense_facts(added, at.roster))


@click.command()
@event_command
def recent(at: Invocation) -> None:
    """Show what the last expenses used: reasons, categories, people, splits."""
    from howmuch.client.expenses import recently_used
    from howmuch.client.views.comments import recently_used as shown

    found = recently_used(at.session, at.event.id)
    at.output.show(found, *shown(found, at.roster))
