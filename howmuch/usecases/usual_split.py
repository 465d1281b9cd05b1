"""Fills in the open parts of a split: the event's default, all members, the members' own weights."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from howmuch.errors import invalid
from howmuch.ledger.shares import Kind
from howmuch.ledger.split import (
    OWN_WEIGHT,
    EqualSplit,
    PercentSplit,
    Split,
    UsualSplit,
    WeightsSplit,
    named_members,
    split_amount,
)
from howmuch.ledger.split_rules import check_not_all_zero
from howmuch.model import Draft, Event
from howmuch.usecases.member_states import MemberState, check_member
from howmuch.weights import Weight, weights_of, weights_split

MOST_IN_DEFAULT = 100
"""Members that the default split of an event names. It is read with the event, so with every call."""

Members = Mapping[str, MemberState]
Weights = Sequence[tuple[str, Weight]]


def fill_in(draft: Draft, event: Event, members: Members, field: str) -> Draft:
    """The draft with its whole split. members: all of the event, if the split names none.

    Raises WEIGHTS_ALL_ZERO for the split below `field` if it is by usual weights, which are all 0.
    """
    split = draft.split
    if isinstance(split, UsualSplit):
        # A transfer has one receiver, whom only the caller knows.
        transfer = draft.kind is Kind.TRANSFER
        split = EqualSplit(()) if transfer else _default(event.default_split, members)
        if isinstance(split, WeightsSplit):
            check_not_all_zero(split.weights, f"{field}.split")
    return replace(draft, split=_with_members(split, members))


def check_default_split(split: Split, members: Members, field: str) -> None:
    """InvalidArgument or FailedPrecondition unless it can be the default of an event with these members."""
    if not isinstance(split, EqualSplit | WeightsSplit | PercentSplit):
        raise invalid(
            field,
            "DEFAULT_SPLIT_MODE",
            "A default split is equal, by weights or by percent; the other ways depend on the amount.",
        )
    named = list(named_members(split))
    if len(named) > MOST_IN_DEFAULT:
        raise invalid(
            field,
            "DEFAULT_SPLIT_TOO_LARGE",
            f"{len(named):,} members were named; at most {MOST_IN_DEFAULT} are possible."
            " An equal split without members means all.",
        )
    for path, member_id in named:
        check_member(members, member_id, field + path.removeprefix("split"))
    if split != EqualSplit(()):
        whole = _with_members(split, members)
        split_amount(1, whole, expense_id="", currency_code="EUR", field=field)


def _with_members(split: Split, members: Members) -> Split:
    """The split with all active members and the members' own weights in it, where it says so."""
    if isinstance(split, EqualSplit) and not split.member_ids:
        return EqualSplit(tuple(member_id for member_id, _ in _usual_weights(members)))
    if isinstance(split, WeightsSplit):
        return weights_split(_own_weights(split, members))
    return split


def _own_weights(split: WeightsSplit, members: Members) -> Weights:
    """The weights, with that of the member for OWN_WEIGHT. Unknown members are found later."""
    return [
        (each, members[each].weight if weight == OWN_WEIGHT and each in members else weight)
        for each, weight in weights_of(split)
    ]


def _usual_weights(members: Members) -> list[tuple[str, Weight]]:
    """The active members by id, with their weights."""
    return sorted((each, member.weight) for each, member in members.items() if member.active)


def _default(default: Split | None, members: Members) -> Split:
    """The default split among the members who are still active, or else by usual weights."""

    def active(parts: Weights) -> Weights:
        return [part for part in parts if part[0] in members and members[part[0]].active]

    match default:
        case EqualSplit(()):
            return default
        case EqualSplit(member_ids):
            parts = active([(member_id, 1) for member_id in member_ids])
        case WeightsSplit():
            parts = active(_own_weights(default, members))
        case PercentSplit(percents):
            parts = active(percents)
            if len(parts) == len(percents):
                return default
        case _:
            parts = []
    if not any(weight for _, weight in parts):
        parts = _usual_weights(members)
    if parts[0][1] and len({weight for _, weight in parts}) == 1:
        return EqualSplit(tuple(member_id for member_id, _ in parts))
    return weights_split(parts)
