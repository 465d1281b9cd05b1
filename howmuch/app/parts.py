"""The components of the server: each builds its part out of the settings when it starts."""

import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from howmuch.app.broadcast import OpenBroadcast
from howmuch.app.gateway import PrivateSocket
from howmuch.app.telemetry import OpenTracing, tracer_of, watch_database
from howmuch.app.tls_files import server_tls
from howmuch.config import Settings, mask_url
from howmuch.errors import Unavailable
from howmuch.runtime.in_process import Direct
from howmuch.runtime.lifecycle import one_line

# Commands start faster without gRPC and the database: what needs them imports them when it starts.
if TYPE_CHECKING:
    from howmuch.rpc.grpc_server import GrpcServer
    from howmuch.storage.database import Database

log = structlog.get_logger()

PURGE_INTERVAL_SECONDS = 3600.0
FIRST_PURGE_SECONDS = 60.0


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

    def __init__(self, settings: Settings, tracing: OpenTracing | None = None) -> None:
        self._all = settings
        self._settings = settings.database
        self._tracing = tracing
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
            prepared_statements=self._settings.prepared_statements,
        )
        watch_database(self._database, self._all, tracer_of(self._tracing))

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
        from howmuch.usecases.purge import purge

        with self._opened.database.begin() as connection:
            deleted = purge(connection, datetime.now(UTC))
        log.info("purged", **deleted)


class GrpcListener:
    """The gRPC server. reuse_port: other processes listen on the same port.

    private: where the gateway of this process reaches it; None where there is none.
    """

    name = "gRPC server"

    def __init__(
        self,
        settings: Settings,
        opened: OpenDatabase,
        heard: OpenBroadcast,
        *,
        reuse_port: bool,
        private: PrivateSocket | None = None,
        tracing: OpenTracing | None = None,
    ) -> None:
        self._settings = settings
        self._opened = opened
        self._heard = heard
        self._reuse_port = reuse_port
        self._private = private
        self._tracing = tracing
        self._server: GrpcServer | None = None

    @property
    def address(self) -> str:
        """HOST:PORT that it listens on, with the port that was found where 0 was asked for."""
        assert self._server is not None
        return f"{self._settings.grpc.listen.rpartition(':')[0]}:{self._server.port}"

    @property
    def direct(self) -> Direct:
        """The way past gRPC, for the gateway of this process. Only between start and stop."""
        assert self._server is not None
        return self._server.direct

    def start(self) -> None:
        """Returns once it accepts calls."""
        # What gRPC's core would write to standard error is raised as an error as well.
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")
        from howmuch.rpc.grpc_server import ServerOptions, build_server
        from howmuch.rpc.interceptors.rate_limit import RateLimits

        grpc, auth, redis = self._settings.grpc, self._settings.auth, self._settings.redis
        options = ServerOptions(
            listen=grpc.listen,
            threads=grpc.threads,
            max_concurrent_rpcs=grpc.max_concurrent_rpcs,
            max_request_bytes=grpc.max_request_bytes,
            default_deadline_seconds=grpc.default_deadline_seconds,
            max_deadline_seconds=grpc.max_deadline_seconds,
            lame_duck_seconds=grpc.lame_duck_seconds,
            reflection=grpc.reflection,
            reuse_port=self._reuse_port,
            tls=server_tls(grpc.tls),
            private_address=self._private.address if self._private else "",
            trusted_proxies=grpc.trusted_proxies + self._settings.http.trusted_proxies,
            hash_threads=auth.password_hash_threads,
            session_ttl_days=auth.session_ttl_days,
            rate_limits=RateLimits(**self._settings.rate_limits.model_dump()),
            redis_url=redis.url.get_secret_value(),
            redis_prefix=redis.prefix,
            session_cache_seconds=redis.session_cache_seconds,
            metrics=bool(self._settings.metrics.listen),
        )
        self._server = build_server(
            self._opened.database, options, self._heard.broadcast, tracer_of(self._tracing)
        )
        self._server.start()

    def follow(self, settings: Settings) -> None:
        """Takes over the rate limits."""
        from howmuch.rpc.interceptors.rate_limit import RateLimits

        assert self._server is not None
        self._server.set_rate_limits(RateLimits(**settings.rate_limits.model_dump()))

    def stop(self, deadline: float) -> None:
        """Accepts nothing new, and lets calls in flight end until the deadline."""
        assert self._server is not None
        self._server.stop(max(0.0, deadline - time.monotonic()))


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
