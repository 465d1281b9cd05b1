"""What the worst requests cost `run`, `gateway` and `serve`: peak memory, and waits for the event loop.

Run: python -m bench.worst_requests

Each kind is sent by 16 clients at once, while /healthz is asked for every 10 ms. The longest wait includes
the time for which the machine is busy with other programs. `serve` has no event loop: only its memory counts.
"""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import grpc
import httpx

from bench.report import goal
from tests.cli.program import Running, howmuch, running
from tests.gateway.worst_requests import AT_ONCE, MIB, cost_of, memory_of, worst_requests
from tests.rpc import worst_messages

MEMORY_GOAL = 512 * MIB
WAIT_GOAL_SECONDS = 0.05


def token_of(server: Running) -> str:
    """A session of a new account."""
    account = {"email": "ana@example.com", "password": "correct horse battery", "name": "Ana"}
    httpx.post(f"{server.rest}/v1/users", json=account).raise_for_status()
    del account["name"]
    answer = httpx.post(f"{server.rest}/v1/sessions", json=account).raise_for_status()
    return str(answer.json()["token"])


def report(program: Running, token: str) -> None:
    """A line for each kind of request."""
    port, pid = int(program.rest.rpartition(":")[2]), program.process.pid
    print(f"  before: {memory_of(pid) / MIB:.0f} MiB")
    for worst in worst_requests(token):
        cost = cost_of(worst, port, pid)
        statuses = ", ".join(sorted({str(answer.status) for answer in cost.answers}))
        reached = goal(cost.peak < MEMORY_GOAL and cost.longest_seconds < WAIT_GOAL_SECONDS)
        print(
            f"  {worst.name + ':':<26} {cost.peak / MIB:4.0f} MiB, longest wait"
            f" {cost.longest_seconds * 1000:5.0f} ms, answers {statuses}; {reached}"
        )


def report_messages(program: Running) -> None:
    """A line for each kind of message."""
    pid = program.process.pid
    with grpc.insecure_channel(program.address) as channel:
        caller = worst_messages.new_caller(channel)
    print(f"  before: {memory_of(pid) / MIB:.0f} MiB")
    for worst in worst_messages.worst_messages(caller):
        peak, codes = worst_messages.cost_of(worst, program.address, pid)
        names = ", ".join(sorted(code.name for code in codes))
        print(
            f"  {worst.name + ':':<34} {peak / MIB:4.0f} MiB, {names}; {goal(peak < MEMORY_GOAL)}"
        )


def main() -> None:
    """The programs, one after the other."""
    print(f"{AT_ONCE} at once; goal: below 512 MiB, and below 50 ms")
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="howmuch-bench-")))
        where = ("--data-dir", str(directory), "--grpc-listen", "127.0.0.1:0")
        server = stack.enter_context(running(directory / "run.log", *where))
        token = token_of(server)
        print("howmuch run")
        report(server, token)
        to = ("--upstream", server.address, "--listen", "127.0.0.1:0")
        gateway = stack.enter_context(running(directory / "gateway.log", *to, command="gateway"))
        print("howmuch gateway")
        report(gateway, token)
    with TemporaryDirectory(prefix="howmuch-bench-") as named:
        url = f"sqlite:///{named}/howmuch.db"
        howmuch("db", "upgrade", "--database-url", url)
        where = ("--database-url", url, "--grpc-listen", "127.0.0.1:0")
        with running(Path(named) / "serve.log", *where, command="serve") as serve:
            print("howmuch serve")
            report_messages(serve)


if __name__ == "__main__":
    main()
