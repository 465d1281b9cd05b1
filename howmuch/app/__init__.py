"""The composition root: builds the parts out of settings, and runs them in order."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import structlog

from howmuch.app.broadcast import OpenBroadcast
from howmuch.app.gateway import HttpGateway, PrivateSocket
from howmuch.app.live import Follower, LiveSettings
from howmuch.app.memory import limit_arenas, settle_garbage
from howmuch.app.parts import (
    GrpcListener,
    Maintenance,
    Migrations,
    OpenDatabase,
    make_data_dir,
    no_answer,
)
from howmuch.app.telemetry import (
    MetricsListener,
    OpenTracing,
    SharedMetrics,
    share_with_parent,
)
from howmuch.app.tls_files import rest_scheme
from howmuch.app.worker import MailWorker, dead_letters, mail_directory
from howmuch.config import Loaded, Settings, from_json, mask_url, to_json
from howmuch.runtime.lifecycle import Component, Lifecycle, StartError
from howmuch.runtime.shared_socket import Share, SharedListener
from howmuch.runtime.supervisor import Workers
from howmuch.telemetry.logs import configure_logging

__all__ = [
    "Running",
    "dead_letters",
    "make_data_dir",
    "no_answer",
    "run",
    "run_gateway",
    "run_mail_worker",
    "run_worker",
]

log = structlog.get_logger()

Role = Literal["all", "grpc"]
"""What a serving process has: everything, or no gateway."""


@dataclass(frozen=True, slots=True)
class Running:
    """What runs: pairs of a name and an address, and the database's URL without its password.

    An address is HOST:PORT, such as `127.0.0.1:50051` of `gRPC`, or a URL, of `REST`. mail: where mails go.
    tls: whether gRPC is encrypted.
    """

    addresses: Sequence[tuple[str, str]]
    database: str = ""
    mail: str = ""
    tls: bool = False


def run(
    loaded: Loaded,
    role: Role,
    *,
    upgrade_embedded: bool,
    on_ready: Callable[[Running], None],
) -> None:
    """Runs everything until a signal; `on_ready` is called once the server accepts calls.

    Raises StartError, whose text is one line.
    """
    settings = loaded.settings
    configure_logging(settings.log.level, settings.log.format)
    migrations = Migrations(settings, upgrade_embedded=upgrade_embedded)
    parts, addresses = _workers(loaded, role) if settings.workers > 1 else _parts(settings, role)
    database = mask_url(settings.database.url.get_secret_value())
    mail = _mail(settings) if role == "all" else ""
    tls = settings.grpc.tls.certificate is not None
    _lifecycle([migrations, *parts], loaded).run(
        lambda: _ready(lambda: on_ready(Running(addresses(), database, mail, tls)))
    )


def run_mail_worker(loaded: Loaded, *, on_ready: Callable[[Running], None]) -> None:
    """Runs the mail worker alone until a signal. Raises StartError, whose text is one line."""
    settings = loaded.settings
    configure_logging(settings.log.level, settings.log.format)
    migrations = Migrations(settings, upgrade_embedded=False)
    tracing = OpenTracing(settings)
    opened = OpenDatabase(settings, tracing)
    database = mask_url(settings.database.url.get_secret_value())
    running = Running([], database, _mail(settings))
    metrics = MetricsListener(settings, lambda: opened.database)
    mail = MailWorker(settings, opened, tracing)
    _lifecycle([tracing, migrations, opened, metrics, mail], loaded).run(
        lambda: _ready(lambda: on_ready(running))
    )


def run_gateway(loaded: Loaded, *, on_ready: Callable[[Running], None]) -> None:
    """Runs the gateway alone until a signal. Raises StartError, whose text is one line."""
    settings = loaded.settings
    configure_logging(settings.log.level, settings.log.format)
    tracing = OpenTracing(settings)
    gateway = HttpGateway(settings, settings.http.upstream, tracing=tracing)

    def tell() -> None:
        on_ready(Running([*_web(settings, gateway.address), ("gRPC", settings.http.upstream)]))

    _lifecycle([tracing, MetricsListener(settings), gateway], loaded).run(lambda: _ready(tell))


def run_worker() -> None:
    """The program of one of several workers; howmuch.runtime.supervisor says what it reads and writes."""
    role: Role = "all" if sys.argv[1] == "all" else "grpc"
    loaded = from_json(sys.stdin.readline())
    settings = loaded.settings
    configure_logging(settings.log.level, settings.log.format)
    index, *inherited = map(int, sys.argv[2:])
    share_with_parent(str(index))
    threading.Thread(target=_stop_when_alone, name="parent-watch", daemon=True).start()
    share = Share(index, settings.workers, *inherited) if inherited else None
    parts, _ = _parts(settings, role, is_worker=True, share=share)
    try:
        _lifecycle(parts, loaded).run(lambda: _ready(_tell_parent))
    except StartError as error:
        log.error(str(error))
        sys.exit(1)


Addresses = Callable[[], Sequence[tuple[str, str]]]
"""Asked once everything runs: only then are ports known."""


def _workers(loaded: Loaded, role: Role) -> tuple[Sequence[Component], Addresses]:
    """The parent of several workers, which must not load gRPC."""
    settings = loaded.settings
    command = (sys.executable, "-P", "-c", "from howmuch.app import run_worker; run_worker()", role)
    listener = SharedListener(settings.http.listen, settings.workers) if role == "all" else None
    metrics = SharedMetrics(settings)
    workers = Workers(
        command,
        to_json(loaded),
        count=settings.workers,
        addresses=[settings.grpc.listen],
        listener=listener,
        on_end=metrics.worker_ended,
    )
    if role == "grpc":
        scraped = MetricsListener(settings, shared=metrics, pids=workers.pids)
        return [metrics, scraped, workers], lambda: [("gRPC", settings.grpc.listen)]
    # The parent serves nothing, and so has time for mails.
    tracing = OpenTracing(settings)
    opened = OpenDatabase(settings, tracing)
    scraped = MetricsListener(settings, lambda: opened.database, metrics, workers.pids)
    return (
        [metrics, tracing, opened, scraped, MailWorker(settings, opened, tracing), workers],
        lambda: [*_web(settings, settings.http.listen), ("gRPC", settings.grpc.listen)],
    )


def _parts(
    settings: Settings, role: Role, *, is_worker: bool = False, share: Share | None = None
) -> tuple[Sequence[Component], Addresses]:
    """What one serving process consists of, in the order of the start.

    is_worker: one of several, of which the parent does what is done once. share: of the address for REST.
    """
    tracing = OpenTracing(settings)
    opened = OpenDatabase(settings, tracing)
    heard = OpenBroadcast(settings)
    parts: list[Component] = [tracing, opened, heard, Maintenance(opened)]
    mails = role == "all" and not is_worker
    if not is_worker:
        parts.append(MetricsListener(settings, (lambda: opened.database) if mails else None))
    if role == "grpc":
        grpc = GrpcListener(settings, opened, heard, reuse_port=is_worker, tracing=tracing)
        return [*parts, grpc], lambda: [("gRPC", grpc.address)]
    private = PrivateSocket()
    grpc = GrpcListener(
        settings, opened, heard, reuse_port=is_worker, private=private, tracing=tracing
    )
    gateway = HttpGateway(
        settings, private, share=share, tracing=tracing, direct=lambda: grpc.direct
    )
    if mails:
        parts.append(MailWorker(settings, opened, tracing))
    return (
        [*parts, private, grpc, gateway],
        lambda: [*_web(settings, gateway.address), ("gRPC", grpc.address)],
    )


def _mail(settings: Settings) -> str:
    """Where mails go, for people."""
    smtp = settings.mail.smtp
    return f"smtp://{smtp.host}:{smtp.port}" if smtp.host else str(mail_directory(settings))


def _web(settings: Settings, address: str) -> list[tuple[str, str]]:
    base = f"{rest_scheme(settings)}://{address}"
    return [("REST", base), ("Docs", f"{base}/docs")]


def _lifecycle(parts: Sequence[Component], loaded: Loaded) -> Lifecycle:
    limit_arenas()
    live = LiveSettings(loaded, [part for part in parts if isinstance(part, Follower)])
    seconds = loaded.settings.shutdown_timeout_seconds
    return Lifecycle([*parts, live], shutdown_timeout_seconds=seconds)


def _ready(tell: Callable[[], None]) -> None:
    settle_garbage()
    tell()


def _tell_parent() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def _stop_when_alone() -> None:
    # Not through sys.stdin: its lock, held by this thread, would break the end of the interpreter.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
