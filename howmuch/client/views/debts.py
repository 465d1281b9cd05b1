"""Tables that explain a debt."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from howmuch.client.events import Roster
from howmuch.client.views.output import cell, money, table
from howmuch.v1 import event_pb2


def explanation(found: event_pb2.DebtExplanation, roster: Roster) -> Iterator[RenderableType]:
    """Show a table for each currency: entries, circles, and their sum, which is the debt."""
    debtor = roster.name(found.from_member_id)
    creditor = roster.name(found.to_member_id) if found.to_member_id else "the others"
    if not found.debts:
        yield f"{debtor} and {creditor} have never owed each other anything."
    for debt in found.debts:
        code = debt.currency_code
        shown = table("Date", "Reason", "Of", "Part", right=("Of", "Part"), whole=("Date",))
        for entry in found.entries:
            if entry.currency_code == code:
                shown.add_row(
                    cell(entry.date), cell(entry.reason), entry.expense_amount, money(entry.amount)
                )
        for circle in debt.circles:
            names = " → ".join(
                roster.name(one) for one in (*circle.member_ids, circle.member_ids[0])
            )
            shown.add_row(
                "", cell(f"cancelled in a circle: {names}"), "", money(_negated(circle.amount))
            )
        if debt.further_circles.strip("0.-"):
            shown.add_row(
                "", "cancelled in further circles", "", money(_negated(debt.further_circles))
            )
        shown.add_row("", Text("in all", style="bold"), "", money(debt.amount))
        yield Text(_sentence(debt, debtor, creditor), style="bold")
        yield shown


def _sentence(debt: event_pb2.ExplainedDebt, debtor: str, creditor: str) -> str:
    if not debt.amount.strip("0.-"):
        return f"{debtor} and {creditor} are even in {debt.currency_code}."
    if debt.amount.startswith("-"):
        debtor, creditor = creditor, debtor
    verb = "owe" if debtor == "the others" else "owes"
    return f"{debtor} {verb} {creditor} {debt.amount.removeprefix('-')} {debt.currency_code}."


def _negated(amount: str) -> str:
    return amount[1:] if amount.startswith("-") else f"-{amount}"
