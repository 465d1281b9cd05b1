"""`howmuch expense list`."""

from typing import Any

import click

from howmuch.cli.client.complete import complete_member
from howmuch.cli.client.expense_options import KINDS
from howmuch.cli.client.invocation import Invocation, event_command


def kind_named(kind: str | None) -> str | None:
    """The kind of an expense by its name of KINDS."""
    return f"EXPENSE_KIND_{kind.upper()}" if kind else None


@click.command("list")
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=50,
    metavar="N",
    help="List at most N expenses. Default: 50.",
)
@click.option("--all", "everything", is_flag=True, help="List all expenses.")
@click.option(
    "--member",
    metavar="NAME",
    shell_complete=complete_member,
    help="Only expenses that this member paid or shares.",
)
@click.option("--category", metavar="WORD", default="", help="Only expenses of this category.")
@click.option(
    "--from", "from_date", metavar="DATE", default="", help="Only expenses on this day or later."
)
@click.option(
    "--to", "to_date", metavar="DATE", default="", help="Only expenses on this day or earlier."
)
@click.option(
    "--text", metavar="TEXT", default="", help="Only expenses with this text in reason or notes."
)
@click.option(
    "--payer",
    metavar="NAME",
    shell_complete=complete_member,
    help="Only expenses that this member paid.",
)
@click.option(
    "--beneficiary",
    metavar="NAME",
    shell_complete=complete_member,
    help="Only expenses of which this member has a share.",
)
@click.option(
    "--min",
    "min_amount",
    metavar="AMOUNT",
    default="",
    help="Only expenses of at least this amount.",
)
@click.option(
    "--max",
    "max_amount",
    metavar="AMOUNT",
    default="",
    help="Only expenses of at most this amount.",
)
@click.option(
    "--currency",
    metavar="CODE",
    default="",
    help="Only expenses in this currency. Default with --min or --max: that of the event.",
)
@click.option("--kind", type=KINDS, help="Only entries of this kind.")
@click.option("--deleted", is_flag=True, help="Include deleted expenses.")
@click.option("--only-deleted", is_flag=True, help="Only deleted expenses.")
@click.option("--ids", is_flag=True, help="Show ids, for expenses with the same reason.")
@event_command
def list_(
    at: Invocation,
    limit: int,
    everything: bool,
    member: str | None,
    payer: str | None,
    beneficiary: str | None,
    from_date: str,
    to_date: str,
    currency: str,
    min_amount: str,
    max_amount: str,
    kind: str | None,
    deleted: bool,
    ids: bool,
    **filters: Any,
) -> None:
    """List expenses, newest date first.

    Texts, categories and names match without regard to case and accents.
    """
    from howmuch.client.amounts import price_range
    from howmuch.client.drafts import to_date as read_date
    from howmuch.client.expenses import list_expenses
    from howmuch.client.views.expenses import expense_list
    from howmuch.client.views.output import counted

    found = list_expenses(
        at.session,
        at.event.id,
        None if everything else limit,
        member_id=at.roster.id(member) if member else "",
        payer_member_id=at.roster.id(payer) if payer else "",
        beneficiary_member_id=at.roster.id(beneficiary) if beneficiary else "",
        **price_range(min_amount, max_amount, currency, at.event.currency_code),
        kind=kind_named(kind),
        from_date=read_date(from_date),
        to_date=read_date(to_date),
        show_deleted=deleted,
        **filters,
    )
    at.output.show(found, expense_list(found.expenses, at.roster, ids=ids))
    if found.next_page_token:
        at.done(f"There are more than {counted(limit, 'expense')}: use --limit N or --all.")
