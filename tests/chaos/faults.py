"""The faults. Each starts and heals; the campaign runs its clients meanwhile."""

import random
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psycopg

from tests.brokers import control
from tests.chaos.cutter import Cutter
from tests.chaos.programs import Program
from tests.mail_delivery.sink import Sink
from tests.redis_server import RedisServer

LOCK_SECONDS = 30.0
STORM_PAUSE_SECONDS = 0.1


class Fault(Protocol):
    """name: for people. longest_seconds: how long it lasts at most. repeats_mails: whether a mail that was
    given to the mail server at that moment may be sent again.
    """

    @property
    def name(self) -> str: ...

    @property
    def longest_seconds(self) -> float: ...

    @property
    def repeats_mails(self) -> bool: ...

    def start(self) -> None: ...

    def heal(self) -> None: ...


@dataclass
class Kill:
    """SIGKILL; healed by a start."""

    program: Program
    longest_seconds: float = 0.5
    repeats_mails: bool = True

    @property
    def name(self) -> str:
        return f"kill {self.program.command}"

    def start(self) -> None:
        self.program.kill()

    def heal(self) -> None:
        self.program.start()


@dataclass
class Restart:
    """SIGTERM, which must end with exit code 0, and a start."""

    program: Program
    longest_seconds: float = 0.1
    repeats_mails: bool = True

    @property
    def name(self) -> str:
        return f"restart {self.program.command}"

    def start(self) -> None:
        code = self.program.stop()
        assert code == 0, f"{self.program.command} ended with {code} after SIGTERM"

    def heal(self) -> None:
        self.program.start()


@dataclass
class Freeze:
    """SIGSTOP: the program holds its connections and locks, and answers nothing."""

    program: Program
    longest_seconds: float = 2.0
    repeats_mails: bool = False

    @property
    def name(self) -> str:
        return f"freeze {self.program.command}"

    def start(self) -> None:
        self.program.freeze()

    def heal(self) -> None:
        self.program.go_on()


@dataclass
class Action:
    """A fault of two functions."""

    name: str
    begin: Callable[[], object]
    end: Callable[[], object] = bool
    longest_seconds: float = 0.2
    repeats_mails: bool = False

    def start(self) -> None:
        self.begin()

    def heal(self) -> None:
        self.end()


@dataclass
class Storm:
    """The same again and again, with random pauses: some statements come through, and the next one fails."""

    name: str
    act: Callable[[], object]
    chance: random.Random
    longest_seconds: float = 2.0
    repeats_mails: bool = True
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self._over.clear()
        self._threads.append(threading.Thread(target=self._run, daemon=True))
        self._threads[-1].start()

    def _run(self) -> None:
        while not self._over.wait(self.chance.uniform(0, STORM_PAUSE_SECONDS)):
            self.act()

    def heal(self) -> None:
        self._over.set()
        while self._threads:
            self._threads.pop().join()


def database_connections(cutter: Cutter, url: str) -> list[Fault]:
    """Connections to PostgreSQL are cut, refused for a while, stalled, or ended by the server."""
    return [
        Action("cut database connections", cutter.cut, repeats_mails=True),
        Storm("storm of cut database connections", cutter.cut, random.Random(1)),
        Action("refuse database connections", cutter.refuse, cutter.pass_on, 1.5, True),
        Action("stall database connections", cutter.stall, cutter.pass_on, 2.0),
        Action("pg_terminate_backend", lambda: terminate_backends(url), repeats_mails=True),
    ]


def client_connections(name: str, cutter: Cutter) -> list[Fault]:
    """Between the clients and a server: calls take effect and are not answered, or are cut off."""
    return [
        Action(f"lose answers of {name}", cutter.lose_answers, cutter.pass_on, 0.6),
        Action(f"cut clients of {name}", cutter.cut),
    ]


def terminate_backends(url: str) -> None:
    """The server ends all connections to this database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@dataclass
class LockEvent:
    """Another connection to PostgreSQL holds an event, so that its writers wait."""

    url: str
    event_id: str
    name: str = "lock an event"
    longest_seconds: float = 2.0
    repeats_mails: bool = False
    _held: list[psycopg.Connection] = field(default_factory=list)

    def start(self) -> None:
        connection = psycopg.connect(self.url)
        self._held.append(connection)
        connection.execute("SELECT id FROM events WHERE id = %s FOR UPDATE", [self.event_id])

    def heal(self) -> None:
        while self._held:
            # `pg_terminate_backend` cannot have ended it: faults do not overlap.
            self._held.pop().close()


@dataclass
class LockFile:
    """Another process holds the write lock of the SQLite file."""

    file: Path
    name: str = "lock the SQLite file"
    longest_seconds: float = 2.0
    repeats_mails: bool = True
    _held: list[sqlite3.Connection] = field(default_factory=list)

    def start(self) -> None:
        connection = sqlite3.connect(
            self.file, timeout=LOCK_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._held.append(connection)
        connection.execute("BEGIN IMMEDIATE")

    def heal(self) -> None:
        while self._held:
            with closing(self._held.pop()) as connection:
                connection.execute("ROLLBACK")


def redis(server: RedisServer) -> list[Fault]:
    """Redis crashes, or answers nothing."""
    return [
        Action("kill Redis", server.kill, server.start, 1.0),
        Action("freeze Redis", server.hang, server.go_on, 5.0),
    ]


def broker(virtual_host: str) -> list[Fault]:
    """RabbitMQ closes all connections to this virtual host."""
    close = ("close_all_connections", "--vhost", virtual_host, "chaos")
    return [Action("close RabbitMQ connections", lambda: control(*close))]


def mail_server(sink: Sink) -> list[Fault]:
    """The mail server says to come later, or hangs up instead of taking a mail."""

    def answer(text: str) -> None:
        sink.on_data = lambda _: text

    def drop(on: bool) -> None:
        sink.drop_in_data = on

    return [
        Action(
            "mail server says later", lambda: answer("451 later"), lambda: answer("250 OK"), 2.0
        ),
        Action("mail server hangs up", lambda: drop(True), lambda: drop(False), 2.0),
    ]
