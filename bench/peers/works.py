"""What both services are asked to do, and in which of their groups.

A group is an event of howmuch and a project of I Hate Money, each of three members. Every connection writes
to a group of its own.
"""

from dataclasses import dataclass, replace

CONNECTIONS = 8
PROCESSES = 2

LISTED = 100
LISTED_GROUP = CONNECTIONS + 1
SIZES = (10, 1_000, 10_000)
FILLED = {LISTED_GROUP: LISTED} | dict(enumerate(SIZES, LISTED_GROUP + 1))
"""Groups that are filled beforehand: number to expenses."""
EDITED_GROUP = LISTED_GROUP + len(SIZES) + 1
GROUPS = EDITED_GROUP

REASON, DATE, AMOUNT = "Dinner", "2026-11-22", "30.01"


@dataclass(frozen=True, slots=True)
class Work:
    """One thing to do. groups: of each connection; goal: at least so many times I Hate Money's rate over
    REST, None: there is none. seconds: how long a round is; I Hate Money may need longer to answer at all.
    anew: no two requests to howmuch are alike, so that none is answered from memory.
    """

    name: str
    groups: tuple[int, ...]
    goal: float | None = None
    seconds: float = 1.5
    their_seconds: float = 1.5
    anew: bool = False


def _balances(group: int, size: int) -> Work:
    slow = size == max(SIZES)
    return Work(
        f"balances, {size:,}",
        (group,) * CONNECTIONS,
        goal=500.0 if slow else None,
        their_seconds=6.0 if slow else 1.5,
    )


OWN_GROUPS = tuple(range(1, CONNECTIONS + 1))
ADD = Work("add an expense", OWN_GROUPS, goal=6.0, seconds=2.0, their_seconds=2.0)
LIST = Work(
    f"list {LISTED}", (LISTED_GROUP,) * CONNECTIONS, goal=6.0, seconds=2.0, their_seconds=2.0
)
LIST_ANEW = replace(LIST, name=f"list {LISTED}, each anew", anew=True)
LOG_IN = Work("log in", OWN_GROUPS)
BALANCES = tuple(_balances(group, size) for group, size in FILLED.items() if group != LISTED_GROUP)
WORKS = (ADD, LIST, LIST_ANEW, *BALANCES, LOG_IN)
