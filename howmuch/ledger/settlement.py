"""Plans the transfers that settle balances, as few as possible. docs/settlement.md explains and proves it."""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from howmuch.ledger.money import MAX_MINOR
from howmuch.ledger.zero_sum import Net, Transfer, minimal_transfers

__all__ = ["MAX_EXACT_MEMBERS", "Settlement", "Transfer", "settle"]

MAX_EXACT_MEMBERS = 20
"""Up to this many members with a non-zero net, the plan is always minimal."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """A plan after which every net is exactly 0. No member both pays and receives in it.

    transfers: sorted by payer, then receiver. One of more than MAX_MINOR is in parts, since it could not be
    recorded. groups: members that the plan connects, sorted. The nets of each group sum to 0, and n members
    in k groups need n - k transfers. So a plan without parts is minimal if no division makes more groups.
    proven_minimal: no plan has fewer transfers. lower_bound: no plan has fewer transfers than this; it equals
    len(transfers) if proven_minimal.
    """

    transfers: tuple[Transfer, ...]
    groups: tuple[tuple[str, ...], ...]
    proven_minimal: bool
    lower_bound: int


def settle(balances: Mapping[str, int]) -> Settlement:
    """The plan for member id to net, in minor units. A member with a positive net receives.

    The plan does not depend on the order of the balances. Up to MAX_EXACT_MEMBERS non-zero nets, paying any
    one of its transfers leaves the rest of the plan as it is. Raises ValueError unless the nets sum to 0.
    """
    if sum(balances.values()):
        raise ValueError(f"the nets sum to {sum(balances.values())}, not to 0")
    nets = sorted(Net(member, minor) for member, minor in balances.items() if minor)
    transfers = _pair_opposites(nets) if len(nets) > MAX_EXACT_MEMBERS else []
    paired = {member for debtor, creditor, _ in transfers for member in (debtor, creditor)}
    rest = [net for net in nets if net.member_id not in paired]
    exact = len(rest) <= MAX_EXACT_MEMBERS
    transfers = sorted(transfers + (minimal_transfers(rest) if exact else _sweep(rest)))
    debtors = sum(1 for net in nets if net.minor < 0)
    # Every debtor pays at least once, and every creditor is paid at least once.
    lower_bound = max(debtors, len(nets) - debtors)
    # One that is too large to be recorded is paid in parts, which may be more of them than necessary.
    parts = [part for transfer in transfers for part in _recordable(transfer)]
    proven = len(parts) == lower_bound or (exact and len(parts) == len(transfers))
    return Settlement(
        transfers=tuple(parts),
        groups=_connected(transfers),
        proven_minimal=proven,
        lower_bound=len(parts) if proven else lower_bound,
    )


def _recordable(transfer: Transfer) -> list[Transfer]:
    """The transfer in parts of at most MAX_MINOR, as equal as possible."""
    count = -(-transfer.amount_minor // MAX_MINOR)
    least, more = divmod(transfer.amount_minor, count)
    return [
        transfer._replace(amount_minor=least + (1 if number < more else 0))
        for number in range(count)
    ]


def _pair_opposites(nets: Sequence[Net]) -> list[Transfer]:
    """Pays every debt that equals a credit.

    This costs no group. If x and -x are in two groups, then {x, -x} and the rest of both are two groups as
    well. If they are in one group, its rest is a further group or empty.
    """
    debtors: defaultdict[int, deque[str]] = defaultdict(deque)
    for member, minor in nets:
        if minor < 0:
            debtors[-minor].append(member)
    return [
        Transfer(debtors[minor].popleft(), member, minor)
        for member, minor in nets
        if minor > 0 and debtors[minor]
    ]


def _sweep(nets: Sequence[Net]) -> list[Transfer]:
    """Lays debts and credits along one line, each in the order of ids; every overlap is a transfer.

    At most n - 1 transfers, in O(n). A paid overlap shortens both lines equally, so all other overlaps stay
    as they are.
    """
    debts = iter([net for net in nets if net.minor < 0])
    transfers: list[Transfer] = []
    debtor, left = "", 0
    for creditor, credit in (net for net in nets if net.minor > 0):
        due = credit
        while due:
            if left == 0:
                debtor, minor = next(debts)
                left = -minor
            paid = min(left, due)
            left -= paid
            due -= paid
            transfers.append(Transfer(debtor, creditor, paid))
    return transfers


def _connected(transfers: Sequence[Transfer]) -> tuple[tuple[str, ...], ...]:
    """The groups of members that the transfers connect, each sorted, in the order of their first members."""
    neighbours: defaultdict[str, list[str]] = defaultdict(list)
    for debtor, creditor, _ in transfers:
        neighbours[debtor].append(creditor)
        neighbours[creditor].append(debtor)
    groups: list[tuple[str, ...]] = []
    seen: set[str] = set()
    for member in sorted(neighbours):
        if member in seen:
            continue
        group = [member]
        seen.add(member)
        for reached in group:
            fresh = [other for other in neighbours[reached] if other not in seen]
            seen.update(fresh)
            group += fresh
        groups.append(tuple(sorted(group)))
    return tuple(groups)
