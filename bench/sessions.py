"""What Redis does for sessions: how soon an end is heard elsewhere, and what not asking the database saves.

Run: python -m bench.sessions
"""

import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import grpc

from bench import data, load, machine
from bench.report import goal, spread
from howmuch.v1 import (
    event_service_pb2,
    user_service_pb2,
    user_service_pb2_grpc,
)
from tests.cli.program import Running

REDIS_URL = os.environ.get("TEST_REDIS_URL") or "redis://127.0.0.1:6379/0"
ENDS = 100
HEARD_GOAL_MS = 100.0
GIVE_UP_SECONDS = 20.0
ROUNDS = 5
SECONDS = 2.0
CALLS = {
    "GetMe": ("/howmuch.v1.UserService/GetMe", user_service_pb2.GetMeRequest()),
    "GetEvent": (
        "/howmuch.v1.EventService/GetEvent",
        event_service_pb2.GetEventRequest(event_id=data.event_id(1)),
    ),
}


@contextmanager
def stub(server: Running) -> Iterator[user_service_pb2_grpc.UserServiceStub]:
    """A client of a server."""
    with grpc.insecure_channel(server.address) as channel:
        yield user_service_pb2_grpc.UserServiceStub(channel)


def heard_after_ms(servers: list[Running]) -> list[float]:
    """Of each log-out at one server: how long another one, which remembers the session, still accepts it."""
    times = []
    with stub(servers[0]) as here, stub(servers[1]) as elsewhere:
        for number in range(2, ENDS + 2):
            mine = (("authorization", f"Bearer {data.token(number)}"),)
            elsewhere.GetMe(user_service_pb2.GetMeRequest(), metadata=mine)
            here.LogOut(user_service_pb2.LogOutRequest(), metadata=mine)
            ended = time.perf_counter()
            while accepted(elsewhere, mine):
                if time.perf_counter() - ended > GIVE_UP_SECONDS:
                    raise SystemExit("the end of a session was not heard")
            times.append((time.perf_counter() - ended) * 1000)
    return times


def accepted(
    users: user_service_pb2_grpc.UserServiceStub, metadata: tuple[tuple[str, str], ...]
) -> bool:
    """Whether the session is."""
    try:
        users.GetMe(user_service_pb2.GetMeRequest(), metadata=metadata)
    except grpc.RpcError as error:
        if error.code() is not grpc.StatusCode.UNAUTHENTICATED:
            raise
        return False
    return True


def cpu_ms(server: Running, name: str) -> float:
    """Processor time of the server per call."""
    path, request = CALLS[name]
    before = machine.cpu_seconds(server.process.pid)
    result = load.run(
        load.Calls(
            target=server.address,
            path=path,
            requests=[request.SerializeToString().hex()],
            tokens=[data.token(1)],
            seconds=SECONDS,
        )
    )
    return (machine.cpu_seconds(server.process.pid) - before) / result.calls * 1000


def main() -> None:
    """With and without take turns."""
    with machine.scratch_database() as (url, database), ExitStack() as stack:
        data.add_events(database, ENDS + 1)
        database.dispose()
        settings = Path(stack.enter_context(TemporaryDirectory()), "settings.json")
        prefix = f"bench-{secrets.token_hex(4)}:"
        settings.write_text(json.dumps({"redis": {"url": REDIS_URL, "prefix": prefix}}))
        redis = ["--config", str(settings)]
        shared = [stack.enter_context(machine.server(url, *redis)) for _ in range(2)]
        alone = stack.enter_context(machine.server(url))
        times = heard_after_ms(shared)
        print(
            f"log-out is heard at another process after {spread(times, '{:.1f}')} ms of {ENDS},"
            f" goal {HEARD_GOAL_MS:.0f} at most {goal(max(times) <= HEARD_GOAL_MS)}"
        )
        for name in CALLS:
            pairs = [(cpu_ms(shared[0], name), cpu_ms(alone, name)) for _ in range(ROUNDS)]
            with_redis, without = zip(*pairs, strict=True)
            ratios = [mine / base for mine, base in pairs]
            print(
                f"{name}: {spread(ratios)} of the CPU without Redis; {spread(with_redis)} ms"
                f" beside {spread(without)} ms, median ratio {median(ratios):.2f}"
            )


if __name__ == "__main__":
    main()
