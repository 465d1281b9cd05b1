"""`howmuch mail`."""

import click

KINDS = (
    "expense-created",
    "expense-changed",
    "expense-deleted",
    "expense-restored",
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
    "digest",
)
"""The kinds of mail that there is a sample of; a test compares them with the samples."""


@click.group()
def mail() -> None:
    """Mails: look at them, and at those that could not be sent."""


@mail.command(epilog=f"Kinds: {', '.join(KINDS)}.")
@click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
@click.option("--locale", default="en", show_default=True, help="BCP 47, such as fr or en-GB.")
@click.option("--html", is_flag=True, help="The HTML instead of subject and text.")
def preview(kind: str, locale: str, html: bool) -> None:
    """Print a mail of this KIND as it would be sent, about a trip that never was."""
    from howmuch.mail.render import render
    from howmuch.mail.samples import SAMPLES

    content = render(SAMPLES[kind](locale))
    if html:
        click.echo(content.html, nl=False)
    else:
        click.echo(f"Subject: {content.subject}\n\n{content.text}", nl=False)
