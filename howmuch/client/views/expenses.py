"""Tables of expenses."""

from collections.abc import Sequence
from itertools import zip_longest

from rich.console import RenderableType
from rich.text import Text

from howmuch.client.events import Roster
from howmuch.client.views.changes import difference_lines, summary_of
from howmuch.client.views.output import cell, facts, local_time, money, table
from howmuch.client.views.splits import bill_lines, split_mode, split_parts
from howmuch.v1 import expense_pb2, expense_service_pb2


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
            received = expense.kind == expense_pb2.EXPENSE_KIND_INCOME
            payers = _payers(expense, roster) + (" (received)" if received else "")
            row += [cell(payers), cell(_beneficiaries(expense, roster))]
        if categories:
            row.append(cell(expense.category, "dim"))
        shown.add_row(*row)
    return shown


def expense_facts(expense: expense_pb2.Expense, roster: Roster) -> list[RenderableType]:
    shown = facts(
        {
            "Date": expense.date,
            "Split": split_mode(expense.split),
            "Category": expense.category,
            "Notes": expense.notes,
            "Added by": roster.name(expense.creator_member_id) if expense.creator_member_id else "",
            "Id": expense.id,
            "Etag": f"{expense.etag} (version {expense.version})",
        }
    )
    paid = "Received" if expense.kind == expense_pb2.EXPENSE_KIND_INCOME else "Paid"
    parts = split_parts(expense.split)
    columns = (paid, *(["Split"] if parts else []), "Share", "Net")
    shares = table("Member", *columns, right=columns)
    for share in expense.shares:
        row = [share.paid, *([parts.get(share.member_id, "")] if parts else []), share.owed]
        shares.add_row(cell(roster.name(share.member_id)), *row, money(share.net))
    head = Text.assemble(_reason(expense), "  ", (_amount(expense), "bold"))
    return [head, shown, "", shares, *bill_lines(expense.split, roster)]


def version_list(
    page: expense_service_pb2.ListExpenseVersionsResponse, roster: Roster
) -> RenderableType:
    """Show versions with the changes that made them. A server from before these changes sends none."""
    shown = table("", "Changed", "What", "Amount", right=("", "Amount"), whole=("Changed",))
    for version, change in zip_longest(page.versions, page.changes):
        what = [summary(version, roster)]
        if change:
            what = [summary_of(change), *difference_lines(change)]
        shown.add_row(
            str(version.version),
            local_time(version.update_time),
            cell("\n".join(what)),
            _amount(version),
        )
    return shown


def summary(expense: expense_pb2.Expense, roster: Roster) -> str:
    """Summarize an expense: `Dinner, 48.60 EUR paid by Ana, Bo`. Income is received by its members."""
    if expense.kind == expense_pb2.EXPENSE_KIND_TRANSFER:
        who = f"from {_payers(expense, roster)} to {_beneficiaries(expense, roster)}"
        return f"{expense.reason}, {_amount(expense)} {who}"
    income = expense.kind == expense_pb2.EXPENSE_KIND_INCOME
    by = "received by" if income else "paid by"
    return f"{expense.reason}, {_amount(expense)} {by} {_payers(expense, roster)}"


def _amount(expense: expense_pb2.Expense) -> str:
    return f"{expense.amount} {expense.currency_code}"


def _reason(expense: expense_pb2.Expense) -> Text:
    kind = {
        expense_pb2.EXPENSE_KIND_INCOME: " (income)",
        expense_pb2.EXPENSE_KIND_TRANSFER: " (payment)",
    }.get(expense.kind, "")
    if expense.dated_ahead:
        kind += " (ahead)"
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
