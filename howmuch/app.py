"""The composition root: builds the parts out of settings, and runs them in order."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from howmuch.config import Settings, from_json, mask_url, to_json
from howmuch.errors import Unavailable
from howmuch.lifecycle import Component, Lifecycle, StartError, one_line
from howmuch.logs import configure_logging
from howmuch.supervisor import Workers

# The parent of workers must not load gRPC, and commands start faster without it and the database:
# what needs them imports them when it starts.
if TYPE_CHECKING:
    from howmuch.rpc.server import GrpcServer
    from howmuch.storage.database import Database

log = structlog.get_logger()

PURGE_INTERVAL_SECONDS = 3600.0
FIRST_PURGE_SECONDS = 60.0

_WORKER_COMMAND = (sys.executable, "-P", "-c", "from howmuch.app import run_worker; run_worker()")


@dataclass(frozen=True, slots=True)
class Running:
    """What runs: pairs of protocol and address, and the database's URL without its password.

    An address is HOST:PORT, such as `127.0.0.1:50051` of `gRPC`.
    """

    addresses: Sequence[tuple[str, str]]
    database: str


class Migrations:
    """Sees to it that the database has the tables this program knows.

    upgrade_embedded: brings a SQLite file up to date. Otherwise, and on a server that others share,
    pending migrations are an error, since the one who deploys decides when they run.
    """

    name = "database"

    def __init__(self, settings: Settings, *, upgrade_embedded: bool) -> None:
        self._url = settings.database.url.get_secret_value()
        self._data_dir = settings.data_dir
        self._upgrade = upgrade_embedded and self._url.startswith("sqlite:")

    def start(self) -> None:
        """Raises RuntimeError where migrations are pending or the database does not answer."""
        from howmuch.storage import migrate

        make_data_dir(self._url, self._data_dir)
        try:
            if self._upgrade:
                migrate.upgrade(self._url)
            pending = migrate.pending(self._url)
        except Unavailable as error:
            raise RuntimeError(no_answer(self._url, error)) from error
        if pending:
            raise RuntimeError(
                f"{mask_url(self._url)} lacks the migrations {', '.join(pending)}; "
                "run `howmuch db upgrade`"
            )

    def stop(self, deadline: float) -> None:
        """Does nothing: no connection is left open."""


class OpenDatabase:
    """The pool of connections."""

    name = "database"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.database
        self._database: Database | None = None

    @property
    def database(self) -> "Database":
        """The database. Only between start and stop."""
        assert self._database is not None
        return self._database

    def start(self) -> None:
        """Connects to nothing yet."""
        from howmuch.storage.database import open_database

        self._database = open_database(
            self._settings.url.get_secret_value(),
            pool_size=self._settings.pool_size,
            pool_timeout_seconds=self._settings.pool_timeout_seconds,
        )

    def stop(self, deadline: float) -> None:
        """Closes every connection."""
        self.database.dispose()


class Maintenance:
    """Deletes every hour what has expired."""

    name = "maintenance"

    def __init__(self, opened: OpenDatabase) -> None:
        self._opened = opened
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="maintenance", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self, deadline: float) -> None:
        """Waits for what runs; at the deadline its transaction is left to be rolled back."""
        self._stopping.set()
        self._thread.join(max(0.0, deadline - time.monotonic()))

    def _loop(self) -> None:
        wait_seconds = FIRST_PURGE_SECONDS
        while not self._stopping.wait(wait_seconds):
            wait_seconds = PURGE_INTERVAL_SECONDS
            try:
                self._purge()
            except Exception:
                # Expired rows are also refused when they are read: it is enough to try again.
                log.exception("purge failed", retry_in_seconds=wait_seconds)

    def _purge(self) -> None:
        from howmuch.maintenance import purge

        with self._opened.database.begin() as connection:
            deleted = purge(connection, datetime.now(UTC))
        log.info("purged", **deleted)


class GrpcListener:
    """The gRPC server. reuse_port: other processes listen on the same port."""

    name = "gRPC server"

    def __init__(self, settings: Settings, opened: OpenDatabase, *, reuse_port: bool) -> None:
        self._settings = settings
        self._opened = opened
        self._reuse_port = reuse_port
        self._server: GrpcServer | None = None

    @property
    def address(self) -> str:
        """HOST:PORT that it listens on, with the port that was found where 0 was asked for."""
        assert self._server is not None
        return f"{self._settings.grpc.listen.rpartition(':')[0]}:{self._server.port}"

    def start(self) -> None:
        """Returns once it accepts calls."""
        # What gRPC's core would write to standard error is raised as an error as well.
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")
        from howmuch.rpc.interceptors.rate_limit import RateLimits
        from howmuch.rpc.server import ServerOptions, build_server

        grpc, auth = self._settings.grpc, self._settings.auth
        options = ServerOptions(
            listen=grpc.listen,
            threads=grpc.threads,
            max_concurrent_rpcs=grpc.max_concurrent_rpcs,
            max_request_bytes=grpc.max_request_bytes,
            default_deadline_seconds=grpc.default_deadline_seconds,
            max_deadline_seconds=grpc.max_deadline_seconds,
            reflection=grpc.reflection,
            reuse_port=self._reuse_port,
            hash_threads=auth.password_hash_threads,
            session_ttl_days=auth.session_ttl_days,
            rate_limits=RateLimits(**self._settings.rate_limits.model_dump()),
        )
        self._server = build_server(self._opened.database, options)
        self._server.start()

    def stop(self, deadline: float) -> None:
        """Accepts nothing new, and lets calls in flight end until the deadline."""
        assert self._server is not None
        self._server.stop(max(0.0, deadline - time.monotonic()))


def run(settings: Settings, *, upgrade_embedded: bool, on_ready: Callable[[Running], None]) -> None:
    """Runs everything until a signal; `on_ready` is called once the server accepts calls.

    Raises StartError, whose text is one line.
    """
    configure_logging(settings.log.level, settings.log.format)
    migrations = Migrations(settings, upgrade_embedded=upgrade_embedded)
    parts: Sequence[Component]
    grpc: GrpcListener | Workers
    if settings.workers > 1:
        grpc = Workers(
            _WORKER_COMMAND,
            to_json(settings),
            count=settings.workers,
            address=settings.grpc.listen,
        )
        parts = [grpc]
    else:
        parts, grpc = _serving_parts(settings, reuse_port=False)
    database = mask_url(settings.database.url.get_secret_value())
    _lifecycle([migrations, *parts], settings).run(
        lambda: on_ready(Running([("gRPC", grpc.address)], database))
    )


def run_worker() -> None:
    """The program of one of several workers; howmuch.supervisor says what it reads and writes."""
    settings = from_json(sys.stdin.readline())
    configure_logging(settings.log.level, settings.log.format)
    threading.Thread(target=_stop_when_alone, name="parent-watch", daemon=True).start()
    parts, _ = _serving_parts(settings, reuse_port=True)
    try:
        _lifecycle(parts, settings).run(_tell_parent)
    except StartError as error:
        log.error(str(error))
        sys.exit(1)


def make_data_dir(database_url: str, data_dir: Path) -> None:
    """Makes the data directory, for its owner alone, where the database is a file in it."""
    directory = data_dir.expanduser().absolute()
    if database_url == f"sqlite:///{directory / 'howmuch.db'}":
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)


def no_answer(database_url: str, error: Unavailable) -> str:
    """One line for a database that cannot be reached: which, and what the driver says of it."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return f"{mask_url(database_url)} does not answer: {one_line(cause)}"


def _serving_parts(
    settings: Settings, *, reuse_port: bool
) -> tuple[Sequence[Component], GrpcListener]:
    """What one serving process consists of, in the order of the start."""
    opened = OpenDatabase(settings)
    grpc = GrpcListener(settings, opened, reuse_port=reuse_port)
    return [opened, Maintenance(opened), grpc], grpc


def _lifecycle(parts: Sequence[Component], settings: Settings) -> Lifecycle:
    return Lifecycle(parts, shutdown_timeout_seconds=settings.shutdown_timeout_seconds)


def _tell_parent() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def _stop_when_alone() -> None:
    # Not through sys.stdin: its lock, held by this thread, would break the end of the interpreter.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
