"""`howmuch comment`."""

import click

from howmuch.cli.client.complete import complete_expense
from howmuch.cli.client.invocation import Invocation, event_command

_EXPENSE = click.argument("wanted", metavar="EXPENSE", shell_complete=complete_expense)


@click.group()
def comment() -> None:
    """Comment on expenses.

    EXPENSE is its reason, a unique part of the reason, or its id.
    """


@comment.command()
@_EXPENSE
@click.argument("text")
@event_command
def add(at: Invocation, wanted: str, text: str) -> None:
    """Comment on an EXPENSE with a TEXT."""
    from howmuch.client.comments import add_comment
    from howmuch.client.expenses import find_expense

    found = find_expense(at.session, at.event.id, wanted, deleted=True)
    at.output.show(add_comment(at.session, found, text))
    at.done(f"Commented on {found.reason}.")


@comment.command("list")
@_EXPENSE
@event_command
def list_(at: Invocation, wanted: str) -> None:
    """List the comments on an EXPENSE, oldest first."""
    from howmuch.client.comments import list_comments
    from howmuch.client.expenses import find_expense
    from howmuch.client.views.comments import comment_list

    found = list_comments(at.session, find_expense(at.session, at.event.id, wanted, deleted=True))
    at.output.show(found, *comment_list(found.comments, at.roster))


@comment.command()
@_EXPENSE
@click.argument("comment_id", metavar="COMMENT")
@event_command
def delete(at: Invocation, wanted: str, comment_id: str) -> None:
    """Delete your COMMENT on an EXPENSE, by the id that `list` shows."""
    from howmuch.client.comments import delete_comment
    from howmuch.client.expenses import find_expense

    found = find_expense(at.session, at.event.id, wanted, deleted=True)
    at.output.show(delete_comment(at.session, found, comment_id))
    at.done(f"Deleted the comment on {found.reason}.")
