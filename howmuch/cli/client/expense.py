"""`howmuch expense`."""

from typing import Any

import click

from howmuch.cli.client.complete import complete_expense
from howmuch.cli.client.expense_list import kind_named, list_
from howmuch.cli.client.expense_options import HELP, HELP_OF_EDIT, PLAIN, expense_fields
from howmuch.cli.client.invocation import (
    AmountCommand,
    Invocation,
    event_command,
    named,
)

_EXPENSE = click.argument("wanted", metavar="EXPENSE", shell_complete=complete_expense)
_ETAG = click.option(
    "--etag",
    metavar="ETAG",
    help="Fail if the expense has changed since you read this etag (see `expense show`).",
)


@click.group()
def expense() -> None:
    """Manage expenses, with their payments and shares.

    Members are names or ids; `me` means you, `all` means all members. EXPENSE is its reason, a unique
    part of the reason, or its id.

    \b
      howmuch expense add Dinner 48.60 --paid ana=30 --paid bo=18.60
      howmuch expense add Tea 9 --for ana,bo --date yesterday
      howmuch expense add Flat 900 USD --share ana=2 --share bo=1
    """  # noqa: D301 - click does not wrap the lines after it


expense.add_command(list_)


@expense.command(cls=AmountCommand)
@click.argument("reason")
@click.argument("amount")
@click.argument("currency", required=False, default="")
@expense_fields(HELP)
@click.option("--id", "expense_id", metavar="ID", default="", help="Choose the id of the expense.")
@event_command
def add(
    at: Invocation, reason: str, amount: str, currency: str, expense_id: str, **details: Any
) -> None:
    """Add an expense of AMOUNT, with a REASON such as Dinner.

    By default you paid it today, in the currency of the event. It has the default split of the event
    (see `event split`): at first all members share it by their usual weights. AMOUNT may be written as
    23.50, 23,50, 23.50€ or "1 234,50". CURRENCY is an ISO 4217 code.
    """
    from howmuch.client.amounts import check_order, to_price
    from howmuch.client.expenses import add_expense
    from howmuch.client.views.expenses import expense_facts

    details["paid"] = details["paid"] or ("me",)
    details["date"] = details["date"] or "today"
    check_order(reason, amount)
    price = to_price(amount, currency, at.event.currency_code)
    code = price.currency_code or at.event.currency_code
    values = {"reason": reason, "amount": price.text, "currency_code": price.currency_code}
    added = add_expense(at.session, at.event.id, values | _values(at, code, **details), expense_id)
    at.output.show(added, *expense_facts(added, at.roster))


@expense.command()
@_EXPENSE
@event_command
def show(at: Invocation, wanted: str) -> None:
    """Show an expense, how it was split, and each member's share of it."""
    from howmuch.client.expenses import find_expense
    from howmuch.client.views.expenses import expense_facts

    found = find_expense(at.session, at.event.id, wanted, deleted=True)
    at.output.show(found, *expense_facts(found, at.roster))


@expense.command()
@_EXPENSE
@click.option("--reason", metavar="TEXT", help="New reason.")
@click.option("--amount", metavar="AMOUNT", help="New total.")
@click.option("--currency", metavar="CODE", help="New currency, ISO 4217.")
@expense_fields(HELP_OF_EDIT)
@_ETAG
@event_command
def edit(
    at: Invocation,
    wanted: str,
    reason: str | None,
    amount: str | None,
    currency: str | None,
    etag: str | None,
    **details: Any,
) -> None:
    """Change an expense.

    Fields without an option keep their values. Fails if another person changes the expense at the
    same time; with --etag, if it has changed since you read it.
    """
    from howmuch.client.amounts import new_price
    from howmuch.client.bills import with_extras
    from howmuch.client.expenses import edit_expense, find_expense
    from howmuch.client.views.expenses import expense_facts

    options = {"reason": reason, "amount": amount, "currency": currency, **details}
    named(
        {name: value for name, value in options.items() if value != ()},
        "--reason, --amount, --paid, --for, ...",
    )
    read = find_expense(at.session, at.event.id, wanted)
    values: dict[str, Any] = {} if reason is None else {"reason": reason}
    values |= new_price(amount, currency, read.currency_code)
    code = values.get("currency_code") or read.currency_code
    if not details["items"] and (details["tax"] or details["tip"]):
        values = with_extras(read, code, details.pop("tax"), details.pop("tip")) | values
    changed = edit_expense(at.session, read, values | _values(at, code, **details), etag)
    at.output.show(changed, *expense_facts(changed, at.roster))


@expense.command()
@_EXPENSE
@_ETAG
@event_command
def delete(at: Invocation, wanted: str, etag: str | None) -> None:
    """Delete an expense; `restore` brings it back for 30 days."""
    from howmuch.client.expenses import delete_expense, find_expense

    deleted = delete_expense(at.session, find_expense(at.session, at.event.id, wanted), etag)
    at.output.show(deleted)
    at.done(f"Deleted {deleted.reason}; `howmuch expense restore {deleted.id}` brings it back.")


@expense.command()
@_EXPENSE
@click.option("--version", type=int, metavar="N", help="Restore this version (see `history`).")
@event_command
def restore(at: Invocation, wanted: str, version: int | None) -> None:
    """Restore a deleted expense, or an earlier version of an expense."""
    from howmuch.client.expenses import find_expense, restore_expense
    from howmuch.client.views.expenses import expense_facts

    found = find_expense(at.session, at.event.id, wanted, deleted=True)
    restored = restore_expense(at.session, found, version)
    at.output.show(restored, *expense_facts(restored, at.roster))


@expense.command()
@_EXPENSE
@event_command
def history(at: Invocation, wanted: str) -> None:
    """Show all versions of an expense, newest first, with the values that each changed."""
    from howmuch.client.expenses import expense_versions, find_expense
    from howmuch.client.views.expenses import version_list

    found = find_expense(at.session, at.event.id, wanted, deleted=True)
    versions = expense_versions(at.session, found)
    at.output.show(versions, version_list(versions, at.roster))


def _values(
    at: Invocation,
    code: str,
    *,
    paid: tuple[str, ...],
    date: str | None,
    kind: str | None,
    **details: Any,
) -> dict[str, Any]:
    """Return the fields of an expense that options set. code: of its currency."""
    from howmuch.client.drafts import SplitWords, to_date, to_payments, to_split

    split = {name: value for name, value in details.items() if name not in PLAIN}
    given = {
        "payments": to_payments(paid, at.roster, code) if paid else None,
        "split": to_split(SplitWords(**split), at.roster, code),
        "date": to_date(date) if date else None,
        "kind": kind_named(kind),
        **{name: details[name] for name in PLAIN},
    }
    return {field: value for field, value in given.items() if value is not None}
