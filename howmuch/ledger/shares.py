"""The shares of an expense: amounts paid and owed by member. `build_shares` computes them once, on write."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from howmuch.errors import Violations, invalid
from howmuch.ledger.money import check_sum, format_amount
from howmuch.ledger.split import Split, beneficiaries, split_amount
from howmuch.ledger.split_rules import check_distinct


class Kind(StrEnum):
    """EXPENSE: money spent. TRANSFER: money between two members. INCOME: money received."""

    EXPENSE = "EXPENSE"
    TRANSFER = "TRANSFER"
    INCOME = "INCOME"


@dataclass(frozen=True, slots=True)
class Share:
    """One member's part in one expense, in minor units >= 0.

    TRANSFER: the payer paid, the receiver owes. INCOME: `paid_minor` is the amount that the member received,
    `owed_minor` the amount that belongs to the member.
    """

    member_id: str
    paid_minor: int
    owed_minor: int


def build_shares(
    kind: Kind,
    amount_minor: int,
    payments: Sequence[tuple[str, int]],
    split: Split,
    *,
    expense_id: str,
    currency_code: str,
) -> tuple[Share, ...]:
    """The shares of everyone who paid or benefits, sorted by member id.

    payments: pairs of member id and minor units. Sum of paid = sum of owed = `amount_minor`.
    Field paths in errors are relative to the expense. Raises InvalidArgument: PAYMENTS_EMPTY,
    MEMBER_DUPLICATE, AMOUNT_NOT_POSITIVE, SUM_MISMATCH, TRANSFER_ONE_PAYER, TRANSFER_ONE_RECEIVER,
    TRANSFER_TO_SELF, and the errors of `split_amount`.
    """
    wrong = Violations()
    with wrong:
        check_payments(payments, amount_minor, currency_code)
    if kind is Kind.TRANSFER:
        with wrong:
            _check_transfer(payments, split)
    with wrong:
        owed = split_amount(amount_minor, split, expense_id=expense_id, currency_code=currency_code)
    wrong.raise_any()
    paid = dict(payments)
    return tuple(
        Share(member, paid.get(member, 0), owed.get(member, 0))
        for member in sorted(paid.keys() | owed.keys())
    )


def share_net(kind: Kind, share: Share) -> int:
    """The change of the member's net balance, in minor units."""
    net = share.paid_minor - share.owed_minor
    return -net if kind is Kind.INCOME else net


def check_payments(
    payments: Sequence[tuple[str, int]], amount_minor: int, currency_code: str
) -> None:
    """Raises InvalidArgument unless each payer is there once, and they pay the amount together."""
    if not payments:
        raise invalid(
            "payments", "PAYMENTS_EMPTY", "The list of payments is empty; name at least one payer."
        )
    wrong = Violations()
    with wrong:
        check_distinct([member for member, _ in payments], "payments[{}].member_id")
    for index, (_, minor) in enumerate(payments):
        if minor <= 0:
            with wrong:
                raise invalid(
                    f"payments[{index}].amount",
                    "AMOUNT_NOT_POSITIVE",
                    f"{format_amount(minor, currency_code)!r} must be more than zero.",
                )
    wrong.raise_any()
    check_sum(
        "payments",
        "payments",
        expected_minor=amount_minor,
        actual_minor=sum(minor for _, minor in payments),
        currency_code=currency_code,
    )


def _check_transfer(payments: Sequence[tuple[str, int]], split: Split) -> None:
    receivers = beneficiaries(split)
    if len(payments) != 1:
        raise invalid(
            "payments",
            "TRANSFER_ONE_PAYER",
            f"{len(payments)} members pay, but a transfer comes from exactly one.",
        )
    if len(receivers) != 1:
        raise invalid(
            "split",
            "TRANSFER_ONE_RECEIVER",
            f"{len(receivers)} members receive, but a transfer goes to exactly one.",
        )
    if receivers[0] == payments[0][0]:
        raise invalid(
            "split",
            "TRANSFER_TO_SELF",
            f"{receivers[0]!r} is payer and receiver; a transfer goes to another member.",
        )
