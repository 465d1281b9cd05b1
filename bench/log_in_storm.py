"""Reads beside a storm of log-ins: hashing passwords is slow on purpose, and is to slow nothing else.

Run: python -m bench.log_in_storm
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import update

from bench import data, load, machine
from bench.report import spread
from howmuch.storage.database import Database
from howmuch.storage.tables import users
from howmuch.usecases.passwords import PasswordHasher
from howmuch.v1 import event_service_pb2, user_service_pb2

ROUNDS = 5
SECONDS = 2.0
READERS = 4
STORM = 32
PASSWORD = "correct horse battery"
# All of the storm comes from one address, which the limits would stop.
NO_LIMITS = (
    "rate_limits:\n  log_in_by_peer: 1000000 per minute\n  log_in_by_account: 1000000 per minute\n"
)


def reads(target: str) -> load.Calls:
    """GetBalances, each reader of an event of its own."""
    events = range(1, READERS + 1)
    return load.Calls(
        target=target,
        path="/howmuch.v1.EventService/GetBalances",
        requests=[
            event_service_pb2.GetBalancesRequest(event_id=data.event_id(event))
            .SerializeToString()
            .hex()
            for event in events
        ],
        tokens=[data.token(event) for event in events],
        seconds=SECONDS,
    )


def log_ins(target: str) -> load.Calls:
    """LogIn with the right password; the server may answer that too many do."""
    request = user_service_pb2.LogInRequest(email="owner1@example.com", password=PASSWORD)
    return load.Calls(
        target=target,
        path="/howmuch.v1.UserService/LogIn",
        requests=[request.SerializeToString().hex()] * STORM,
        tokens=[""] * STORM,
        # Longer than the reads, so that it blows through all of them.
        seconds=SECONDS + 1.0,
        may_be_refused=True,
    )


def set_passwords(database: Database) -> None:
    """Gives every user the same one."""
    hasher = PasswordHasher()
    with database.begin() as connection:
        connection.execute(update(users).values(password_hash=hasher.hash(PASSWORD)))
    hasher.close()


@contextmanager
def serving() -> Iterator[str]:
    """The address of a server without rate limits."""
    with TemporaryDirectory(prefix="howmuch-bench-") as directory:
        config = Path(directory, "howmuch.yaml")
        config.write_text(NO_LIMITS)
        with machine.scratch_database() as (url, database):
            data.add_events(database, READERS)
            for event in range(1, READERS + 1):
                data.add_expenses(database, event, 10)
            set_passwords(database)
            database.dispose()
            with machine.server(url, "--config", str(config)) as server:
                yield server.address


def main() -> None:
    """Rounds without and with the storm, in turn."""
    calm, stormy, logged_in = [], [], []
    with serving() as target, ThreadPoolExecutor(1) as threads:
        for _ in range(ROUNDS):
            calm.append(load.run(reads(target)))
            storm = threads.submit(load.run, log_ins(target))
            stormy.append(load.run(reads(target)))
            found = storm.result()
            logged_in.append((found.calls - found.refused) / (SECONDS + 1.0))
    print(
        f"GetBalances, {READERS} in flight, beside {STORM} clients that log in"
        f" ({spread(logged_in, '{:.0f}')} log-ins/s)"
    )
    for name in ("p50_ms", "p99_ms", "rate"):
        alone, beside = ([getattr(result, name) for result in runs] for runs in (calm, stormy))
        ratios = [new / old for new, old in zip(beside, alone, strict=True)]
        print(
            f"{spread(ratios)} times the {name} without;"
            f" {spread(beside, '{:.1f}')} with, {spread(alone, '{:.1f}')} without"
        )


if __name__ == "__main__":
    main()
