"""`howmuch event` and `howmuch join`."""

import click

from howmuch.cli.client.complete import complete_event, complete_member
from howmuch.cli.client.invocation import Invocation, client_command, event_command, named

ROLES = click.Choice(("viewer", "editor", "owner"))

_WHICH = click.argument(
    "wanted_event", metavar="[EVENT]", required=False, shell_complete=complete_event
)


@click.group()
def event() -> None:
    """Events: what you share the costs of, such as a trip or a flat.

    An event is named by its name, whatever the case, or by its id. Where a command names none, it is
    about the one that `use` chose, that you made or joined last, or your only one.
    """


@event.command("list")
@click.option("--archived", is_flag=True, help="Also archived ones.")
@click.option("--deleted", is_flag=True, help="Also deleted ones.")
@client_command
def list_(at: Invocation, archived: bool, deleted: bool) -> None:
    """List your events, newest first; * marks the one in use."""
    from howmuch.client.events import list_events
    from howmuch.client.views.events import event_list

    found = list_events(at.session, archived=archived, deleted=deleted)
    at.output.show(found, event_list(found.events, at.session.profile.event_id))


@event.command()
@click.argument("name")
@click.option("--currency", default="", metavar="CODE", help="ISO 4217. Default: your own.")
@click.option("--description", default="", metavar="TEXT", help="Free text.")
@click.option("--with", "guests", multiple=True, metavar="NAME", help="Add this guest; repeatable.")
@client_command
def create(
    at: Invocation, name: str, currency: str, description: str, guests: tuple[str, ...]
) -> None:
    """Make an event, and use it from now on."""
    from howmuch.client.events import add_member, create_event, list_members
    from howmuch.client.views.events import event_facts

    made = create_event(at.session, name, description, currency.upper())
    for guest in guests:
        add_member(at.session, made.id, guest, email="", role="", weight=0)
    at.output.show(made, *event_facts(made, list_members(at.session, made.id).members))


@event.command()
@_WHICH
@client_command
def show(at: Invocation) -> None:
    """Show an event and its members."""
    from howmuch.client.events import list_members
    from howmuch.client.views.events import event_facts

    at.output.show(at.event, *event_facts(at.event, list_members(at.session, at.event.id).members))


@event.command()
@click.argument("wanted_event", metavar="EVENT", shell_complete=complete_event)
@client_command
def use(at: Invocation) -> None:
    """Choose the EVENT that commands are about."""
    at.session.use_event(at.event.id)
    at.output.show(at.event)
    at.done(f"Commands are about {at.event.name} from now on.")


@event.command()
@click.option("--name", help="The new name.")
@click.option("--description", metavar="TEXT", help="The new description.")
@click.option("--currency", metavar="CODE", help="Of expenses from now on that name none.")
@click.option("--etag", metavar="ETAG", help="Refuse where it is not this any more (`show`).")
@event_command
def edit(
    at: Invocation,
    name: str | None,
    description: str | None,
    currency: str | None,
    etag: str | None,
) -> None:
    """Change name, description or currency of an event. Owners may."""
    from howmuch.client.events import update_event

    given = {"name": name, "description": description, "currency_code": currency}
    values = named(given, "--name, --description or --currency.")
    changed = update_event(at.session, at.event, values, etag)
    at.output.show(changed)
    at.done(f"Changed {changed.name}.")


@event.command()
@click.option("--as", "guest", metavar="NAME", help="Guest that whoever joins becomes.")
@click.option("--email", default="", metavar="ADDRESS", help="Mail it there as well.")
@click.option("--role", type=ROLES, default=None, help="Role that it gives. Default: editor.")
@click.option("--uses", type=int, default=0, metavar="N", help="People who may join. Default: 1.")
@click.option("--days", type=int, default=0, metavar="N", help="Days it works. Default: 14.")
@event_command
def invite(
    at: Invocation, guest: str | None, email: str, role: str | None, uses: int, days: int
) -> None:
    """Make an invitation, and print the command by which somebody joins."""
    from howmuch.client import events
    from howmuch.client.views.events import invitation

    made = events.invite(
        at.session,
        at.event.id,
        role=role or "",
        member_id=at.roster.id(guest) if guest else "",
        email=email,
        uses=uses,
        days=days,
    )
    at.output.show(made, *invitation(made, at.event))


@event.command()
@click.option("--revoke", metavar="ID", help="End this one: nobody joins by it any more.")
@event_command
def invitations(at: Invocation, revoke: str | None) -> None:
    """List the invitations that can be used, newest first."""
    from howmuch.client import events
    from howmuch.client.views.events import invitation_list

    if revoke:
        events.revoke_invitation(at.session, at.event.id, revoke)
        at.done(f"Revoked {revoke}.")
        return
    found = events.list_invitations(at.session, at.event.id)
    at.output.show(found, invitation_list(found.invitations, at.roster))


@event.command()
@_WHICH
@client_command
def archive(at: Invocation) -> None:
    """Archive an event: it can then only be read."""
    _change(at, "Archive", "is archived; `howmuch event unarchive` takes it back out.")


@event.command()
@_WHICH
@client_command
def unarchive(at: Invocation) -> None:
    """Take an event out of the archive."""
    _change(at, "Unarchive", "can be written to again.")


@event.command()
@click.argument("wanted_event", metavar="EVENT", shell_complete=complete_event)
@client_command
def delete(at: Invocation) -> None:
    """Delete an event; for 30 days `undelete` brings it back."""
    _change(at, "Delete", "is deleted; `howmuch event undelete` brings it back for 30 days.")


@event.command()
@click.argument("wanted_event", metavar="EVENT", shell_complete=complete_event)
@client_command
def undelete(at: Invocation) -> None:
    """Bring a deleted event back."""
    _change(at, "Undelete", "is back.")


def _change(at: Invocation, verb: str, done: str) -> None:
    from howmuch.client.events import change_state

    changed = change_state(at.session, at.event.id, verb)
    at.output.show(changed)
    at.done(f"{changed.name} {done}")


@click.command()
@click.argument("token_or_link")
@click.option(
    "--as",
    "guest",
    metavar="NAME",
    shell_complete=complete_member,
    help="Guest in the event who you are. Default: the one it is for, else somebody new.",
)
@client_command
def join(at: Invocation, token_or_link: str, guest: str | None) -> None:
    """Join an event by an invitation, and use it from now on."""
    from howmuch.client import events
    from howmuch.client.views.events import event_facts

    joined = events.join(at.session, token_or_link, guest)
    members = events.list_members(at.session, joined.id).members
    at.output.show(joined, *event_facts(joined, members))
