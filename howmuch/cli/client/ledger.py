"""`howmuch balance`, `explain`, `settle`, `totals`, `history` and `watch`."""

import click

from howmuch.cli.client.complete import complete_member
from howmuch.cli.client.invocation import Invocation, event_command, say

_AS_OF = click.option(
    "--as-of",
    default="",
    metavar="DATE",
    help="Count only expenses up to this day: YYYY-MM-DD, today or yesterday. Default: all.",
)
_CURRENCY = click.option(
    "--currency", default="", metavar="CODE", help="Show only this currency. Default: all."
)


@click.command()
@click.option(
    "--debts", "with_debts", is_flag=True, help="Also show who owes whom; `explain` shows why."
)
@_AS_OF
@_CURRENCY
@event_command
def balance(at: Invocation, with_debts: bool, as_of: str, currency: str) -> None:
    """Show what each member paid, their share, and the net.

    A positive net means that the member is owed money, a negative net that the member owes it.
    """
    from howmuch.client import ledger
    from howmuch.client.drafts import to_date
    from howmuch.client.views.ledger import balance as shown
    from howmuch.client.views.ledger import debts

    found = ledger.balances(at.session, at.event.id, to_date(as_of), currency.upper())
    rendered = [*shown(found, at.roster, at.event.member_id)]
    if with_debts:
        rendered += debts(found, at.roster)
    at.output.show(found, *rendered)


@click.command()
@click.argument("debtor", metavar="[FROM]", default="me", shell_complete=complete_member)
@click.argument("creditor", metavar="[TO]", required=False, shell_complete=complete_member)
@click.option("--currency", metavar="CODE", default="", help="Only the debt in this currency.")
@event_command
def explain(at: Invocation, debtor: str, creditor: str | None, currency: str) -> None:
    """Explain why FROM owes TO: list the expenses and payments that make the debt.

    Without TO, explain all that FROM owes, with the amounts that others owe FROM; without FROM, all that you
    owe. If TO owes FROM instead, the heading says so. A positive amount makes the debt of the heading larger.
    Debts that went round in a circle are listed too.
    """
    from howmuch.client import ledger
    from howmuch.client.views.debts import explanation

    pair = (at.roster.id(debtor), at.roster.id(creditor) if creditor else "")
    found = ledger.explain_debt(at.session, at.event.id, *pair, currency.upper())
    at.output.show(found, *explanation(found, at.roster))


@click.command()
@click.option(
    "--record",
    nargs=2,
    metavar="FROM TO",
    shell_complete=complete_member,
    help="Record that FROM paid TO the amount in the plan.",
)
@click.option("--amount", metavar="AMOUNT", help="With --record: a different amount.")
@click.option("--currency", metavar="CODE", help="Show, or record, a payment in this currency.")
@click.option(
    "--date",
    default="today",
    metavar="DATE",
    help="With --record: the day of the payment. Default: today.",
)
@_AS_OF
@event_command
def settle(
    at: Invocation,
    record: tuple[str, str] | None,
    amount: str | None,
    currency: str | None,
    date: str,
    as_of: str,
) -> None:
    """Show the fewest payments that settle the event.

    With --record, record a payment; FROM and TO are names of members.
    """
    from howmuch.client import ledger
    from howmuch.client.drafts import to_date
    from howmuch.client.views.ledger import settlement

    if record and as_of:
        raise click.UsageError("--as-of shows a plan; it does not go with --record.")
    if record:
        _record(at, record, amount, currency.upper() if currency else None, date)
        return
    if amount:
        raise click.UsageError("--amount needs --record FROM TO.")
    code = (currency or "").upper()
    plans = ledger.settlement(at.session, at.event.id, to_date(as_of), code)
    at.output.show(plans, *settlement(plans, at.roster))


def _record(
    at: Invocation, record: tuple[str, str], amount: str | None, currency: str | None, date: str
) -> None:
    from howmuch.client.amounts import to_price
    from howmuch.client.drafts import to_date
    from howmuch.client.payments import record_payment

    payer_id, receiver_id = (at.roster.id(name) for name in record)
    if amount is not None:
        price = to_price(
            amount, currency or "", at.event.currency_code, what="--amount of the payment"
        )
        amount, currency = price.text, price.currency_code or None
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
    at.done(f"Recorded: {added.reason}, {added.amount} {added.currency_code}.")


@click.command()
@_AS_OF
@_CURRENCY
@event_command
def totals(at: Invocation, as_of: str, currency: str) -> None:
    """Show the total cost by member, category and month."""
    from howmuch.client import ledger
    from howmuch.client.drafts import to_date
    from howmuch.client.views.ledger import totals as shown

    found = ledger.totals(at.session, at.event.id, to_date(as_of), currency.upper())
    at.output.show(found, *shown(found, at.roster))


@click.command()
@click.option(
    "--since", default=0, metavar="REVISION", help="Show only changes after this revision."
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Show at most N changes.")
@click.option("--newest-first", is_flag=True, help="Show the newest change first.")
@event_command
def history(at: Invocation, since: int, limit: int | None, newest_first: bool) -> None:
    """Show all changes of the event, oldest first, with the old and the new value of each field."""
    from howmuch.client import ledger
    from howmuch.client.views.changes import change_lines

    found = ledger.changes(at.session, at.event.id, since, limit, newest_first=newest_first)
    at.output.show(found, *map(change_lines, found.changes))


@click.command()
@click.option(
    "--since",
    type=int,
    metavar="REVISION",
    help="Start after this revision. Default: new changes only.",
)
@event_command
def watch(at: Invocation, since: int | None) -> None:
    """Print each change as it happens, until Ctrl+C.

    Reconnects after a lost connection, without missing a change. With --json, each change is one line.
    """
    from howmuch.client.views.changes import change_lines
    from howmuch.client.watching import watch as changes

    start = at.event.revision if since is None else since
    address = at.session.profile.address
    at.done(f"Watching {at.event.name}; stop with Ctrl+C.")
    try:
        for change in changes(
            at.session,
            at.event.id,
            start,
            lambda: say(f"Lost the connection to {address}; reconnecting."),
        ):
            at.output.line(change, change_lines(change))
    except KeyboardInterrupt:
        at.done("Stopped.")
