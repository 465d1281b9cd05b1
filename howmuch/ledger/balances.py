"""What one expense changes in the balances of its event and currency.

net = paid - owed + transferred. A positive net is money that the member is to get.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from howmuch.ledger.apportion import apportion_matrix
from howmuch.ledger.shares import Kind, Share


@dataclass(frozen=True, slots=True)
class BalanceDelta:
    """A change of one member's balance, in minor units of either sign."""

    paid_minor: int
    owed_minor: int
    transferred_minor: int

    @property
    def net_minor(self) -> int:
        """What the change adds to the member's net."""
        return self.paid_minor - self.owed_minor + self.transferred_minor


def balance_deltas(kind: Kind, shares: Sequence[Share], sign: int = 1) -> dict[str, BalanceDelta]:
    """Member id to the change that the expense makes; the nets sum to 0.

    sign: 1 to add the expense, -1 to take it back. An INCOME lowers what was paid and owed; a
    TRANSFER leaves both, and moves `transferred`: up for the payer, down for the receiver.
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
) -> dict[tuple[str, str], int]:
    """Debts between pairs that the expense makes, as they arose, netted per pair; zeros left out.

    The key (a, b) has a < b; a value > 0 means that a owes b so many minor units, < 0 that b owes
    a. Every beneficiary owes the payers in proportion to what each paid. In an INCOME those who
    took money in owe those it belongs to; in a TRANSFER the receiver owes the payer, which pays
    debt back. What a member's pairs say they owe is minus what the expense adds to their net.
    sign: 1 to add the expense, -1 to take it back.
    """
    paid = {share.member_id: share.paid_minor for share in shares if share.paid_minor}
    owed = {share.member_id: share.owed_minor for share in shares if share.owed_minor}
    direction = -sign if kind is Kind.INCOME else sign
    deltas: dict[tuple[str, str], int] = {}
    for (payer, ower), minor in apportion_matrix(paid, owed, key=expense_id).items():
        if ower < payer:
            deltas[ower, payer] = deltas.get((ower, payer), 0) + direction * minor
        elif payer < ower:
            deltas[payer, ower] = deltas.get((payer, ower), 0) - direction * minor
    return {pair: minor for pair, minor in deltas.items() if minor}
