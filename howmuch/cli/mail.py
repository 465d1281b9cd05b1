"""`howmuch mail`."""

import textwrap

import click

KINDS = (
    "expense-created",
    "expense-changed",
    "expense-deleted",
    "expense-restored",
    "comment-added",
    "member-joined",
    "member-left",
    "role-changed",
    "event-renamed",
    "event-archived",
    "event-deleted",
    "several-changes",
    "invitation",
    "verify",
    "reset",
    "password-changed",
    "deletion-requested",
    "email-change",
    "email-changed",
    "email-returned",
    "email-taken-back",
    "digest",
)
"""The kinds of mail in howmuch.mail.samples; a test compares them."""


@click.group()
def mail() -> None:
    """Preview mails, and manage those that could not be sent."""


@mail.command(
    epilog="\b\nKinds:\n"
    + textwrap.indent(textwrap.fill(", ".join(KINDS), 74, break_on_hyphens=False), "  ")
)
@click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
@click.option(
    "--locale",
    default="en",
    show_default=True,
    help="Language of the mail, BCP 47, such as fr or en-GB.",
)
@click.option("--html", is_flag=True, help="Print the HTML instead of subject and text.")
def preview(kind: str, locale: str, html: bool) -> None:
    """Print a mail of this KIND, with example data."""
    from howmuch.mail.render import render
    from howmuch.mail.samples import SAMPLES

    content = render(SAMPLES[kind](locale))
    if html:
        click.echo(content.html, nl=False)
    else:
        click.echo(f"Subject: {content.subject}\n\n{content.text}", nl=False)
