"""Who pays whom, in as few transfers as can be shown. docs/settlement.md explains and proves it."""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from howmuch.ledger.zero_sum import Edge, minimal_edges

MAX_EXACT_MEMBERS = 20
"""Up to so many members with a non-zero net, the plan is always minimal."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One payment that the plan asks for, in minor units > 0."""

    from_member_id: str
    to_member_id: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """A plan after which every net is exactly 0; nobody both pays and receives in it.

    transfers: sorted by payer, then receiver. groups: members that the plan connects, sorted; the
    nets of each group sum to 0, and n members in k groups need n - k transfers, so a plan is
    minimal when no division makes more groups. proven_minimal: no plan has fewer transfers.
    lower_bound: no plan has fewer transfers than this; it is len(transfers) when proven.
    """

    transfers: tuple[Transfer, ...]
    groups: tuple[tuple[str, ...], ...]
    proven_minimal: bool
    lower_bound: int


def settle(balances: Mapping[str, int]) -> Settlement:
    """The plan for member id to net, in minor units; a positive net is to be received.

    The same balances give the same plan, whatever their order. Up to MAX_EXACT_MEMBERS non-zero
    nets, after any one of its transfers is paid the plan is the old one without it.
    Raises ValueError unless the nets sum to 0.
    """
    if sum(balances.values()):
        raise ValueError(f"the nets sum to {sum(balances.values())}, not to 0")
    nets = sorted((member, net) for member, net in balances.items() if net)
    edges: list[Edge] = []
    rest = nets
    if len(nets) > MAX_EXACT_MEMBERS:
        edges, rest = _pair_opposites(nets)
    exact = len(rest) <= MAX_EXACT_MEMBERS
    edges = sorted(edges + (minimal_edges(rest) if exact else _sweep(rest)))
    debtors = sum(1 for _, net in nets if net < 0)
    # Every debtor pays at least once, and every creditor is paid at least once.
    lower_bound = max(debtors, len(nets) - debtors)
    proven = exact or len(edges) == lower_bound
    return Settlement(
        transfers=tuple(Transfer(*edge) for edge in edges),
        groups=_connected(edges),
        proven_minimal=proven,
        lower_bound=len(edges) if proven else lower_bound,
    )


def _pair_opposites(nets: Sequence[tuple[str, int]]) -> tuple[list[Edge], list[tuple[str, int]]]:
    """Pay every debt that equals a credit; the edges, and the nets that stay open.

    This costs no group: if x and -x are in two groups, then {x, -x} and the rest of both are two
    groups as well; if they are in one, its rest is a further group or empty.
    """
    debtors: defaultdict[int, deque[str]] = defaultdict(deque)
    for member, net in nets:
        if net < 0:
            debtors[-net].append(member)
    edges: list[Edge] = []
    for member, net in nets:
        if net > 0 and debtors[net]:
            edges.append((debtors[net].popleft(), member, net))
    paired = {member for debtor, creditor, _ in edges for member in (debtor, creditor)}
    return edges, [(member, net) for member, net in nets if member not in paired]


def _sweep(nets: Sequence[tuple[str, int]]) -> list[Edge]:
    """Debts and credits laid along one line, each in the order of ids; every overlap is an edge.

    At most n - 1 edges, in O(n). A paid overlap leaves both lines at the same place, so all other
    overlaps stay as they are.
    """
    debts = [(member, -net) for member, net in nets if net < 0]
    edges: list[Edge] = []
    at, left = -1, 0
    for creditor, credit in ((member, net) for member, net in nets if net > 0):
        due = credit
        while due:
            if left == 0:
                at += 1
                left = debts[at][1]
            paid = min(left, due)
            left -= paid
            due -= paid
            edges.append((debts[at][0], creditor, paid))
    return edges


def _connected(edges: Sequence[Edge]) -> tuple[tuple[str, ...], ...]:
    """The members that the edges connect, each group sorted, in the order of first members."""
    neighbours: defaultdict[str, list[str]] = defaultdict(list)
    for debtor, creditor, _ in edges:
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
