"""`howmuch balance`, `settle`, `totals`, `history` and `watch`."""

import click

from howmuch.cli.client.complete import complete_member
from howmuch.cli.client.invocation import Invocation, event_command, say


@click.command()
@click.option("--debts", "with_debts", is_flag=True, help="Also who owes whom, as it arose.")
@event_command
def balance(at: Invocation, with_debts: bool) -> None:
    """Show what each member paid and had, and where they stand.

    A net above zero is to be received, one below to be paid.
    """
    from howmuch.client import ledger
    from howmuch.client.views.ledger import balance as shown
    from howmuch.client.views.ledger import debts

    found = ledger.balances(at.session, at.event.id)
    rendered = [*shown(found, at.roster, at.event.member_id)]
    if with_debts:
        rendered += debts(found, at.roster)
    at.output.show(found, *rendered)


@click.command()
@click.option(
    "--record",
    nargs=2,
    metavar="FROM TO",
    shell_complete=complete_member,
    help="Enter that FROM has paid TO what the plan says.",
)
@click.option("--amount", metavar="AMOUNT", help="For --record: another amount.")
@click.option("--currency", metavar="CODE", help="For --record: the currency of the payment.")
@click.option("--date", default="today", metavar="DATE", help="For --record. Default: today.")
@event_command
def settle(
    at: Invocation,
    record: tuple[str, str] | None,
    amount: str | None,
    currency: str | None,
    date: str,
) -> None:
    """Show the fewest payments that settle the event.

    With --record, enter one that was made; FROM and TO are names of members.
    """
    from howmuch.client import ledger
    from howmuch.client.views.ledger import settlement

    if record:
        _record(at, record, amount, currency.upper() if currency else None, date)
        return
    if amount or currency:
        raise click.UsageError("--amount and --currency belong to --record FROM TO.")
    plans = ledger.settlement(at.session, at.event.id)
    at.output.show(plans, *settlement(plans, at.roster))


def _record(
    at: Invocation, record: tuple[str, str], amount: str | None, currency: str | None, date: str
) -> None:
    from howmuch.client.drafts import to_date
    from howmuch.client.payments import record_payment

    payer_id, receiver_id = (at.roster.id(name) for name in record)
    added = record_payment(
        at.session,
        at.event,
        at.roster,
        payer_id=payer_id,
        receiver_id=receiver_id,
        amount=amount,
        currency_code=currency,
        date=to_date(date),
    )
    at.output.show(added)
    at.done(f"Entered: {added.reason}, {added.amount} {added.currency_code}.")


@click.command()
@event_command
def totals(at: Invocation) -> None:
    """Show what the event cost: by member, by category, by month."""
    from howmuch.client import ledger
    from howmuch.client.views.ledger import totals as shown

    found = ledger.totals(at.session, at.event.id)
    at.output.show(found, *shown(found, at.roster))


@click.command()
@click.option("--since", default=0, metavar="REVISION", help="Only what came after this one.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="So many, the oldest first.")
@event_command
def history(at: Invocation, since: int, limit: int | None) -> None:
    """Show who did what in the event, oldest first."""
    from howmuch.client import ledger
    from howmuch.client.views.changes import change_line

    found = ledger.changes(at.session, at.event.id, since, limit)
    at.output.show(found, *(change_line(change, at.roster) for change in found.changes))


@click.command()
@click.option(
    "--since",
    type=int,
    metavar="REVISION",
    help="Also what came after this one. Default: only new.",
)
@event_command
def watch(at: Invocation, since: int | None) -> None:
    """Print each change as it happens, until Ctrl+C.

    A connection that is lost is made again, and nothing is missed meanwhile. With --json, each change is
    one line.
    """
    from howmuch.client.views.changes import change_line
    from howmuch.client.watching import watch as changes

    start = at.event.revision if since is None else since
    address = at.session.profile.address
    at.done(f"Watching {at.event.name}; stop with Ctrl+C.")
    try:
        for change in changes(
            at.session,
            at.event.id,
            start,
            lambda: say(f"The connection to {address} is lost; trying again."),
        ):
            if change.after.HasField("member"):
                at.roster.learn(change.after.member)
            at.output.line(change, change_line(change, at.roster))
    except KeyboardInterrupt:
        at.done("Stopped.")
