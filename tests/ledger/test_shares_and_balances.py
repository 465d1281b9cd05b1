"""Shares of an expense, and what they do to balances and to debts between pairs."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from howmuch.errors import InvalidArgument
from howmuch.ledger.apportion import apportion
from howmuch.ledger.balances import BalanceDelta, balance_deltas, pair_deltas
from howmuch.ledger.settlement import settle
from howmuch.ledger.shares import Kind, Share, build_shares, share_net
from howmuch.ledger.split import EqualSplit, ExactSplit, Split, WeightsSplit


def shares_of(
    kind: Kind, amount_minor: int, payments: list[tuple[str, int]], split: Split
) -> tuple[Share, ...]:
    return build_shares(
        kind, amount_minor, payments, split, expense_id="expense_1", currency_code="EUR"
    )


def test_shares_of_two_payers_and_three_beneficiaries() -> None:
    """Everyone who paid or benefits has one share, in the order of ids."""
    split = ExactSplit((("c", 500), ("b", 300), ("d", 0)))
    assert shares_of(Kind.EXPENSE, 800, [("b", 600), ("a", 200)], split) == (
        Share("a", 200, 0),
        Share("b", 600, 300),
        Share("c", 0, 500),
        Share("d", 0, 0),
    )


@pytest.mark.parametrize(
    ("kind", "payments", "split", "reason", "field"),
    [
        (Kind.EXPENSE, [], EqualSplit(("a",)), "PAYMENTS_EMPTY", "payments"),
        (
            Kind.EXPENSE,
            [("a", 50), ("a", 50)],
            EqualSplit(("a",)),
            "MEMBER_DUPLICATE",
            "payments[1].member_id",
        ),
        (
            Kind.EXPENSE,
            [("a", 100), ("b", 0)],
            EqualSplit(("a",)),
            "AMOUNT_NOT_POSITIVE",
            "payments[1].amount",
        ),
        (
            Kind.INCOME,
            [("a", 101), ("b", -1)],
            EqualSplit(("a",)),
            "AMOUNT_NOT_POSITIVE",
            "payments[1].amount",
        ),
        (Kind.EXPENSE, [("a", 99)], EqualSplit(("a",)), "SUM_MISMATCH", "payments"),
        (Kind.EXPENSE, [("a", 100)], EqualSplit(()), "SPLIT_EMPTY", "split.equal.member_ids"),
        (
            Kind.TRANSFER,
            [("a", 50), ("b", 50)],
            EqualSplit(("c",)),
            "TRANSFER_ONE_PAYER",
            "payments",
        ),
        (Kind.TRANSFER, [("a", 100)], EqualSplit(("b", "c")), "TRANSFER_ONE_RECEIVER", "split"),
        (Kind.TRANSFER, [("a", 100)], EqualSplit(()), "TRANSFER_ONE_RECEIVER", "split"),
        (Kind.TRANSFER, [("a", 100)], WeightsSplit((("a", 1),)), "TRANSFER_TO_SELF", "split"),
    ],
)
def test_shares_refused(
    kind: Kind, payments: list[tuple[str, int]], split: Split, reason: str, field: str
) -> None:
    """An expense of 1.00 that breaks a rule is refused by the path of the field that breaks it."""
    with pytest.raises(InvalidArgument) as caught:
        shares_of(kind, 100, payments, split)
    assert caught.value.reason == reason
    assert caught.value.violations[0].field == field


def test_l04_payments_that_do_not_fit_say_the_difference() -> None:
    """The error carries expected, actual and signed difference."""
    with pytest.raises(InvalidArgument) as caught:
        shares_of(Kind.EXPENSE, 1000, [("a", 998)], EqualSplit(("a",)))
    assert caught.value.metadata == {"expected": "10.00", "actual": "9.98", "difference": "-0.02"}
    assert caught.value.message == (
        "payments: The payments sum to 9.98 EUR, but must sum to 10.00 EUR (difference -0.02 EUR)."
    )


def test_deltas_of_an_expense() -> None:
    """The payer is owed what the others benefit; each of them owes the payer."""
    shares = shares_of(Kind.EXPENSE, 900, [("b", 900)], EqualSplit(("a", "b", "c")))
    assert balance_deltas(Kind.EXPENSE, shares) == {
        "a": BalanceDelta(0, 300, 0),
        "b": BalanceDelta(900, 300, 0),
        "c": BalanceDelta(0, 300, 0),
    }
    pairs = pair_deltas(Kind.EXPENSE, shares, expense_id="expense_1")
    assert pairs == {("a", "b"): 300, ("b", "c"): -300}


def test_deltas_of_an_income() -> None:
    """Who took the money in owes those it belongs to."""
    shares = shares_of(Kind.INCOME, 900, [("b", 900)], EqualSplit(("a", "b", "c")))
    assert balance_deltas(Kind.INCOME, shares)["b"] == BalanceDelta(-900, -300, 0)
    pairs = pair_deltas(Kind.INCOME, shares, expense_id="expense_1")
    assert pairs == {("a", "b"): -300, ("b", "c"): 300}


def test_deltas_of_a_transfer() -> None:
    """A transfer is no spending: it moves what was transferred, and pays debt back."""
    shares = shares_of(Kind.TRANSFER, 300, [("a", 300)], EqualSplit(("b",)))
    assert balance_deltas(Kind.TRANSFER, shares) == {
        "a": BalanceDelta(0, 0, 300),
        "b": BalanceDelta(0, 0, -300),
    }
    assert pair_deltas(Kind.TRANSFER, shares, expense_id="e") == {("a", "b"): -300}


def test_pairs_with_two_payers_are_in_proportion() -> None:
    """Each beneficiary owes every payer in proportion to what that payer paid."""
    shares = shares_of(
        Kind.EXPENSE, 800, [("a", 600), ("b", 200)], EqualSplit(("a", "b", "c", "d"))
    )
    assert pair_deltas(Kind.EXPENSE, shares, expense_id="e") == {
        ("a", "b"): -100,
        ("a", "c"): -150,
        ("a", "d"): -150,
        ("b", "c"): -50,
        ("b", "d"): -50,
    }


@st.composite
def expenses(draw: st.DrawFn) -> tuple[Kind, tuple[Share, ...], str]:
    """Any kind, with several payers, small and large amounts, and members of both sides."""
    expense_id = draw(st.text("xyz", max_size=4))
    kind = draw(st.sampled_from(Kind))
    amount_minor = draw(st.integers(1, 20) | st.integers(1, 10**13))
    if kind is Kind.TRANSFER:
        payer, receiver = draw(st.permutations("abcdef"))[:2]
        payments, split = [(payer, amount_minor)], EqualSplit((receiver,))
    else:
        ids = st.lists(st.sampled_from("abcdef"), min_size=1, unique=True)
        paid = apportion(amount_minor, {m: ord(m) for m in draw(ids)}, key=expense_id)
        payments, split = [(m, n) for m, n in paid.items() if n], EqualSplit(tuple(draw(ids)))
    shares = build_shares(
        kind, amount_minor, payments, split, expense_id=expense_id, currency_code="EUR"
    )
    return kind, shares, expense_id


@given(expenses())
def test_shares_sum_and_nets_cancel(expense: tuple[Kind, tuple[Share, ...], str]) -> None:
    """Paid and owed both sum to the amount, and the nets of an expense sum to zero."""
    kind, shares, _ = expense
    assert sum(share.paid_minor for share in shares) == sum(share.owed_minor for share in shares)
    assert [share.member_id for share in shares] == sorted(share.member_id for share in shares)
    deltas = balance_deltas(kind, shares)
    assert sum(delta.net_minor for delta in deltas.values()) == 0
    assert {m: d.net_minor for m, d in deltas.items()} == {
        share.member_id: share_net(kind, share) for share in shares
    }


@given(expenses())
def test_pairs_agree_with_nets(expense: tuple[Kind, tuple[Share, ...], str]) -> None:
    """What the pairs say a member owes is minus what the expense adds to their net."""
    kind, shares, expense_id = expense
    pairs = pair_deltas(kind, shares, expense_id=expense_id)
    owes: defaultdict[str, int] = defaultdict(int)
    for (first, second), minor in pairs.items():
        assert first < second
        assert minor != 0
        owes[first] += minor
        owes[second] -= minor
    for member, delta in balance_deltas(kind, shares).items():
        assert owes[member] == -delta.net_minor


@given(expenses())
def test_taking_an_expense_back_undoes_it(expense: tuple[Kind, tuple[Share, ...], str]) -> None:
    """With the other sign, every delta is the opposite, so deleting leaves no trace."""
    kind, shares, expense_id = expense
    added, removed = balance_deltas(kind, shares), balance_deltas(kind, shares, sign=-1)
    for member, delta in added.items():
        back = removed[member]
        assert delta.paid_minor + back.paid_minor == 0
        assert delta.owed_minor + back.owed_minor == 0
        assert delta.transferred_minor + back.transferred_minor == 0
    pairs = pair_deltas(kind, shares, expense_id=expense_id)
    assert pair_deltas(kind, shares, expense_id=expense_id, sign=-1) == {
        pair: -minor for pair, minor in pairs.items()
    }


@given(st.lists(expenses(), max_size=12))
def test_a_history_is_settled_by_its_plan(
    history: list[tuple[Kind, tuple[Share, ...], str]],
) -> None:
    """The plan's transfers, recorded as expenses, bring every net and every sum to zero."""
    nets: defaultdict[str, int] = defaultdict(int)
    for kind, shares, _ in history:
        for member, delta in balance_deltas(kind, shares).items():
            nets[member] += delta.net_minor
    for transfer in settle(nets).transfers:
        payments = [(transfer.from_member_id, transfer.amount_minor)]
        split = EqualSplit((transfer.to_member_id,))
        shares = shares_of(Kind.TRANSFER, transfer.amount_minor, payments, split)
        for member, delta in balance_deltas(Kind.TRANSFER, shares).items():
            nets[member] += delta.net_minor
    assert not any(nets.values())
