"""`howmuch member`."""

import click

from howmuch.cli.client.complete import complete_member
from howmuch.cli.client.event import ROLES
from howmuch.cli.client.invocation import Invocation, event_command, named


@click.group()
def member() -> None:
    """Manage the members of an event: users, and guests without an account."""


@member.command("list")
@click.option("--all", "inactive", is_flag=True, help="Include members who have left.")
@event_command
def list_(at: Invocation, inactive: bool) -> None:
    """List the members."""
    from howmuch.client.events import list_members
    from howmuch.client.views.events import member_list

    found = list_members(at.session, at.event.id, inactive=inactive)
    at.output.show(found, member_list(found.members, at.event))


@member.command()
@click.argument("name")
@click.option("--email", default="", metavar="ADDRESS", help="Mail an invitation to this address.")
@click.option("--role", type=ROLES, default=None, help="Role after joining. Default: editor.")
@click.option(
    "--weight",
    metavar="N",
    help="Usual number of shares in expenses, such as 2, 0.5 or 0. Default: 1.",
)
@event_command
def add(at: Invocation, name: str, email: str, role: str | None, weight: str | None) -> None:
    """Add a guest with this NAME.

    `howmuch event invite --as NAME` lets the guest join with an account later.
    """
    from howmuch.client.drafts import weight_fields
    from howmuch.client.events import add_member

    shares = {} if weight is None else weight_fields("--weight", weight)
    added = add_member(at.session, at.event.id, name, email=email, role=role or "", **shares)
    at.output.show(added)
    at.done(f"{added.name} is in {at.event.name}.")
    _warn_of_namesake(at, added.name, added.namesake_member_id)


@member.command()
@click.argument("name", shell_complete=complete_member)
@click.option("--bar", is_flag=True, help="Refuse the user all invitations (owners only).")
@event_command
def remove(at: Invocation, name: str, bar: bool) -> None:
    """Remove a member by NAME or id; `me` means leave.

    The balance of the member must be zero. `howmuch member edit --unbar` ends a bar.
    """
    from howmuch.client.events import remove_member

    member_id = at.roster.id(name)
    remove_member(at.session, at.event.id, member_id, bar=bar)
    at.done(f"{at.roster.name(member_id)} has left {at.event.name}.")


@member.command()
@click.argument("name", shell_complete=complete_member)
@click.option("--name", "new_name", metavar="NAME", help="New name.")
@click.option("--role", type=ROLES, help="New role (owners only).")
@click.option(
    "--weight", metavar="N", help="Usual number of shares in new expenses, such as 2, 0.5 or 0."
)
@click.option("--mute/--unmute", default=None, help="Turn your mails about this event off or on.")
@click.option(
    "--only-mine/--all-mails",
    "only_mine",
    default=None,
    help="Mail you only about expenses that you paid or share, or about all.",
)
@click.option("--back", is_flag=True, help="Bring back a guest who has left.")
@click.option(
    "--bar/--unbar", default=None, help="Bar a user who has left, or end that (owners only)."
)
@click.option("--colour", metavar="#RRGGBB", help="Colour in pictures; empty for the default.")
@event_command
def edit(
    at: Invocation,
    name: str,
    new_name: str | None,
    role: str | None,
    weight: str | None,
    mute: bool | None,
    only_mine: bool | None,
    back: bool,
    bar: bool | None,
    colour: str | None,
) -> None:
    """Change a member by NAME or id; `me` means you."""
    from howmuch.client.drafts import weight_fields
    from howmuch.client.events import update_member

    given = {
        "name": new_name,
        "role": f"ROLE_{role.upper()}" if role else None,
        **({} if weight is None else weight_fields("--weight", weight)),
        "muted": mute,
        "mail_only_mine": only_mine,
        "state": "MEMBER_STATE_ACTIVE" if back else None,
        "barred": bar,
        "colour": colour,
    }
    flags = (
        "--name, --role, --weight, --mute, --unmute, --only-mine, --all-mails, --back, --bar, --unbar or"
        " --colour."
    )
    values = named(given, flags)
    changed = update_member(at.session, at.event.id, at.roster.id(name), values)
    at.output.show(changed)
    at.done(f"Changed {changed.name}.")
    _warn_of_namesake(at, changed.name, changed.namesake_member_id)


def _warn_of_namesake(at: Invocation, name: str, other_id: str) -> None:
    if other_id:
        at.done(
            f"Another member is called {name} too ({other_id}): tell them apart by `member edit --name`."
        )
