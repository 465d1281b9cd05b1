"""Tables that explain a debt."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from howmuch.client.events import Roster
from howmuch.client.views.output import cell, money, table
from howmuch.v1 import event_pb2

_OTHERS = "the others"


def explanation(found: event_pb2.DebtExplanation, roster: Roster) -> Iterator[RenderableType]:
    """Show a table for each currency: entries, circles, and their sum, which is the debt of the heading."""
    debtor = roster.name(found.from_member_id)
    creditor = roster.name(found.to_member_id) if found.to_member_id else _OTHERS
    if not found.debts:
        yield f"{debtor} and {creditor} have never owed each other anything."
    for debt in found.debts:
        code = debt.currency_code
        turned = debt.amount.startswith("-")
        shown = table("Date", "Reason", "Of", "Part", right=("Of", "Part"), whole=("Date",))
        for entry in found.entries:
            if entry.currency_code == code:
                part = money(_signed(entry.amount, turned=turned))
                shown.add_row(cell(entry.date), cell(entry.reason), entry.expense_amount, part)
        for circle in debt.circles:
            names = " → ".join(
                roster.name(one) for one in (*circle.member_ids, circle.member_ids[0])
            )
            part = money(_signed(circle.amount, turned=not turned))
            shown.add_row("", cell(f"cancelled in a circle: {names}"), "", part)
        if debt.further_circles.strip("0.-"):
            part = money(_signed(debt.further_circles, turned=not turned))
            shown.add_row("", "cancelled in further circles", "", part)
        total = money(_signed(debt.amount, turned=turned))
        shown.add_row("", Text("in all", style="bold"), "", total)
        yield Text(_sentence(debt, debtor, creditor), style="bold")
        yield shown


def _sentence(debt: event_pb2.ExplainedDebt, debtor: str, creditor: str) -> str:
    if not debt.amount.strip("0.-"):
        return f"{debtor} and {creditor} are even in {debt.currency_code}."
    if debt.amount.startswith("-"):
        debtor, creditor = creditor, debtor
    owes = "The others owe" if debtor == _OTHERS else f"{debtor} owes"
    return f"{owes} {creditor} {debt.amount.removeprefix('-')} {debt.currency_code}."


def _signed(amount: str, *, turned: bool) -> str:
    """Return the amount of the debt in the heading. turned: the heading has it the other way round."""
    if not turned or not amount.strip("0."):
        return amount
    return amount[1:] if amount.startswith("-") else f"-{amount}"
