"""CreateExpense while RabbitMQ and the mail server are there, and while both are away.

The same server throughout; in each round a worker runs beside it that reaches both, then one that reaches
neither. Run: python -m bench.mail_down
"""

from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench import data, load, machine
from bench.create_expense import PATH, request_of
from bench.mail import RABBITMQ, Sink, worker
from bench.report import goal, spread
from tests.brokers import virtual_host
from tests.ports import free_address, free_port

ROUNDS = 5
SECONDS = 3.0
CALLERS = 8
GOAL = 1.2


def calls(target: str) -> load.Calls:
    """What the client is to do."""
    numbers = range(1, CALLERS + 1)
    return load.Calls(
        target=target,
        path=PATH,
        requests=[request_of(event).SerializeToString().hex() for event in numbers],
        tokens=[data.token(event) for event in numbers],
        seconds=SECONDS,
    )


def main() -> None:
    """Ratios of the two, of each round."""
    there: list[load.Result] = []
    away: list[load.Result] = []
    with machine.scratch_database() as (url, database), ExitStack() as stack:
        data.add_events(database, CALLERS)
        database.dispose()
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="howmuch-bench-")))
        rabbit = stack.enter_context(virtual_host(RABBITMQ))
        sink = Sink()
        stack.callback(sink.stop)
        nowhere = f"amqp://guest:guest@{free_address()}/"
        server = stack.enter_context(machine.server(url))
        for _ in range(ROUNDS):
            for results, broker, port in (
                (there, rabbit, sink.port),
                (away, nowhere, free_port()),
            ):
                with worker(url, broker, port, directory):
                    results.append(load.run(calls(server.address)))
    pairs = list(zip(away, there, strict=True))
    p99 = [down.p99_ms / up.p99_ms for down, up in pairs]
    print(
        f"p99 with both away: {spread(p99)} times the one with both there, goal at most {GOAL}:"
        f" {goal(median(p99) <= GOAL)}"
    )
    print(f"p50: {spread([down.p50_ms / up.p50_ms for down, up in pairs])} times")
    for name, results in (("there", there), ("away", away)):
        print(
            f"  {name:<6}{spread([r.rate for r in results], '{:.0f}')} calls/s,"
            f" p50 {spread([r.p50_ms for r in results], '{:.1f}')} ms,"
            f" p99 {spread([r.p99_ms for r in results], '{:.1f}')} ms"
        )


if __name__ == "__main__":
    main()
