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
    """Manage events, such as a trip or a flat.

    EVENT is a name, in any case, or an id. Without it, commands use the event that you chose with
    `use`, or created or joined last, or your only one.
    """


@event.command("list")
@click.option("--archived", is_flag=True, help="Include archived events.")
@click.option("--deleted", is_flag=True, help="Include deleted events.")
@client_command
def list_(at: Invocation, archived: bool, deleted: bool) -> None:
    """List your events, newest first; * marks the one in use."""
    from howmuch.client.events import list_events
    from howmuch.client.views.events import event_list

    found = list_events(at.session, archived=archived, deleted=deleted)
    at.output.show(found, event_list(found.events, at.session.profile.event_id))


@event.command()
@click.argument("text")
@client_command
def search(at: Invocation, text: str) -> None:
    """List your events whose name contains TEXT, also archived ones."""
    from howmuch.client.overview import search_events
    from howmuch.client.views.events import event_list

    found = search_events(at.session, text)
    at.output.show(found, event_list(found.events, at.session.profile.event_id))


@event.command()
@click.argument("name")
@click.option(
    "--currency",
    default="",
    metavar="CODE",
    help="Default currency of its expenses, ISO 4217. Default: yours.",
)
@click.option("--description", default="", metavar="TEXT", help="A description.")
@click.option(
    "--time-zone",
    default="",
    metavar="ZONE",
    help="Time zone of its days, such as Europe/Lisbon. Default: yours.",
)
@click.option("--with", "guests", multiple=True, metavar="NAME", help="Add a guest; repeatable.")
@click.option("--id", "event_id", default="", metavar="ID", help="Choose the id of the event.")
@client_command
def create(
    at: Invocation,
    name: str,
    currency: str,
    description: str,
    time_zone: str,
    guests: tuple[str, ...],
    event_id: str,
) -> None:
    """Create an event, and use it from now on."""
    from howmuch.client.events import add_member, create_event, list_members, same_name
    from howmuch.client.views.events import event_facts
    from howmuch.client.views.output import counted

    others = same_name(at.session, name)
    made = create_event(at.session, name, description, currency.upper(), time_zone, event_id)
    for guest in guests:
        add_member(at.session, made.id, guest)
    at.output.show(made, *event_facts(made, list_members(at.session, made.id).members))
    if others:
        at.done(
            f"You are now in {counted(len(others) + 1, 'event')} named {made.name}. Commands use the new one;"
            f" `howmuch event use {others[0].id}` goes back to the other."
        )


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
    """Choose the EVENT for later commands."""
    at.session.use_event(at.event.id)
    at.output.show(at.event)
    at.done(f"Commands now use {at.event.name}.")


@event.command()
@click.option("--name", help="The new name.")
@click.option("--description", metavar="TEXT", help="The new description.")
@click.option("--currency", metavar="CODE", help="Default currency for new expenses.")
@click.option("--time-zone", metavar="ZONE", help="Time zone of its days, such as Europe/Lisbon.")
@click.option(
    "--etag",
    metavar="ETAG",
    help="Fail if the event has changed since you read this etag (see `event show`).",
)
@event_command
def edit(
    at: Invocation,
    name: str | None,
    description: str | None,
    currency: str | None,
    time_zone: str | None,
    etag: str | None,
) -> None:
    """Change the name, description, currency or time zone of an event (owners only)."""
    from howmuch.client.events import update_event

    given = {
        "name": name,
        "description": description,
        "currency_code": currency,
        "time_zone": time_zone,
    }
    values = named(given, "--name, --description, --currency or --time-zone.")
    changed = update_event(at.session, at.event, values, etag)
    at.output.show(changed)
    at.done(f"Changed {changed.name}.")


@event.command()
@click.option(
    "--as", "guest", metavar="NAME", help="The guest that the invited person will take over."
)
@click.option(
    "--email", default="", metavar="ADDRESS", help="Also mail the invitation to this address."
)
@click.option("--role", type=ROLES, default=None, help="Role of the new member. Default: editor.")
@click.option(
    "--uses",
    type=click.IntRange(1, 1000),
    metavar="N",
    help="How many people can join with it. Default: 1.",
)
@click.option(
    "--days", type=click.IntRange(1, 90), metavar="N", help="Days until it expires. Default: 14."
)
@event_command
def invite(
    at: Invocation,
    guest: str | None,
    email: str,
    role: str | None,
    uses: int | None,
    days: int | None,
) -> None:
    """Create an invitation, and print its link and the command to join with it."""
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
    at.output.show(made, *invitation(made, at.event, at.session.profile))


@event.command()
@click.option("--revoke", metavar="ID", help="Revoke the invitation with this id.")
@event_command
def invitations(at: Invocation, revoke: str | None) -> None:
    """List the open invitations, newest first."""
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
    """Archive an event: make it read-only."""
    _change(at, "Archive", "is archived; `howmuch event unarchive` undoes this.")


@event.command()
@_WHICH
@client_command
def unarchive(at: Invocation) -> None:
    """Make an archived event writable again."""
    _change(at, "Unarchive", "is writable again.")


@event.command()
@click.argument("wanted_event", metavar="EVENT", shell_complete=complete_event)
@client_command
def delete(at: Invocation) -> None:
    """Delete an event; `undelete` restores it for 30 days."""
    _change(at, "Delete", "is deleted; `howmuch event undelete` restores it for 30 days.")


@event.command()
@click.argument("wanted_event", metavar="EVENT", shell_complete=complete_event)
@client_command
def undelete(at: Invocation) -> None:
    """Restore a deleted event."""
    _change(at, "Undelete", "is restored.")


def _change(at: Invocation, verb: str, done: str) -> None:
    from howmuch.client.events import change_state

    changed = change_state(at.session, at.event.id, verb)
    at.output.show(changed)
    at.done(f"{changed.name} {done}")


# Tokens of earlier versions may begin with a hyphen.
@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("token_or_link")
@click.option(
    "--as",
    "guest",
    metavar="NAME",
    shell_complete=complete_member,
    help="Join as this existing guest. Default: the guest the invitation names, or a new member.",
)
@client_command
def join(at: Invocation, token_or_link: str, guest: str | None) -> None:
    """Join an event with an invitation, and use it from now on."""
    from howmuch.client import events
    from howmuch.client.views.events import event_facts

    joined = events.join(at.session, token_or_link, guest)
    members = events.list_members(at.session, joined.id).members
    at.output.show(joined, *event_facts(joined, members))
