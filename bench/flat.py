"""Whether a read costs the same however much there is: the same call on events of different size.

No two requests are alike, so that each is read from the database.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from google.protobuf.message import Message

from bench import data, load, machine
from bench.report import goal, spread

ROUNDS = 5
SECONDS = 1.0
MOST = 1.2


@dataclass(frozen=True, slots=True)
class Case:
    """One call: on an event, by its number, with so many expenses."""

    name: str
    event: int
    size: int
    path: str
    request: Message


def compare(cases: Sequence[Case], derive: Callable[[str, Case], Case] | None = None) -> None:
    """Prints, for each case, its median time to that of the first, round by round.

    derive: makes a further case out of each, given the address of the server.
    """
    with machine.scratch_database() as (url, database):
        data.add_events(database, len(cases))
        for case in cases:
            data.add_expenses(database, case.event, case.size)
        database.dispose()
        with machine.server(url) as server:
            if derive is not None:
                cases = [*cases, *(derive(server.address, case) for case in cases)]
            results: dict[str, list[load.Result]] = {case.name: [] for case in cases}
            for _ in range(ROUNDS):
                for case in cases:
                    results[case.name].append(load.run(_calls(server.address, case)))
    first = [result.p50_ms for result in results[cases[0].name]]
    for name, found in results.items():
        times = [result.p50_ms for result in found]
        ratios = [mine / base for mine, base in zip(times, first, strict=True)]
        print(
            f"{spread(ratios)} of the first line, {goal(median(ratios) <= MOST)};"
            f" p50 {spread(times)} ms, p99 {spread([result.p99_ms for result in found])} ms: {name}"
        )


def _calls(target: str, case: Case) -> load.Calls:
    return load.Calls(
        target=target,
        path=case.path,
        requests=[case.request.SerializeToString().hex()],
        tokens=[data.token(case.event)],
        seconds=SECONDS,
        numbered=True,
    )
