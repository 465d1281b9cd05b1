"""Tables of events, members and invitations."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text

from howmuch.client.events import Roster
from howmuch.client.profiles import Profile
from howmuch.client.views.output import cell, facts, local_time, table
from howmuch.client.views.splits import weight
from howmuch.v1 import event_pb2


def event_list(events: Iterable[event_pb2.Event], in_use: str) -> RenderableType:
    """Show events. in_use: id of the event to mark."""
    shown = table("", "Name", "Currency", "Your role", "Since", "Id", less=("Since",))
    for event in events:
        shown.add_row(
            Text("*", style="bold green") if event.id == in_use else "",
            cell(event.name + _state(event), "bold" if event.id == in_use else ""),
            event.currency_code,
            role(event.role),
            local_time(event.create_time)[:10],
            Text(event.id, style="dim"),
        )
    return (
        shown
        if shown.row_count
        else Text("No events: create one with `howmuch event create NAME`.")
    )


def event_facts(
    event: event_pb2.Event, members: Iterable[event_pb2.Member]
) -> list[RenderableType]:
    shown = facts(
        {
            "Description": event.description,
            "Currency": event.currency_code,
            "Time zone": event.time_zone,
            "Your role": role(event.role),
            "Id": event.id,
            "Etag": event.etag,
        }
    )
    return [cell(event.name + _state(event), "bold"), shown, "", member_list(members, event)]


def member_list(members: Iterable[event_pb2.Member], event: event_pb2.Event) -> RenderableType:
    shown = table("Name", "Role", "Weight", "", "Id", right=("Weight",))
    for member in members:
        notes = [
            note
            for note, holds in {
                "you": member.id == event.member_id,
                "guest": not member.user_id,
                "has left": member.state == event_pb2.MEMBER_STATE_INACTIVE,
                "barred": member.barred,
                "muted": member.muted,
                "mail about own expenses": member.mail_only_mine and not member.muted,
            }.items()
            if holds
        ]
        shown.add_row(
            cell(member.name),
            role(member.role),
            weight(member),
            Text(", ".join(notes), style="dim"),
            Text(member.id, style="dim"),
        )
    return shown


def invitation(
    made: event_pb2.Invitation, event: event_pb2.Event, profile: Profile
) -> list[RenderableType]:
    """Show the link and the command to join, and who can use them. profile: of the server."""
    until = local_time(made.expire_time)[:10]
    people = "one person" if made.max_uses == 1 else f"{made.max_uses} people"
    command = f"howmuch join {made.token} --server {profile.address}"
    lines: list[RenderableType] = [
        cell(f"Anyone with this {'link' if made.link else 'command'} can join {event.name} as"),
        cell(f"{role(made.role)} ({people}, until {until}):"),
    ]
    if made.link:
        lines += [_whole(f"\n  {made.link}\n"), Text("In a terminal:")]
    lines.append(_whole(f"\n  {command}\n"))
    if made.mail == event_pb2.INVITATION_MAIL_SENDER_NOT_VERIFIED:
        lines.append(
            cell(
                f"Not mailed to {made.email}: verify your own address first (howmuch account verify)."
            )
        )
    elif made.email:
        lines.append(cell(f"Also mailed to {made.email}."))
    return lines


def _whole(text: str) -> Text:
    """A text to copy, which is not wrapped."""
    return cell(text, no_wrap=True)


def invitation_list(invitations: Iterable[event_pb2.Invitation], roster: Roster) -> RenderableType:
    shown = table("Role", "For", "Used", "Until", "Id")
    for one in invitations:
        whom = roster.name(one.member_id) if one.member_id else one.email or "anybody"
        shown.add_row(
            role(one.role),
            cell(whom),
            f"{one.use_count} of {one.max_uses}",
            local_time(one.expire_time)[:10],
            Text(one.id, style="dim"),
        )
    return (
        shown
        if shown.row_count
        else Text("No invitations: create one with `howmuch event invite`.")
    )


def default_split(event: event_pb2.Event, roster: Roster) -> RenderableType:
    """Show how an expense is split that has no split of its own."""
    split = event.default_split
    match split.WhichOneof("mode"):
        case "equal":
            names = ", ".join(map(roster.name, split.equal.member_ids)) or "all members"
            text = f"equally among {names}"
        case "weights":
            shares = [f"{roster.name(p.member_id)} {weight(p)}" for p in split.weights.parts]
            text = f"by shares: {', '.join(shares)}"
        case "percent":
            parts = [f"{roster.name(p.member_id)} {p.percent} %" for p in split.percent.parts]
            text = f"by percent: {', '.join(parts)}"
        case _:
            text = "by the usual weights of all members"
    return cell(f"New expenses of {event.name} are split {text}.")


def role(value: event_pb2.Role.ValueType) -> str:
    """Return the name of a role as on the command line, in lower case."""
    return event_pb2.Role.Name(value).removeprefix("ROLE_").lower()


def _state(event: event_pb2.Event) -> str:
    if event.HasField("delete_time"):
        return " (deleted)"
    return " (archived)" if event.HasField("archive_time") else ""
