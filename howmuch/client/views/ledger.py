"""Tables of balances, settlements and totals."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from howmuch.client.events import Roster
from howmuch.client.views.output import cell, counted, money, table
from howmuch.v1 import event_pb2


def balance(balances: event_pb2.Balances, roster: Roster, me: str) -> Iterator[RenderableType]:
    """Show a table for each currency. me: member id of the reader."""
    if not balances.currencies:
        yield "No expenses yet: add one with `howmuch expense add`."
    columns = ("Paid", "Share", "Payments", "Net")
    for currency in balances.currencies:
        shown = table("Member", *columns, right=columns)
        for one in currency.members:
            name = cell(roster.name(one.member_id), "bold" if one.member_id == me else "")
            shown.add_row(name, one.paid, one.owed, one.transferred, money(one.net))
        yield Text(currency.currency_code, style="bold")
        yield shown
        mine = next((one.net for one in currency.members if one.member_id == me), "0")
        yield Text(_stand(mine, currency.currency_code) + "\n")


def debts(balances: event_pb2.Balances, roster: Roster) -> Iterator[RenderableType]:
    if balances.debts_omitted:
        yield "The debts are too many to show; see `howmuch settle`."
        return
    for currency in balances.currencies:
        yield Text(f"{currency.currency_code}, debts", style="bold")
        yield _payments(currency.debts, roster)
    if any(currency.debts for currency in balances.currencies):
        yield Text("Why: howmuch explain FROM TO", style="dim")


def settlement(plans: event_pb2.Settlement, roster: Roster) -> Iterator[RenderableType]:
    if not plans.plans:
        yield "All is settled."
    for plan in plans.plans:
        count = len(plan.transfers)
        least = (
            "no plan has fewer" if plan.proven_minimal else f"at least {plan.lower_bound} needed"
        )
        yield Text.assemble(
            (plan.currency_code, "bold"), f"  {counted(count, 'payment')} ({least})"
        )
        yield _payments(plan.transfers, roster)
    if plans.plans:
        yield Text("After a payment: howmuch settle --record FROM TO", style="dim")


def totals(totals: event_pb2.Totals, roster: Roster) -> Iterator[RenderableType]:
    """Show the totals of each currency. A view with a single row adds nothing and is left out."""
    if not totals.currencies:
        yield "No expenses yet: add one with `howmuch expense add`."
    for currency in totals.currencies:
        yield Text.assemble((currency.currency_code, "bold"), f"  {currency.total} in all")
        members = table("Member", "Paid", "Share", right=("Paid", "Share"))
        for member in currency.by_member:
            members.add_row(cell(roster.name(member.member_id)), member.paid, member.owed)
        yield members
        categories = [(one.category or "without", one.total) for one in currency.by_category]
        months = [(one.month, one.total) for one in currency.by_month]
        for heading, rows in (("Category", categories), ("Month", months)):
            if len(rows) > 1:
                yield _costs(heading, rows)


def _costs(heading: str, rows: Sequence[tuple[str, str]]) -> RenderableType:
    shown = table(heading, "Cost", right=("Cost",))
    for name, cost in rows:
        shown.add_row(cell(name), cost)
    return shown


def _payments(payments: Sequence[event_pb2.Debt], roster: Roster) -> RenderableType:
    shown = table("From", "To", "Amount", right=("Amount",))
    for one in payments:
        shown.add_row(
            cell(roster.name(one.from_member_id)), cell(roster.name(one.to_member_id)), one.amount
        )
    return shown


def _stand(net: str, code: str) -> str:
    if not net.strip("0.-"):
        return f"You are even in {code}."
    if net.startswith("-"):
        return f"You owe {net[1:]} {code}."
    return f"You are owed {net} {code}."
