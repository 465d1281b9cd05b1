"""What becomes of an edit made on what is no longer so, of a repeated request, and of edits at the same time.

A change is lost where its client was answered 2xx and the expense does not have it in the end.
"""

import asyncio
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bench.peers import ihatemoney, ours
from bench.peers.clients import (
    Client,
    HowmuchClient,
    IHateMoneyClient,
    Seen,
    changed_amount,
    changed_reason,
    expected_nets,
    for_the_others,
    for_the_payer,
    new_key,
)

PAIRS = 100
CENT = Decimal("0.01")
REFUSALS = (409, 412)
Change = Callable[[Seen], Seen]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two edits of one expense by clients who had read the same. end: what it is afterwards."""

    before: Seen
    changes: tuple[Change, Change]
    statuses: tuple[int, int]
    end: Seen

    @property
    def has_both(self) -> bool:
        """Whether both changes are in the expense."""
        first, second = self.changes
        ways = (first(second(self.before)), second(first(self.before)))
        return all(_said(way) == _said(self.end) for way in ways)

    @property
    def lost(self) -> bool:
        """Whether both were told that it worked, and it did not."""
        return all(200 <= status < 300 for status in self.statuses) and not self.has_both

    @property
    def refused(self) -> bool:
        """Whether one was told that it did not work, and why."""
        return any(400 <= status < 500 for status in self.statuses)

    @property
    def failed(self) -> bool:
        """Whether the service itself did."""
        return any(status >= 500 for status in self.statuses)


def _said(seen: Seen) -> tuple[object, ...]:
    return seen.reason, seen.amount, seen.sharers


async def compare(peer: ihatemoney.Service, howmuch: ours.Service) -> None:
    """Prints a table of what each client of each service comes to see."""
    clients: list[Client] = [
        IHateMoneyClient(peer),
        HowmuchClient(howmuch, careful=True),
        HowmuchClient(howmuch, careful=False),
    ]
    columns = [await _seen_by(client) for client in clients]
    rows = [["", *(client.name for client in clients)]]
    rows += [[cells[0][0], *(cell for _, cell in cells)] for cells in zip(*columns, strict=True)]
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    for row in rows:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


async def _seen_by(client: Client) -> list[tuple[str, str]]:
    stale = await _stale_edit(client)
    first_is_there = stale.end.amount == changed_amount(stale.before).amount
    repeated = await _repeated_post(client)
    fields = await _pairs(client, (changed_amount, changed_reason))
    sharers = await _pairs(client, (for_the_payer, for_the_others))
    return [
        ("a stale edit is answered", str(stale.statuses[1])),
        ("the change before it", "is there" if first_is_there else "is LOST"),
        ("the same POST twice makes", f"{repeated} expense{'s' * (repeated > 1)}"),
        (f"{PAIRS} pairs, amount and reason:", ""),
        *_outcome(fields),
        ("  in the end both are there", _count(pair.has_both for pair in fields)),
        (f"{PAIRS} pairs, both whom it is for:", ""),
        *_outcome(sharers),
        ("balances afterwards", await _balances(client)),
    ]


def _outcome(pairs: Sequence[Pair]) -> list[tuple[str, str]]:
    return [
        ("  one is refused", _count(pair.refused for pair in pairs)),
        ("  a change is lost", _count(pair.lost for pair in pairs)),
        ("  failures", _count(pair.failed for pair in pairs)),
    ]


async def _stale_edit(client: Client) -> Pair:
    """Both read, then one writes, then the other."""
    before = await _added(client)
    changes = (changed_amount, changed_reason)
    statuses = [await client.edit(before, change(before)) for change in changes]
    return Pair(before, changes, (statuses[0], statuses[1]), await client.read(before.id))


async def _repeated_post(client: Client) -> int:
    """How many expenses a client has made who repeats a request since the answer got lost."""
    before, key = len(await client.all()), new_key()
    for _ in range(2):
        await client.add(key)
    return len(await client.all()) - before


async def _pairs(client: Client, changes: tuple[Change, Change]) -> list[Pair]:
    """Many at the same time, each of an expense of its own."""
    expenses = [await _added(client) for _ in range(PAIRS)]
    return await asyncio.gather(*(_pair(client, before, changes) for before in expenses))


async def _pair(client: Client, before: Seen, changes: tuple[Change, Change]) -> Pair:
    """Who is refused reads again and tries once more."""

    async def edit(change: Change) -> int:
        return await client.edit(before, change(before))

    statuses = await asyncio.gather(*map(edit, changes))
    for change, status in zip(changes, statuses, strict=True):
        if status in REFUSALS:
            now = await client.read(before.id)
            await client.edit(now, change(now))
    return Pair(before, changes, (statuses[0], statuses[1]), await client.read(before.id))


async def _added(client: Client) -> Seen:
    await client.add(new_key())
    return (await client.all())[0]


def _count(found: Iterable[bool]) -> str:
    return str(sum(found))


async def _balances(client: Client) -> str:
    """Whether they add up to nothing, and are what the expenses come to, to a cent for each of those."""
    expenses, nets = await client.all(), await client.nets()
    total = sum(nets, Decimal(0))
    if abs(total) >= CENT:
        return f"add up to {total:.2f} instead of 0"
    leeway = CENT * len(expenses)
    differences = map(operator.sub, nets, expected_nets(expenses))
    return (
        "add up" if all(abs(each) <= leeway for each in differences) else "DIFFER from the expenses"
    )
