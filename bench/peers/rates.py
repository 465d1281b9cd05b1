"""How fast: the same work by the same number of connections, turn about, as a table of ratios."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from bench import http_load, load
from bench.machine import cpu_seconds
from bench.peers import ihatemoney, ours, works
from bench.report import goal, spread

ROUNDS = 7
FLAT = 0.8


@dataclass(frozen=True, slots=True)
class Round:
    """One side, measured once. rate: answers of success a second; failed: answers of anything else.
    cpu_ms: processor time of the service for an answer of any kind; PostgreSQL's is not in it.
    """

    rate: float
    cpu_ms: float
    p50_ms: float
    failed: int


@dataclass
class Line:
    """The rounds of one work."""

    work: works.Work
    theirs: list[Round] = field(default_factory=list)
    rest: list[Round] = field(default_factory=list)
    grpc: list[Round] = field(default_factory=list)

    def measure(self, peer: ihatemoney.Service, howmuch: ours.Service) -> None:
        """One round of each side."""
        work = self.work
        self.theirs.append(over_http(peer, work, work.their_seconds))
        self.rest.append(over_http(howmuch, work, work.seconds))
        self.grpc.append(over_grpc(howmuch, work))

    def ratios(self, mine: Sequence[Round]) -> list[float]:
        """Of each round: our rate to theirs."""
        return [own.rate / their.rate for own, their in zip(mine, self.theirs, strict=True)]


def over_http(
    service: ihatemoney.Service | ours.Service, work: works.Work, seconds: float
) -> Round:
    """A round of either service."""
    requests = http_load.Requests(
        service.port, service.requests(work), seconds, may_fail=True, varied=work.anew
    )
    before = cpu_seconds(service.pid)
    result = http_load.run(requests)
    cpu_ms = (cpu_seconds(service.pid) - before) / result.requests * 1000
    return Round(result.rate, cpu_ms, result.p50_ms, result.failed)


def over_grpc(service: ours.Service, work: works.Work) -> Round:
    """A round of ours."""
    before = cpu_seconds(service.pid)
    result = load.run(service.calls(work))
    cpu_ms = (cpu_seconds(service.pid) - before) / result.calls * 1000
    return Round(result.rate, cpu_ms, result.p50_ms, result.refused)


def compare(peer: ihatemoney.Service, howmuch: ours.Service) -> None:
    """Measures everything and prints the table."""
    lines = [Line(work) for work in works.WORKS]
    for _ in range(ROUNDS):
        for line in lines:
            line.measure(peer, howmuch)
    _print_rates(lines)
    _print_growth(lines)


def _print_rates(lines: Sequence[Line]) -> None:
    print(
        f"{works.CONNECTIONS} connections, {works.PROCESSES} processes each; {ROUNDS} rounds:"
        " median [least-most] of answers a second"
    )
    for line in lines:
        wanted, ratios = line.work.goal, line.ratios(line.rest)
        said = f", goal {wanted:.0f} {goal(median(ratios) >= wanted)}" if wanted else ""
        print(
            f"{line.work.name}: REST {_times(ratios)}{said}; gRPC {_times(line.ratios(line.grpc))}"
        )
        for name, rounds in (
            (ihatemoney.NAME, line.theirs),
            (f"{ours.NAME}, REST", line.rest),
            (f"{ours.NAME}, gRPC", line.grpc),
        ):
            print(f"  {name:<14} {_described(rounds)}")


def _times(ratios: Sequence[float]) -> str:
    return f"{spread(ratios, '{:.1f}')} times"


def _described(rounds: Sequence[Round]) -> str:
    rates = spread([each.rate for each in rounds], "{:.1f}")
    failed = sum(each.failed for each in rounds)
    failures = f", {failed} FAILED" if failed else ""
    cpu = spread([each.cpu_ms for each in rounds], "{:.1f}")
    p50_ms = median(each.p50_ms for each in rounds)
    return f"{rates}/s, p50 {p50_ms:.1f} ms, CPU {cpu} ms{failures}"


def _print_growth(lines: Sequence[Line]) -> None:
    """What balances cost where there is much, beside where there is little."""
    by_work = {line.work.name: line for line in lines}
    few, many = (by_work[work.name] for work in (works.BALANCES[0], works.BALANCES[-1]))
    print(f"balances at {works.SIZES[-1]:,} expenses, of the rate at {works.SIZES[0]}:")
    for name, at_few, at_many in (
        (ihatemoney.NAME, few.theirs, many.theirs),
        (f"{ours.NAME}, REST", few.rest, many.rest),
        (f"{ours.NAME}, gRPC", few.grpc, many.grpc),
    ):
        ratios = [much.rate / little.rate for much, little in zip(at_many, at_few, strict=True)]
        flat = ""
        if name != ihatemoney.NAME:
            flat = f", goal at least {FLAT} {goal(median(ratios) >= FLAT)}"
        print(f"  {name:<14} {spread(ratios, '{:.3f}')}{flat}")
