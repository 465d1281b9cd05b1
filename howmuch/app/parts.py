"""The components of the server. Each builds its part from the settings when it starts."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from howmuch.app.broadcast import OpenBroadcast
from howmuch.app.gateway import PrivateSocket
from howmuch.app.links import page_links
from howmuch.app.telemetry import OpenTracing, watch_database
from howmuch.app.tls_files import server_tls
from howmuch.config import Settings, mask_url
from howmuch.errors import Unavailable
from howmuch.runtime.in_process import InProcessService
from howmuch.runtime.one_line import one_line

# Commands start faster without gRPC and the database, so components import them when they start.
if TYPE_CHECKING:
    from howmuch.rpc.grpc_server import GrpcServer
    from howmuch.rpc.server_options import PageLinks
    from howmuch.storage.database import Database

log = structlog.get_logger()

COMMAND = "command"

PURGE_INTERVAL_SECONDS = 3600.0
FIRST_PURGE_SECONDS = 60.0


class Migrations:
    """Checks that the database has the tables of this program.

    upgrade_embedded: upgrades a SQLite file. Otherwise, and on PostgreSQL, pending migrations are an error,
    since the operator decides when they run.
    """

    name = "database"

    def __init__(self, settings: Settings, *, upgrade_embedded: bool) -> None:
        self._url = settings.database.url.get_secret_value()
        self._data_dir = settings.data_dir
        self._upgrade = upgrade_embedded and self._url.startswith("sqlite:")

    def start(self) -> None:
        """Raises RuntimeError if migrations are pending or the database does not answer."""
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
        pass


class OpenDatabase:
    """part: of the program, by which PostgreSQL shows the connections. A COMMAND tells of outages itself."""

    name = "database"

    def __init__(
        self, settings: Settings, tracing: OpenTracing | None = None, *, part: str = COMMAND
    ) -> None:
        self._all = settings
        self._part = part
        self._settings = settings.database
        self._tracing = tracing
        self._database: Database | None = None

    @property
    def database(self) -> "Database":
        """Valid only between start and stop."""
        assert self._database is not None
        return self._database

    def start(self) -> None:
        """Connects lazily."""
        from howmuch.storage.database import open_database
        from howmuch.storage.outage_log import OutageLog

        self._database = open_database(
            self._settings.url.get_secret_value(),
            pool_size=self._settings.pool_size,
            pool_timeout_seconds=self._settings.pool_timeout_seconds,
            lock_timeout_seconds=self._settings.lock_timeout_seconds,
            prepared_statements=self._settings.prepared_statements,
            application_name=f"howmuch {self._part}",
        )
        if self._part != COMMAND:
            self._database.outage_log = OutageLog()
        tracer = self._tracing.tracer if self._tracing else None
        watch_database(self._database, self._all, tracer)

    def stop(self, deadline: float) -> None:
        self.database.dispose()


class HourlyPurge:
    """Deletes expired rows every hour, and folds texts that an earlier version has written."""

    name = "purge"

    def __init__(self, opened: OpenDatabase, settings: Settings) -> None:
        self._opened = opened
        self._keys_kept = timedelta(days=settings.grpc.idempotency_days)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="purge", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, deadline: float) -> None:
        """Waits for a running purge; at the deadline its transaction is abandoned and rolls back."""
        self._stopping.set()
        self._thread.join(max(0.0, deadline - time.monotonic()))

    def _loop(self) -> None:
        wait_seconds = FIRST_PURGE_SECONDS
        while not self._stopping.wait(wait_seconds):
            wait_seconds = PURGE_INTERVAL_SECONDS
            try:
                self._purge()
            except Exception:
                # Reads ignore expired rows as well, so it is enough to try again later.
                log.exception("purge failed", retry_in_seconds=wait_seconds)

    def _purge(self) -> None:
        from howmuch.usecases.account_deletion import due_deletions, finish_deletion
        from howmuch.usecases.purge import purge
        from howmuch.usecases.search_texts import AT_ONCE, fold_stale_texts

        database, now = self._opened.database, datetime.now(UTC)
        with database.begin() as connection:
            deleted = purge(connection, now, self._keys_kept)
        with database.read() as connection:
            leaving = due_deletions(connection, now)
        accounts = 0
        for user_id in leaving:
            # Each locks all events of its account, so it has a transaction of its own.
            with database.begin() as connection:
                accounts += finish_deletion(connection, user_id, now)
        folded = AT_ONCE
        while folded == AT_ONCE and not self._stopping.is_set():
            with database.begin() as connection:
                folded = fold_stale_texts(connection)
        log.info("purged", **deleted, accounts=accounts)


@dataclass(eq=False)
class GrpcListener:
    """The gRPC server. reuse_port: whether other processes listen on the same port.

    private: the socket for the gateway of this process. rest_address: HOST:PORT of that gateway, called
    once both run. None means that it has no gateway.
    """

    name = "gRPC server"

    settings: Settings
    opened: OpenDatabase
    broadcast: OpenBroadcast
    tracing: OpenTracing
    _: KW_ONLY
    reuse_port: bool
    private: PrivateSocket | None
    rest_address: Callable[[], str] | None = None
    _server: "GrpcServer | None" = field(default=None, init=False)

    @property
    def address(self) -> str:
        """HOST:PORT that it listens on, with the actual port if 0 was configured."""
        assert self._server is not None
        return f"{self.settings.grpc.listen.rpartition(':')[0]}:{self._server.port}"

    @property
    def in_process(self) -> InProcessService:
        """For calls of this process's gateway without gRPC. Valid only between start and stop."""
        assert self._server is not None
        return self._server.in_process

    def start(self) -> None:
        # gRPC's core raises all errors that it would write to standard error.
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")
        from howmuch.rpc.grpc_server import build_server
        from howmuch.rpc.intake.calls import Patience
        from howmuch.rpc.interceptors.rate_limit import RateLimits
        from howmuch.rpc.quotas import Quotas
        from howmuch.rpc.server_options import ServerOptions
        from howmuch.rpc.stream_limits import StreamLimits

        settings = self.settings
        grpc, auth, redis = settings.grpc, settings.auth, settings.redis
        options = ServerOptions(
            listen=grpc.listen,
            threads=grpc.threads,
            max_concurrent_rpcs=grpc.max_concurrent_rpcs,
            patience=Patience(
                grpc.request_wait_seconds,
                grpc.waiting_calls,
                grpc.waiting_calls_per_network,
                grpc.waiting_calls_per_connection,
            ),
            streams=StreamLimits(
                grpc.streams,
                per_user=grpc.streams_per_user,
                per_network=grpc.streams_per_network,
            ),
            max_request_bytes=grpc.max_request_bytes,
            default_deadline_seconds=grpc.default_deadline_seconds,
            max_deadline_seconds=grpc.max_deadline_seconds,
            lame_duck_seconds=grpc.lame_duck_seconds,
            reflection=grpc.reflection,
            reuse_port=self.reuse_port,
            tls=server_tls(grpc.tls),
            private_address=self.private.address if self.private else "",
            trusted_proxies=grpc.trusted_proxies + settings.http.trusted_proxies,
            hash_threads=auth.password_hash_threads,
            session_ttl_days=auth.session_ttl_days,
            session_idle_days=auth.session_idle_days,
            deletion_grace_days=auth.deletion_grace_days,
            idempotency_days=grpc.idempotency_days,
            rate_limits=RateLimits(**settings.rate_limits.model_dump()),
            quotas=Quotas(**settings.quotas.model_dump()),
            redis_url=redis.url.get_secret_value(),
            redis_prefix=redis.prefix,
            session_cache_seconds=redis.session_cache_seconds,
            metrics=bool(settings.metrics.listen),
            fast_add=settings.speed.fast_add,
            caches=settings.speed.caches,
            page_links=self._page_links,
        )
        self._server = build_server(
            self.opened.database, options, self.broadcast.broadcast, self.tracing.tracer
        )
        self._server.start()

    def _page_links(self) -> "PageLinks":
        http = self.rest_address() if self.rest_address else self.settings.http.listen
        return page_links(self.settings, http=http, grpc=self.address)

    def follow(self, settings: Settings) -> None:
        from howmuch.rpc.interceptors.rate_limit import RateLimits
        from howmuch.rpc.quotas import Quotas

        assert self._server is not None
        self._server.set_rate_limits(RateLimits(**settings.rate_limits.model_dump()))
        self._server.set_quotas(Quotas(**settings.quotas.model_dump()))

    def stop(self, deadline: float) -> None:
        assert self._server is not None
        self._server.stop(max(0.0, deadline - time.monotonic()))


def make_data_dir(database_url: str, data_dir: Path) -> None:
    """Makes the data directory, for its owner alone, if the database is a file in it."""
    directory = data_dir.expanduser().absolute()
    if database_url == f"sqlite:///{directory / 'howmuch.db'}":
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)


def no_answer(database_url: str, error: Unavailable) -> str:
    """One line that names the database that cannot be reached, and the driver's error."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return f"{mask_url(database_url)} does not answer: {one_line(cause)}"
