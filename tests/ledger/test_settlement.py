"""Settlement: it zeroes the balances, is minimal where it says so, and stays when one pays."""

from collections import Counter
from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from howmuch.ledger.money import MAX_MINOR
from howmuch.ledger.settlement import MAX_EXACT_MEMBERS, Settlement, Transfer, settle


def balance_maps(least: int, most: int, *bounds: int) -> st.SearchStrategy[dict[str, int]]:
    """Nets that sum to zero; small bounds make many ties and many zero-sum groups."""

    def close(nets: list[int]) -> dict[str, int]:
        return {f"m{i:03}": net for i, net in enumerate([*nets, -sum(nets)])}

    def nets(size_and_bound: tuple[int, int]) -> st.SearchStrategy[list[int]]:
        size, bound = size_and_bound
        return st.lists(st.integers(-bound, bound), min_size=size - 1, max_size=size - 1)

    shapes = st.tuples(st.integers(least, most), st.sampled_from(bounds))
    return shapes.flatmap(nets).map(close)


@pytest.mark.parametrize("nets", [[3], [25, -4], [10_000, -7_000, 1]])
def test_transfer_beyond_the_largest_amount_is_in_parts(nets: list[int]) -> None:
    """Each part can be recorded, and after any of them the rest of the plan stays as it is."""
    large = [net * MAX_MINOR + net // 2 for net in nets]
    balances = {f"m{i}": net for i, net in enumerate([*large, -sum(large)])}
    plan = settle(balances)
    assert max(transfer.amount_minor for transfer in plan.transfers) <= MAX_MINOR
    for transfer in plan.transfers:
        assert transfer.amount_minor > 0
        balances = pay(balances, transfer)
    assert not any(balances.values())
    assert len(plan.transfers) > plan.lower_bound
    assert not plan.proven_minimal
    first = plan.transfers[0]
    before = {f"m{i}": net for i, net in enumerate([*large, -sum(large)])}
    assert Counter(settle(pay(before, first)).transfers) == Counter(plan.transfers[1:])


def pay(balances: dict[str, int], transfer: Transfer) -> dict[str, int]:
    """The balances after the transfer."""
    after = dict(balances)
    after[transfer.from_member_id] += transfer.amount_minor
    after[transfer.to_member_id] -= transfer.amount_minor
    return after


def check_plan(balances: dict[str, int], plan: Settlement) -> None:
    """What holds of every plan, exact or greedy."""
    after = balances
    for transfer in plan.transfers:
        assert transfer.amount_minor > 0
        after = pay(after, transfer)
    assert not any(after.values())
    payers = {transfer.from_member_id for transfer in plan.transfers}
    receivers = {transfer.to_member_id for transfer in plan.transfers}
    assert all(balances[member] < 0 for member in payers)
    assert all(balances[member] > 0 for member in receivers)
    # The groups are the certificate: they divide the open members, each sums to zero, and the
    # plan has one transfer less than members in each.
    open_members = sorted(member for member, net in balances.items() if net)
    assert sorted(member for group in plan.groups for member in group) == open_members
    assert all(sum(balances[member] for member in group) == 0 for group in plan.groups)
    assert len(plan.transfers) == len(open_members) - len(plan.groups)
    assert len(plan.transfers) >= plan.lower_bound >= max(len(payers), len(receivers))
    assert plan.proven_minimal == (plan.lower_bound == len(plan.transfers))
    pairs = [(transfer.from_member_id, transfer.to_member_id) for transfer in plan.transfers]
    assert pairs == sorted(set(pairs))


def most_groups(nets: list[int]) -> int:
    """The largest number of zero-sum groups, by trying every partition."""
    if not nets:
        return 0
    best = 0

    def place(index: int, sums: list[int]) -> None:
        nonlocal best
        if index == len(nets):
            if not any(sums):
                best = max(best, len(sums))
            return
        for group in range(len(sums)):
            sums[group] += nets[index]
            place(index + 1, sums)
            sums[group] -= nets[index]
        sums.append(nets[index])
        place(index + 1, sums)
        sums.pop()

    place(0, [])
    return best


def smallest_plan(nets: list[tuple[str, int]], transfers: int) -> list[tuple[str, str, int]] | None:
    """The first plan of so many transfers, smallest pair first, larger amount first."""
    debtor = next(((member, net) for member, net in nets if net < 0), None)
    if debtor is None:
        return []
    if transfers == 0:
        return None
    for creditor in [(member, net) for member, net in nets if net > 0]:
        for amount in range(min(-debtor[1], creditor[1]), 0, -1):
            change = {debtor[0]: amount, creditor[0]: -amount}
            rest = [(member, net + change.get(member, 0)) for member, net in nets]
            if (plan := smallest_plan(rest, transfers - 1)) is not None:
                return [(debtor[0], creditor[0], amount), *plan]
    return None


def as_edges(plan: Settlement) -> list[tuple[str, str, int]]:
    return [(t.from_member_id, t.to_member_id, t.amount_minor) for t in plan.transfers]


@given(balance_maps(1, MAX_EXACT_MEMBERS, 3, 20, 10**12))
@settings(max_examples=200)
def test_l07_the_plan_leaves_every_balance_at_zero(balances: dict[str, int]) -> None:
    """After all transfers every net is exactly 0, and nobody both pays and receives."""
    plan = settle(balances)
    check_plan(balances, plan)
    assert plan.proven_minimal


@given(balance_maps(21, 90, 3, 50, 10**12))
@settings(max_examples=200)
def test_l07_a_large_plan_leaves_every_balance_at_zero(balances: dict[str, int]) -> None:
    """The same holds beyond the exact solver, and the answer says what it has not proven."""
    check_plan(balances, settle(balances))


@given(balance_maps(1, 9, 3, 6, 30))
@settings(max_examples=200)
def test_plan_is_minimal_against_every_partition(balances: dict[str, int]) -> None:
    """No partition makes more zero-sum groups, so no plan has fewer transfers."""
    assert len(settle(balances).groups) == most_groups([net for net in balances.values() if net])


@given(balance_maps(10, 13, 3, 6, 30))
@settings(max_examples=30)
def test_plan_is_minimal_against_a_table_of_all_subsets(balances: dict[str, int]) -> None:
    """The textbook recurrence over all subsets, one by one, finds as many groups."""
    nets = [net for net in balances.values() if net]
    sums, groups = [0], [0]
    for net in nets:
        sums += [total + net for total in sums]
    for mask in range(1, len(sums)):
        members = (i for i in range(len(nets)) if mask >> i & 1)
        groups.append(max(groups[mask ^ 1 << i] for i in members) + (sums[mask] == 0))
    assert len(settle(balances).groups) == groups[-1]


@given(balance_maps(1, 6, 2, 4))
@settings(max_examples=200)
def test_plan_is_the_smallest_of_the_minimal_ones(balances: dict[str, int]) -> None:
    """A search of all plans with so many transfers finds the same one first."""
    plan = as_edges(settle(balances))
    assert smallest_plan(sorted(balances.items()), len(plan)) == plan


@given(balance_maps(2, MAX_EXACT_MEMBERS, 2, 4, 9, 10**9))
@settings(max_examples=200)
def test_l09_paying_one_transfer_keeps_the_rest(balances: dict[str, int]) -> None:
    """Whichever transfer is paid first, the new plan is the old one without it."""
    plan = settle(balances)
    for paid in plan.transfers:
        rest = settle(pay(balances, paid))
        assert rest.transfers == tuple(other for other in plan.transfers if other != paid)


@given(balance_maps(2, 14, 3, 9), st.data())
@settings(max_examples=100)
def test_l09_paying_in_any_order_follows_one_plan(
    balances: dict[str, int], data: st.DataObject
) -> None:
    """Paid in any order, one by one, the plan shrinks to nothing and never changes."""
    plan = settle(balances)
    for paid in data.draw(st.permutations(plan.transfers)):
        balances = pay(balances, paid)
        plan_after = settle(balances)
        assert set(plan_after.transfers) == set(plan.transfers) - {paid}
        plan = plan_after
    assert plan.transfers == ()


def test_l09_paying_one_transfer_of_a_sweep_keeps_the_rest() -> None:
    """Beyond the exact solver it holds as long as no debt comes to equal a credit."""
    balances = {f"m{i:02}": 3**i * (-1) ** i for i in range(25)}
    balances["m25"] = -sum(balances.values())
    plan = settle(balances)
    assert not plan.proven_minimal
    for paid in plan.transfers:
        left = [*plan.transfers]
        left.remove(paid)
        assert sorted(settle(pay(balances, paid)).transfers) == sorted(left)


@given(balance_maps(1, 30, 3, 100), st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_plan_does_not_depend_on_the_order_of_balances(
    balances: dict[str, int], random: Random
) -> None:
    """The same balances in another order, and with settled members, give the same plan."""
    items = [*balances.items(), ("settled", 0)]
    random.shuffle(items)
    assert settle(dict(items)) == settle(balances)


def test_plan_pairs_are_no_better_than_a_smaller_id() -> None:
    """Of two minimal plans the one with the smaller ids is taken, in every order of the nets."""
    for nets in permutations([-5, -5, 5, 5]):
        balances = dict(zip("abcd", nets, strict=True))
        debtors = [member for member in "abcd" if balances[member] < 0]
        creditors = [member for member in "abcd" if balances[member] > 0]
        expected = [(d, c, 5) for d, c in zip(debtors, creditors, strict=True)]
        assert as_edges(settle(balances)) == expected


@pytest.mark.parametrize(
    ("nets", "groups"),
    [
        ([-1, 1] * 10, 10),
        ([-100] * 19 + [1900], 1),
        ([-1] * 10 + [2] * 5 + [-3, 1, 1, 1, 0], 7),
        ([1, 2, -3] * 6 + [1, -1], 7),
        ([-7] * 9 + [3] * 6 + [9] * 5, 3),
        ([4, 4, 4, -6, -6] * 4, 4),
        ([5, -2, -2, -1, 7, -3, -3, -1] * 2 + [11, -4, -4, -3], 5),
    ],
)
def test_plan_of_twenty_members_with_many_ties(nets: list[int], groups: int) -> None:
    """Twenty members with small nets, where a greedy plan is often longer, are still exact."""
    balances = {f"m{i:02}": net for i, net in enumerate(nets)}
    plan = settle(balances)
    check_plan(balances, plan)
    assert plan.proven_minimal
    assert len(plan.groups) == groups


def test_plan_beyond_twenty_members_with_few_unpaired() -> None:
    """Opposite nets are paired first; what is left over is solved exactly, and proven."""
    balances: dict[str, int] = {}
    for i in range(9):
        balances[f"c{i:02}"] = 1000 + i
        balances[f"d{i:02}"] = -1000 - i
    balances |= {"x": 5, "y": 7, "z": -12, "u": 1, "v": 1, "w": -2}
    plan = settle(balances)
    check_plan(balances, plan)
    assert plan.proven_minimal
    assert Counter(map(len, plan.groups)) == {2: 9, 3: 2}


def test_l08_two_thousand_members_settle() -> None:
    """Two thousand members settle, iteratively, with fewer transfers than members."""
    balances = {f"m{i:04}": (i * 7919 + 13) % 100_003 - 50_001 for i in range(1999)}
    balances["m1999"] = -sum(balances.values())
    plan = settle(balances)
    check_plan(balances, plan)
    assert len(plan.transfers) < 2000


def test_l08_two_thousand_equal_debts_are_proven_by_the_bound() -> None:
    """A greedy plan that meets the lower bound is minimal, and says so."""
    balances = dict.fromkeys((f"m{i:04}" for i in range(1999)), -1) | {"z": 1999}
    plan = settle(balances)
    check_plan(balances, plan)
    assert plan.proven_minimal
    assert plan.lower_bound == 1999


@pytest.mark.parametrize("balances", [{}, {"a": 0}, {"a": 0, "b": 0}])
def test_plan_of_settled_members(balances: dict[str, int]) -> None:
    """Nothing open, nothing to pay."""
    assert settle(balances) == Settlement((), (), proven_minimal=True, lower_bound=0)


def test_plan_of_unbalanced_nets() -> None:
    """Nets that do not sum to zero are a fault of the caller, not something to round away."""
    with pytest.raises(ValueError, match="sum to 1"):
        settle({"a": 3, "b": -2})
