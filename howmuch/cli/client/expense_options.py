"""The options of the fields of an expense, for `expense add` and `expense edit`."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from howmuch.cli.client.complete import complete_member
from howmuch.cli.client.invocation import Command

KINDS = click.Choice(("expense", "income", "transfer"))
HELP = {
    "--paid": "Person who paid; repeatable, then with amounts.",
    "--for": "Split equally among these members.",
    "--share": "Split by shares; repeatable.",
    "--percent": "Split by percent; repeatable.",
    "--exact": "Split by exact amounts; repeatable.",
    "--adjust": "Split equally, then add this amount to one person's share (negative to subtract)."
    " Repeatable; combines with --for.",
    "--item": "Split by the lines of a bill: one line and its consumers; repeatable.",
    "--tax": "Tax on top of the items.",
    "--tip": "Tip on top of the items.",
    "--date": "Day of the expense: YYYY-MM-DD, today or yesterday.",
    "--category": "Category for the totals, such as food.",
    "--notes": "Notes.",
    "--kind": "Kind of entry: income is money received, transfer a payment between two members.",
}
HELP_OF_EDIT = {
    "--paid": "Person who paid instead; repeatable, then with amounts.",
    "--for": "Split equally among these members instead.",
    "--share": "Split by shares instead; repeatable.",
    "--percent": "Split by percent instead; repeatable.",
    "--exact": "Split by exact amounts instead; repeatable.",
    "--adjust": "Split equally instead, then add this amount to one person's share (negative to subtract)."
    " Repeatable; combines with --for.",
    "--item": "Replace the lines of the bill: one line and its consumers; repeatable.",
    "--tax": "New tax on top of the items. Without --item, the lines of the bill stay.",
    "--tip": "New tip on top of the items. Without --item, the lines of the bill stay.",
    "--date": "New day of the expense: YYYY-MM-DD, today or yesterday.",
    "--category": "New category; '' removes it.",
    "--notes": "New notes; '' removes them.",
    "--kind": "New kind: income is money received, transfer a payment between two members.",
}
PLAIN = (
    "category",
    "notes",
)
"""The options that are fields as they are typed."""
_MEMBERS: dict[str, Any] = {"multiple": True, "shell_complete": complete_member}
_DETAILS: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (("--paid",), {"metavar": "NAME[=AMOUNT]", **_MEMBERS}),
    (("--for", "names"), {"metavar": "NAME,...", **_MEMBERS}),
    (("--share", "weights"), {"metavar": "NAME=N", "multiple": True}),
    (("--percent", "percents"), {"metavar": "NAME=N", "multiple": True}),
    (("--exact",), {"metavar": "NAME=AMOUNT", "multiple": True}),
    (("--adjust", "adjustments"), {"metavar": "NAME=AMOUNT", "multiple": True}),
    (("--item", "items"), {"metavar": "TEXT=AMOUNT:NAME,...", "multiple": True}),
    (("--tax",), {"metavar": "AMOUNT"}),
    (("--tip",), {"metavar": "AMOUNT"}),
    (("--date",), {"metavar": "DATE"}),
    (("--category",), {"metavar": "WORD"}),
    (("--notes",), {"metavar": "TEXT"}),
    (("--kind",), {"type": KINDS}),
)


def expense_fields(help_texts: Mapping[str, str]) -> Callable[[Command], Command]:
    """The options of an expense. help_texts: by option, of a command that adds or that changes."""

    def add_options(command: Command) -> Command:
        for names, attributes in reversed(_DETAILS):
            command = click.option(*names, help=help_texts[names[0]], **attributes)(command)
        return command

    return add_options
