"""Tables of expenses."""

from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from howmuch.client.events import Roster
from howmuch.client.views.output import cell, local_time, money, table
from howmuch.v1 import expense_pb2


def expense_list(
    expenses: Sequence[expense_pb2.Expense], roster: Roster, *, ids: bool
) -> RenderableType:
    """Show expenses. ids: show ids instead of members; 80 columns have no room for both."""
    if not expenses:
        return Text("No expenses.")
    more = ["Id"] if ids else ["Paid by", "For"]
    if categories := not ids and any(expense.category for expense in expenses):
        more.append("Category")
    shown = table("Date", "Reason", "Amount", *more, right=("Amount",), whole=("Date", "Id"))
    for expense in expenses:
        row = [cell(expense.date), _reason(expense), cell(_amount(expense))]
        if ids:
            row.append(cell(expense.id, "dim"))
        else:
            row += [cell(_payers(expense, roster)), cell(_beneficiaries(expense, roster))]
        if categories:
            row.append(cell(expense.category, "dim"))
        shown.add_row(*row)
    return shown


def expense_facts(expense: expense_pb2.Expense, roster: Roster) -> list[RenderableType]:
    facts = Table.grid(padding=(0, 2))
    mode = (expense.split.WhichOneof("mode") or "equal").replace("_", " ")
    for name, value in {
        "Date": expense.date,
        "Split": mode,
        "Category": expense.category,
        "Notes": expense.notes,
        "Added by": roster.name(expense.creator_member_id) if expense.creator_member_id else "",
        "Id": expense.id,
        "Etag": f"{expense.etag} (version {expense.version})",
    }.items():
        if value:
            facts.add_row(cell(name, "dim"), cell(value))
    shares = table("Member", "Paid", "Share", "Net", right=("Paid", "Share", "Net"))
    for share in expense.shares:
        shares.add_row(cell(roster.name(share.member_id)), share.paid, share.owed, money(share.net))
    head = Text.assemble(_reason(expense), "  ", (_amount(expense), "bold"))
    return [head, facts, "", shares]


def version_list(versions: Iterable[expense_pb2.Expense], roster: Roster) -> RenderableType:
    shown = table(
        "",
        "Changed",
        "Date",
        "Reason",
        "Amount",
        "Paid by",
        "For",
        right=("", "Amount"),
        whole=("Date",),
    )
    for version in versions:
        shown.add_row(
            str(version.version),
            local_time(version.update_time),
            version.date,
            _reason(version),
            _amount(version),
            cell(_payers(version, roster)),
            cell(_beneficiaries(version, roster)),
        )
    return shown


def summary(expense: expense_pb2.Expense, roster: Roster) -> str:
    """Summarize an expense: `Dinner, 48.60 EUR paid by Ana, Bo`."""
    if expense.kind == expense_pb2.EXPENSE_KIND_TRANSFER:
        who = f"from {_payers(expense, roster)} to {_beneficiaries(expense, roster)}"
        return f"{expense.reason}, {_amount(expense)} {who}"
    return f"{expense.reason}, {_amount(expense)} paid by {_payers(expense, roster)}"


def _amount(expense: expense_pb2.Expense) -> str:
    return f"{expense.amount} {expense.currency_code}"


def _reason(expense: expense_pb2.Expense) -> Text:
    kind = {
        expense_pb2.EXPENSE_KIND_INCOME: " (income)",
        expense_pb2.EXPENSE_KIND_TRANSFER: " (payment)",
    }.get(expense.kind, "")
    if expense.HasField("delete_time"):
        return cell(f"{expense.reason}{kind} (deleted)", "strike")
    return cell(expense.reason + kind)


def _payers(expense: expense_pb2.Expense, roster: Roster) -> str:
    return ", ".join(roster.name(payment.member_id) for payment in expense.payments)


def _beneficiaries(expense: expense_pb2.Expense, roster: Roster) -> str:
    """Names, or `everybody` if all active members share."""
    having = [share.member_id for share in expense.shares if share.owed.strip("0.")]
    if len(having) > 2 and set(having) == set(roster.active_ids):
        return "everybody"
    return ", ".join(roster.name(member_id) for member_id in having)
