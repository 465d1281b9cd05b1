"""The exact solver: finds groups of members that sum to zero, with sets of subsets as big integers.

The power set of members 0..n-1 has 2^n subsets ("masks"). A set of masks is one Python integer of 2^n bits.
Its bit m says whether mask m is in it. So `&`, `|` and `<<` work on all masks at once.
docs/settlement.md has the proofs.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple


class Net(NamedTuple):
    """The balance of a member, in minor units. A member with a positive net receives."""

    member_id: str
    minor: int


class Transfer(NamedTuple):
    """A payment of amount_minor > 0 from the debtor to the creditor."""

    from_member_id: str
    to_member_id: str
    amount_minor: int


def minimal_transfers(nets: Sequence[Net]) -> list[Transfer]:
    """The canonical plan: of all plans with the fewest transfers, the smallest.

    nets: not zero, sum to 0, sorted by id. Plans are compared as lists sorted by debtor, then creditor, then
    the larger amount first. Time and memory grow as 2^n, so the caller bounds n (20 members take a few
    milliseconds).
    """
    transfers: list[Transfer] = []
    left = list(nets)
    while left:
        at = next(i for i, net in enumerate(left) if net.minor < 0)
        debtor, minor = left.pop(at)
        debt = -minor
        outside = _groups_outside([net.minor for net in left])
        for i, (creditor, credit) in enumerate(left):
            if debt == 0:
                break
            if credit < 0 or not (chosen := outside & _masks_without(len(left))[i]):
                continue
            # Some choice of the other groups leaves this creditor with the debtor.
            outside = chosen
            paid = min(debt, credit)
            debt -= paid
            left[i] = Net(creditor, credit - paid)
            transfers.append(Transfer(debtor, creditor, paid))
        left = [net for net in left if net.minor]
    return transfers


def _groups_outside(nets: Sequence[int]) -> int:
    """Masks that sum to zero and contain the largest possible number of disjoint zero-sum groups.

    nets: of all members but one, who forms a group with the members outside the mask.
    """
    zero_sums = _zero_sum_masks(nets)
    most = zero_sums
    layer = zero_sums ^ 1  # Bit 0 is the empty mask, which is not a group.
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

    A mask joins a high half to a low half. For each high half, the low halves with the opposite sum
    are looked up as one block of bits.
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
