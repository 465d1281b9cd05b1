"""Headlines and details about changes of an event and its members."""

from collections.abc import Callable

from howmuch.ledger.split import UsualSplit
from howmuch.mail.catalogs import N_
from howmuch.mail.phrases import Phrase, plain
from howmuch.mail.split_lines import split_phrase
from howmuch.mail.wording import Difference, Wording
from howmuch.model import Event, Member, Role
from howmuch.usecases.appearance import default_colour
from howmuch.usecases.history import Change

Headline = Callable[[Wording, Change], Phrase]

ROLES = {Role.VIEWER: N_("viewer"), Role.EDITOR: N_("editor"), Role.OWNER: N_("owner")}


def by_actor(message: str) -> Headline:
    """A headline whose only variable part is the actor."""
    return lambda wording, change: wording.translator.say(
        message, actor=wording.subject(change.actor_member_id)
    )


def by_member(message: str) -> Headline:
    """A headline that begins with the member who is its subject."""
    return lambda wording, change: wording.translator.say(
        message, member=wording.subject(change.subject_id, _member_of(change).name)
    )


def member_added(wording: Wording, change: Change) -> Phrase:
    return wording.translator.say(
        "{actor} added {member} to the event",
        actor=wording.subject(change.actor_member_id),
        member=wording.name(change.subject_id, _member_of(change).name),
    )


def member_removed(wording: Wording, change: Change) -> Phrase:
    actor = wording.subject(change.actor_member_id)
    if change.subject_id == wording.reader_id:
        return wording.translator.say("{actor} removed you from the event", actor=actor)
    return wording.translator.say(
        "{actor} removed {member} from the event",
        actor=actor,
        member=wording.name(change.subject_id, _member_of(change).name),
    )


def member_updated(wording: Wording, change: Change) -> Phrase:
    before, after = change.before, _member_of(change)
    changed = _changed(before, after) if isinstance(before, Member) else []
    if changed == ["role"]:
        return _role_given(wording, change, after)
    if changed == ["name"] and isinstance(before, Member):
        return _renamed(wording, change, before, after)
    actor = wording.subject(change.actor_member_id)
    member = wording.name(change.subject_id, after.name)
    if changed == ["active"] and after.active:
        return wording.translator.say("{actor} took {member} back in", actor=actor, member=member)
    if changed == ["weight"]:
        return wording.translator.say(
            "{actor} changed the weight of {member} in splits", actor=actor, member=member
        )
    return wording.translator.say(
        "{actor} changed the entry of {member}", actor=actor, member=member
    )


def member_differences(wording: Wording, change: Change) -> list[Difference]:
    before, after = change.before, change.after
    if not isinstance(before, Member) or not isinstance(after, Member):
        return []
    translator, row = wording.translator, wording.difference
    roles = translator.say(ROLES[before.role]), translator.say(ROLES[after.role])
    weights = translator.number(before.weight), translator.number(after.weight)
    return [
        *row("name", N_("Name"), wording.new_name(before.name), wording.new_name(after.name)),
        *row("role", N_("Role"), *roles),
        *row("weight", N_("Weight"), *weights),
        *row("barred", N_("Barred"), _yes_or_no(wording, before), _yes_or_no(wording, after)),
        *row("colour", N_("Colour"), _colour(before), _colour(after)),
    ]


def _colour(member: Member) -> Phrase:
    return plain(member.colour or default_colour(member.id))


def _yes_or_no(wording: Wording, member: Member) -> Phrase:
    return wording.translator.say("yes") if member.barred else wording.translator.say("no")


def member_details(wording: Wording, change: Change) -> list[Phrase]:
    """The differences, unless only the name changed: then the headline says all."""
    found = member_differences(wording, change)
    return wording.rows(found) if [each.path for each in found] != ["name"] else []


def joined_details(wording: Wording, change: Change) -> list[Phrase]:
    """The role of the new member, and the name of the guest that the member took over."""
    before, after = change.before, _member_of(change)
    rows = [wording.row(N_("Role"), wording.translator.say(ROLES[after.role]))]
    if isinstance(before, Member) and before.user_id is None and before.name != after.name:
        rows.append(wording.row(N_("Known until now as"), wording.new_name(before.name)))
    return rows


def event_updated(wording: Wording, change: Change) -> Phrase:
    before, after = change.before, change.after
    actor = wording.subject(change.actor_member_id)
    if isinstance(before, Event) and isinstance(after, Event) and before.name != after.name:
        return wording.translator.say(
            "{actor} renamed the event to “{name}”", actor=actor, name=wording.new_name(after.name)
        )
    return wording.translator.say("{actor} changed the event", actor=actor)


def event_differences(wording: Wording, change: Change) -> list[Difference]:
    before, after = change.before, change.after
    if not isinstance(before, Event) or not isinstance(after, Event):
        return []
    row = wording.difference
    removed = wording.translator.say("removed")
    described = wording.quoted(after.description) if after.description else removed
    descriptions = wording.text(before.description), wording.text(after.description)
    currencies = plain(before.currency_code), plain(after.currency_code)
    return [
        *row("name", N_("Name"), wording.new_name(before.name), wording.new_name(after.name)),
        *row("currency_code", N_("Currency"), *currencies),
        *row("time_zone", N_("Time zone"), plain(before.time_zone), plain(after.time_zone)),
        *row("description", N_("Description"), *descriptions, described),
        *_default_splits(wording, before, after),
    ]


def _default_splits(wording: Wording, before: Event, after: Event) -> list[Difference]:
    if before.default_split == after.default_split:
        return []
    splits = (
        split_phrase(wording, event.default_split or UsualSplit(), event.currency_code)
        for event in (before, after)
    )
    return [wording.replaced("default_split", N_("Default split"), *splits)]


def event_details(wording: Wording, change: Change) -> list[Phrase]:
    return wording.rows(event_differences(wording, change))


def _changed(before: Member, after: Member) -> list[str]:
    fields = ("name", "role", "weight", "active")
    return [field for field in fields if getattr(before, field) != getattr(after, field)]


def _role_given(wording: Wording, change: Change, member: Member) -> Phrase:
    translator, role = wording.translator, wording.translator.say(ROLES[member.role])
    actor = wording.subject(change.actor_member_id)
    if change.subject_id == wording.reader_id:
        return translator.say("{actor} gave you the role “{role}”", actor=actor, role=role)
    if change.subject_id == change.actor_member_id:
        return translator.say("{member} now has the role “{role}”", member=actor, role=role)
    name = wording.name(change.subject_id, member.name)
    return translator.say(
        "{actor} gave {member} the role “{role}”", actor=actor, member=name, role=role
    )


def _renamed(wording: Wording, change: Change, before: Member, after: Member) -> Phrase:
    translator, new = wording.translator, wording.new_name(after.name)
    if change.subject_id == change.actor_member_id:
        old = wording.new_name(before.name)
        return translator.say("{old} is now called {new}", old=old, new=new)
    actor = wording.subject(change.actor_member_id)
    if change.subject_id == wording.reader_id:
        return translator.say("{actor} changed your name to {new}", actor=actor, new=new)
    old = wording.new_name(before.name)
    return translator.say("{actor} renamed {old} to {new}", actor=actor, old=old, new=new)


def _member_of(change: Change) -> Member:
    member = change.after if change.after is not None else change.before
    assert isinstance(member, Member)
    return member
