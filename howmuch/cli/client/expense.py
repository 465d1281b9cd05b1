"""`howmuch expense`."""

from typing import Any

import click

from howmuch.cli.client.complete import complete_expense, complete_member
from howmuch.cli.client.expense_list import KINDS, kind_named, list_
from howmuch.cli.client.invocation import Command, Invocation, event_command, named

_EXPENSE = click.argument("wanted", metavar="EXPENSE", shell_complete=complete_expense)
_ETAG = click.option(
    "--etag",
    metavar="ETAG",
    help="Fail if the expense has changed since you read this etag (see `expense show`).",
)
_DETAILS = (
    click.option(
        "--paid",
        multiple=True,
        metavar="NAME[=AMOUNT]",
        shell_complete=complete_member,
        help="Person who paid; repeatable, then with amounts.",
    ),
    click.option(
        "--for",
        "names",
        multiple=True,
        metavar="NAME,...",
        shell_complete=complete_member,
        help="Split equally among these members.",
    ),
    click.option(
        "--share", "weights", multiple=True, metavar="NAME=N", help="Split by shares; repeatable."
    ),
    click.option(
        "--percent",
        "percents",
        multiple=True,
        metavar="NAME=N",
        help="Split by percent; repeatable.",
    ),
    click.option(
        "--exact", multiple=True, metavar="NAME=AMOUNT", help="Split by exact amounts; repeatable."
    ),
    click.option(
        "--adjust",
        "adjustments",
        multiple=True,
        metavar="NAME=AMOUNT",
        help="Split equally, then add this amount to one person's share (negative to subtract)."
        " Repeatable; combines with --for.",
    ),
    click.option(
        "--item",
        "items",
        multiple=True,
        metavar="TEXT=AMOUNT:NAME,...",
        help="Split by the lines of a bill: one line and its consumers; repeatable.",
    ),
    click.option("--tax", metavar="AMOUNT", help="Tax on top of the items."),
    click.option("--tip", metavar="AMOUNT", help="Tip on top of the items."),
    click.option(
        "--date", metavar="DATE", help="Day of the expense: YYYY-MM-DD, today or yesterday."
    ),
    click.option("--category", metavar="WORD", help="Category for the totals, such as food."),
    click.option("--notes", metavar="TEXT", help="Notes."),
    click.option(
        "--kind",
        type=KINDS,
        help="Kind of entry: income is money received, transfer a payment between two members.",
    ),
)


def _details(command: Command) -> Command:
    for option in reversed(_DETAILS):
        command = option(command)
    return command


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


@expense.command()
@click.argument("reason")
@click.argument("amount")
@click.argument("currency", required=False, default="")
@_details
@event_command
def add(at: Invocation, reason: str, amount: str, currency: str, **details: Any) -> None:
    """Add an expense of AMOUNT, with a REASON such as Dinner.

    By default you paid it today, in the currency of the event, and all members share it equally.
    CURRENCY is an ISO 4217 code.
    """
    from howmuch.client.expenses import add_expense
    from howmuch.client.views.expenses import expense_facts

    details["paid"] = details["paid"] or ("me",)
    details["date"] = details["date"] or "today"
    values = {"reason": reason, "amount": amount, "currency_code": currency.upper()}
    added = add_expense(at.session, at.event.id, values | _values(at, **details))
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
@_details
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
    from howmuch.client.expenses import edit_expense, find_expense
    from howmuch.client.views.expenses import expense_facts

    given = {"reason": reason, "amount": amount, "currency_code": currency and currency.upper()}
    values = named(given | _values(at, **details), "--reason, --amount, --paid, --for, ...")
    read = find_expense(at.session, at.event.id, wanted)
    changed = edit_expense(at.session, read, values, etag)
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
    *,
    paid: tuple[str, ...],
    date: str | None,
    category: str | None,
    notes: str | None,
    kind: str | None,
    **split: Any,
) -> dict[str, Any]:
    """Return the fields of an expense that options set."""
    from howmuch.client.drafts import SplitWords, to_date, to_payments, to_split

    given = {
        "payments": to_payments(paid, at.roster) if paid else None,
        "split": to_split(SplitWords(**split), at.roster),
        "date": to_date(date) if date else None,
        "category": category,
        "notes": notes,
        "kind": kind_named(kind),
    }
    return {field: value for field, value in given.items() if value is not None}
