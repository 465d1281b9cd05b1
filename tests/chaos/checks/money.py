"""Balances and debts, computed once more from history, by other code than the program's."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from tests.chaos.evidence import Balances, Change, Evidence, Rule, Shares, Violation

Nets = dict[tuple[str, str], tuple[int, int, int]]
Debts = dict[tuple[str, str, str], int]
Key = TypeVar("Key", tuple[str, str], tuple[str, str, str])
Pairs = set[tuple[str, str, str]]


def check_balances(evidence: Evidence) -> Iterator[Violation]:
    """Each server says what history makes of balances and debts; and `howmuch check` finds no difference."""
    expected = {
        event_id: _expected(last_states(changes)) for event_id, changes in evidence.history.items()
    }
    for said in evidence.balances:
        nets, debts = expected[said.event_id]
        yield from _differences(Rule.BALANCE, said, nets, said.nets)
        yield from _wrong_debts(said, debts)
    for line in evidence.differences:
        yield Violation(Rule.LEDGER, line)


def last_states(changes: Sequence[Change]) -> list[Shares]:
    """Each expense as its last change left it, without those that are deleted."""
    last = {change.subject_id: change.shares for change in changes if change.shares}
    return [shares for shares in last.values() if not shares.deleted]


def _expected(expenses: Sequence[Shares]) -> tuple[Nets, Debts]:
    nets: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    owed: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for expense in expenses:
        code = expense.currency_code
        # The campaign has expenses of one payer alone: each debt is a share of one member.
        [payer] = expense.paid
        for member in expense.paid.keys() | expense.owed.keys():
            paid, share = expense.paid.get(member, 0), expense.owed.get(member, 0)
            net = nets[code, member]
            if expense.kind == "TRANSFER":
                net[2] += paid - share
            else:
                net[0] += paid
                net[1] += share
            if member != payer:
                owed[code, member, payer] += share
    debts = {
        (code, debtor, creditor): amount - owed.get((code, creditor, debtor), 0)
        for (code, debtor, creditor), amount in owed.items()
    }
    return (
        {member: (net[0], net[1], net[2]) for member, net in nets.items() if any(net)},
        {pair: amount for pair, amount in debts.items() if amount > 0},
    )


def _wrong_debts(said: Balances, arose: Debts) -> Iterator[Violation]:
    """A debt may be lower than it arose, by circles: what is cancelled sums to zero for each member."""
    cancelled: defaultdict[tuple[str, str], int] = defaultdict(int)
    for code, debtor, creditor in arose.keys() | said.debts.keys():
        lower = arose.get((code, debtor, creditor), 0) - said.debts.get((code, debtor, creditor), 0)
        cancelled[code, debtor] += lower
        cancelled[code, creditor] -= lower
        if lower < 0:
            text = f"{said.source} says of {said.event_id} that {debtor} owes {creditor} {-lower} {code} more"
            yield Violation(Rule.DEBT, f"{text} than history makes it")
    yield from _differences(
        Rule.DEBT, said, {}, {member: minor for member, minor in cancelled.items() if minor}
    )
    circle = _in_circles(set(said.debts))
    if circle:
        yield Violation(
            Rule.DEBT, f"{said.source} has a circle in {said.event_id}: {sorted(circle)}"
        )


def _in_circles(debts: Pairs) -> Pairs:
    """Debts that remain when all are gone whose creditor owes nothing."""
    while True:
        owing = {(code, debtor) for code, debtor, _ in debts}
        left = {debt for debt in debts if (debt[0], debt[2]) in owing}
        if left == debts:
            return left
        debts = left


def _differences(
    rule: Rule, said: Balances, expected: Mapping[Key, object], actual: Mapping[Key, object]
) -> Iterator[Violation]:
    for key in sorted(expected.keys() | actual.keys()):
        if expected.get(key) != actual.get(key):
            yield Violation(
                rule,
                f"{said.source} says of {said.event_id}, {' '.join(key)}: {actual.get(key)},"
                f" and history makes it {expected.get(key)}",
            )
