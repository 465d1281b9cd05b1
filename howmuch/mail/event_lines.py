"""What happened to an event and its members, in words."""

from collections.abc import Callable

from howmuch.history import Change
from howmuch.mail.catalogs import N_
from howmuch.mail.narrator import Narrator
from howmuch.mail.phrases import Phrase, plain
from howmuch.model import Event, Member, Role

Headline = Callable[[Narrator, Change], Phrase]

ROLES = {
    Role.VIEWER: N_("viewer"),
    Role.EDITOR: N_("editor"),
    Role.OWNER: N_("owner"),
}


def by_actor(message: str) -> Headline:
    """A headline of which only the actor varies."""
    return lambda narrator, change: narrator.voice.say(
        message, actor=narrator.subject(change.actor_member_id)
    )


def by_member(message: str) -> Headline:
    """A headline that begins with the member it is about."""
    return lambda narrator, change: narrator.voice.say(
        message,
        member=narrator.subject(change.subject_id, _member_of(change).name),
    )


def member_added(narrator: Narrator, change: Change) -> Phrase:
    """Who added a guest."""
    return narrator.voice.say(
        "{actor} added {member} to the event",
        actor=narrator.subject(change.actor_member_id),
        member=narrator.name(change.subject_id, _member_of(change).name),
    )


def member_removed(narrator: Narrator, change: Change) -> Phrase:
    """Who removed whom; the reader is addressed."""
    actor = narrator.subject(change.actor_member_id)
    if change.subject_id == narrator.reader_id:
        return narrator.voice.say("{actor} removed you from the event", actor=actor)
    return narrator.voice.say(
        "{actor} removed {member} from the event",
        actor=actor,
        member=narrator.name(change.subject_id, _member_of(change).name),
    )


def member_updated(narrator: Narrator, change: Change) -> Phrase:
    """Who changed what about a member: the role, the name, the weight, or several of them."""
    before, after = change.before, _member_of(change)
    changed = _changed(before, after) if isinstance(before, Member) else []
    if changed == ["role"]:
        return _role_given(narrator, change, after)
    if changed == ["name"] and isinstance(before, Member):
        return _renamed(narrator, change, before, after)
    actor = narrator.subject(change.actor_member_id)
    member = narrator.name(change.subject_id, after.name)
    if changed == ["active"] and after.active:
        return narrator.voice.say("{actor} took {member} back in", actor=actor, member=member)
    if changed == ["weight"]:
        return narrator.voice.say(
            "{actor} changed the weight of {member} in splits", actor=actor, member=member
        )
    return narrator.voice.say("{actor} changed the entry of {member}", actor=actor, member=member)


def member_differences(narrator: Narrator, change: Change) -> list[Phrase]:
    """Name, role and weight, before and after."""
    before, after = change.before, change.after
    if not isinstance(before, Member) or not isinstance(after, Member):
        return []
    voice, row = narrator.voice, narrator.difference
    rows = [
        *row(N_("Role"), voice.say(ROLES[before.role]), voice.say(ROLES[after.role])),
        *row(N_("Weight"), voice.number(before.weight), voice.number(after.weight)),
    ]
    # Of the name alone, the headline says all.
    if rows:
        rows = [*row(N_("Name"), narrator.text(before.name), narrator.text(after.name)), *rows]
    return rows


def joined_details(narrator: Narrator, change: Change) -> list[Phrase]:
    """The newcomer's role, and the guest they were until now."""
    before, after = change.before, _member_of(change)
    rows = [narrator.row(N_("Role"), narrator.voice.say(ROLES[after.role]))]
    if isinstance(before, Member) and before.user_id is None and before.name != after.name:
        rows.append(narrator.row(N_("Known until now as"), narrator.text(before.name)))
    return rows


def event_updated(narrator: Narrator, change: Change) -> Phrase:
    """Who renamed the event, or changed something else about it."""
    before, after = change.before, change.after
    actor = narrator.subject(change.actor_member_id)
    if isinstance(before, Event) and isinstance(after, Event) and before.name != after.name:
        return narrator.voice.say(
            "{actor} renamed the event to “{name}”", actor=actor, name=narrator.text(after.name)
        )
    return narrator.voice.say("{actor} changed the event", actor=actor)


def event_differences(narrator: Narrator, change: Change) -> list[Phrase]:
    """Name, description and currency, before and after."""
    before, after = change.before, change.after
    if not isinstance(before, Event) or not isinstance(after, Event):
        return []
    row = narrator.difference
    rows = [
        *row(N_("Name"), narrator.text(before.name), narrator.text(after.name)),
        *row(N_("Currency"), plain(before.currency_code), plain(after.currency_code)),
    ]
    if before.description != after.description:
        removed = narrator.voice.say("removed")
        text = narrator.quoted(after.description) if after.description else removed
        rows.append(narrator.row(N_("Description"), text))
    return rows


def _changed(before: Member, after: Member) -> list[str]:
    fields = ("name", "role", "weight", "active")
    return [field for field in fields if getattr(before, field) != getattr(after, field)]


def _role_given(narrator: Narrator, change: Change, member: Member) -> Phrase:
    voice, role = narrator.voice, narrator.voice.say(ROLES[member.role])
    actor = narrator.subject(change.actor_member_id)
    if change.subject_id == narrator.reader_id:
        return voice.say("{actor} gave you the role “{role}”", actor=actor, role=role)
    if change.subject_id == change.actor_member_id:
        return voice.say("{member} now has the role “{role}”", member=actor, role=role)
    name = narrator.name(change.subject_id, member.name)
    return voice.say("{actor} gave {member} the role “{role}”", actor=actor, member=name, role=role)


def _renamed(narrator: Narrator, change: Change, before: Member, after: Member) -> Phrase:
    voice, new = narrator.voice, narrator.text(after.name)
    if change.subject_id == change.actor_member_id:
        return voice.say("{old} is now called {new}", old=narrator.text(before.name), new=new)
    actor = narrator.subject(change.actor_member_id)
    if change.subject_id == narrator.reader_id:
        return voice.say("{actor} changed your name to {new}", actor=actor, new=new)
    old = narrator.text(before.name)
    return voice.say("{actor} renamed {old} to {new}", actor=actor, old=old, new=new)


def _member_of(change: Change) -> Member:
    member = change.after if change.after is not None else change.before
    assert isinstance(member, Member)
    return member
