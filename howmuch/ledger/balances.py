"""The effect of one expense on the balances of its event and currency.

net = paid - owed + transferred. A positive net is money that the member should receive.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from howmuch.ledger.apportion import apportion_matrix
from howmuch.ledger.shares import Kind, Share

Pair = tuple[str, str]
"""Two member ids, the smaller one first."""


@dataclass(frozen=True, slots=True)
class BalanceDelta:
    """A change of one member's balance, in minor units of either sign."""

    paid_minor: int
    owed_minor: int
    transferred_minor: int

    @property
    def net_minor(self) -> int:
        return self.paid_minor - self.owed_minor + self.transferred_minor


def balance_deltas(kind: Kind, shares: Sequence[Share], sign: int = 1) -> dict[str, BalanceDelta]:
    """Member id to the change of the member's balance; the nets sum to 0.

    sign: 1 to add the expense, -1 to remove it. An INCOME lowers `paid` and `owed`. A TRANSFER changes only
    `transferred`: up for the payer, down for the receiver.
    """
    if kind is Kind.TRANSFER:
        return {
            share.member_id: BalanceDelta(0, 0, sign * (share.paid_minor - share.owed_minor))
            for share in shares
        }
    direction = -sign if kind is Kind.INCOME else sign
    return {
        share.member_id: BalanceDelta(direction * share.paid_minor, direction * share.owed_minor, 0)
        for share in shares
    }


def pair_deltas(
    kind: Kind, shares: Sequence[Share], *, expense_id: str, sign: int = 1
) -> dict[Pair, int]:
    """The debts that the expense makes between pairs of members, netted per pair, without zeros.

    The key (a, b) has a < b. A value > 0 means that a owes b this many minor units, < 0 that b owes a. Every
    beneficiary owes the payers in proportion to their payments. In an INCOME, members who received money owe
    it to its owners. In a TRANSFER, the receiver owes the payer, which repays debt. The sum of a member's
    debts is minus the change of the member's net. sign: 1 to add the expense, -1 to remove it.
    """
    paid = {share.member_id: share.paid_minor for share in shares if share.paid_minor}
    owed = {share.member_id: share.owed_minor for share in shares if share.owed_minor}
    direction = -sign if kind is Kind.INCOME else sign
    deltas: dict[Pair, int] = {}
    for (payer, ower), minor in apportion_matrix(paid, owed, key=expense_id).items():
        if ower < payer:
            deltas[ower, payer] = deltas.get((ower, payer), 0) + direction * minor
        elif payer < ower:
            deltas[payer, ower] = deltas.get((payer, ower), 0) - direction * minor
    return {pair: minor for pair, minor in deltas.items() if minor}
