"""The exact solver: which members form groups that sum to zero, by sets of subsets as big integers.

Members 0..n-1 have the 2^n subsets ("masks") as their power set. A set of masks is one Python
integer of 2^n bits, whose bit m says whether mask m is in it, so that `&`, `|` and `<<` work on all
masks at once. docs/settlement.md proves what this file computes.
"""

from collections.abc import Sequence
from functools import lru_cache

Edge = tuple[str, str, int]
"""Debtor, creditor and minor units."""


def minimal_edges(balances: Sequence[tuple[str, int]]) -> list[Edge]:
    """The canonical plan: of all plans with the fewest transfers, the smallest.

    balances: (member id, net) of non-zero nets that sum to 0, sorted by id. Plans are compared as
    lists sorted by debtor, then creditor, then the larger amount first. Time and memory grow as
    2^n, so the caller bounds n (20 members take a few milliseconds).
    """
    edges: list[Edge] = []
    open_balances = list(balances)
    while open_balances:
        at = next(i for i, (_, net) in enumerate(open_balances) if net < 0)
        debtor, net = open_balances.pop(at)
        debt = -net
        outside = _groups_outside([net for _, net in open_balances])
        for i, (creditor, net) in enumerate(open_balances):
            if debt == 0:
                break
            if net < 0 or not (chosen := outside & _masks_without(len(open_balances))[i]):
                continue
            # Some choice of the other groups leaves this creditor with the debtor.
            outside = chosen
            paid = min(debt, net)
            debt -= paid
            open_balances[i] = (creditor, net - paid)
            edges.append((debtor, creditor, paid))
        open_balances = [(member, net) for member, net in open_balances if net]
    return edges


def _groups_outside(nets: Sequence[int]) -> int:
    """Masks that sum to zero and hold the largest possible number of disjoint zero-sum groups.

    nets: all members but one, who is in a group with whoever is outside the mask.
    """
    zero_sums = _zero_sum_masks(nets)
    most = zero_sums
    layer = zero_sums ^ 1  # Bit 0 is the empty mask, which is no group.
    while layer:
        most = layer
        layer = zero_sums & _strict_supersets(layer, len(nets))
    return most


def _strict_supersets(masks: int, n: int) -> int:
    """The masks that strictly contain one of `masks`, among the subsets of n members."""
    supersets, strict = masks, 0
    for i, without in enumerate(_masks_without(n)):
        # Adding 2^i to the index of a mask without member i adds the member to the mask.
        grown = (supersets & without) << (1 << i)
        supersets |= grown
        strict |= grown
    return strict


def _zero_sum_masks(nets: Sequence[int]) -> int:
    """The masks whose members' nets sum to zero; the empty mask is one of them.

    A mask is a high half joined to a low half: for each high half, the low halves with the
    opposite sum are looked up as one block of bits.
    """
    low_count = min(len(nets), max(3, (len(nets) + 1) // 2))
    low_masks: dict[int, int] = {}
    for mask, total in enumerate(_subset_sums(nets[:low_count])):
        low_masks[total] = low_masks.get(total, 0) | 1 << mask
    block_bytes = max(1, (1 << low_count) // 8)
    blocks = {-total: masks.to_bytes(block_bytes, "little") for total, masks in low_masks.items()}
    none = bytes(block_bytes)
    joined = b"".join(blocks.get(total, none) for total in _subset_sums(nets[low_count:]))
    return int.from_bytes(joined, "little")


def _subset_sums(nets: Sequence[int]) -> list[int]:
    """The sum of every mask, in the order of the masks."""
    sums = [0]
    for net in nets:
        sums += [total + net for total in sums]
    return sums


@lru_cache(maxsize=32)
def _masks_without(n: int) -> tuple[int, ...]:
    """For each member i, the masks that do not contain i: 2^i ones, 2^i zeros, and so on."""
    patterns: list[int] = []
    for i in range(n):
        pattern, width = (1 << (1 << i)) - 1, 2 << i
        while width < 1 << n:
            pattern |= pattern << width
            width *= 2
        patterns.append(pattern)
    return tuple(patterns)
