"""Time of settlement, beside what no solver can avoid. Run: python -m bench.settlement

Every line leads with ratios, which carry over from one machine to another: time to the goal, and
time to the floor of the same run. The floor of the exact solver is one sum per subset of all
members but one (a list of 2^19 integers, built by the fastest loop that Python has); the floor of
the greedy one is to sort the balances. The textbook recurrence, one subset at a time, is shown at
14 members, because at 20 it takes about ninety times as long.
"""

import random
from collections.abc import Callable, Mapping
from functools import partial
from statistics import median

from bench.report import timed_ms
from howmuch.ledger.settlement import settle

EXACT_GOAL_MS = 100
GREEDY_GOAL_MS = 50
RUNS = 9


def balances_of(nets: list[int], seed: int) -> dict[str, int]:
    """The nets and one more that closes the sum, dealt to members in random order."""
    closed = [*nets, -sum(nets)]
    random.Random(seed).shuffle(closed)
    return {f"member_{index:04}": net for index, net in enumerate(closed)}


def families(members: int, seed: int) -> dict[str, dict[str, int]]:
    """Name to one instance: few groups, many groups, and every balance tied with others."""
    source = random.Random(seed)
    small = [source.choice([-7, -5, -3, -2, -1, 1, 2, 3, 5, 7]) for _ in range(members - 1)]
    if sum(small) == 0:
        small[0] *= 2
    nets = {
        "random cents": [source.choice([-1, 1]) * source.randint(1, 10**5) for _ in small],
        "small integers": small,
        "equal debts": [-100] * (members - 1),
        "opposite pairs": [sign * size for size in range(1, members) for sign in (1, -1)][
            : members - 1
        ],
    }
    return {name: balances_of(values, seed) for name, values in nets.items()}


def milliseconds(work: Callable[[], object]) -> float:
    """The median of some runs."""
    return median(timed_ms(work, RUNS))


def subset_sums(nets: list[int]) -> list[int]:
    """The sum of every subset."""
    sums = [0]
    for net in nets:
        sums += [total + net for total in sums]
    return sums


def textbook_groups(nets: list[int]) -> int:
    """The most zero-sum groups, by the recurrence over subsets, one at a time."""
    groups = [0]
    for mask, total in enumerate(subset_sums(nets)[1:], start=1):
        members = (i for i in range(len(nets)) if mask >> i & 1)
        groups.append(max(groups[mask ^ 1 << i] for i in members) + (total == 0))
    return groups[-1]


def report(name: str, balances: Mapping[str, int], floor_ms: float, goal_ms: float | None) -> None:
    """One line: ratios first, then milliseconds and the plan."""
    spent_ms = milliseconds(partial(settle, balances))
    plan = settle(balances)
    of_goal = "" if goal_ms is None else f"{spent_ms / goal_ms:7.3f} of goal  "
    proven = "minimal" if plan.proven_minimal else f"at least {plan.lower_bound}"
    print(
        f"{of_goal}{spent_ms / floor_ms:7.3f} of floor  {spent_ms:8.2f} ms  {name}: "
        f"{len(plan.transfers)} transfers, {len(plan.groups)} groups, {proven}"
    )


def main() -> None:
    twenty = families(20, seed=1)
    floor_ms = milliseconds(lambda: subset_sums(list(range(19))))
    print(f"Exact, 20 members; goal {EXACT_GOAL_MS} ms; floor {floor_ms:.2f} ms (2^19 sums)")
    for name, balances in twenty.items():
        report(name, balances, floor_ms, EXACT_GOAL_MS)

    fourteen = families(14, seed=1)
    print("\nExact, 14 members, floor = the textbook recurrence")
    for name, balances in fourteen.items():
        nets = list(balances.values())
        report(name, balances, milliseconds(partial(textbook_groups, nets)), None)

    many = families(2000, seed=1)
    floor_ms = milliseconds(lambda: sorted(many["random cents"].items()))
    print(f"\nGreedy, 2,000 members; goal {GREEDY_GOAL_MS} ms; floor {floor_ms:.2f} ms (sorting)")
    for name, balances in many.items():
        report(name, balances, floor_ms, GREEDY_GOAL_MS)


if __name__ == "__main__":
    main()
