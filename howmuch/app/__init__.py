"""The composition root: builds the components from settings, and runs them in order."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import structlog

from howmuch.app.broadcast import OpenBroadcast
from howmuch.app.gateway import HttpGateway, PrivateSocket, lacks_web_app, site
from howmuch.app.limits import (
    LATE_STOP_SECONDS,
    end_with_vital_threads,
    end_within,
    raise_descriptor_limit,
)
from howmuch.app.live import Follower, LiveSettings
from howmuch.app.memory import limit_arenas, settle_garbage
from howmuch.app.parts import (
    GrpcListener,
    HourlyPurge,
    Migrations,
    OpenDatabase,
    make_data_dir,
    no_answer,
)
from howmuch.app.telemetry import MetricsListener, OpenTracing, SharedMetrics, share_with_parent
from howmuch.app.tls_files import rest_scheme
from howmuch.app.worker import MailWorker, dead_letters, mail_directory
from howmuch.config import Loaded, Settings, from_json, mask_url, to_json
from howmuch.runtime.lifecycle import Component, Lifecycle, StartError
from howmuch.runtime.shared_socket import Inherited, Share, SharedListener
from howmuch.runtime.supervisor import Workers
from howmuch.telemetry.logs import configure_logging

__all__ = [
    "Address",
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
"""The parts of a serving process: all, or all but the gateway and the mail worker."""


class Address(NamedTuple):
    """name: for people, such as `gRPC`. address: HOST:PORT, a URL, or a hint if it is missing."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Running:
    """A running program, for people. database: URL without its password. mail: where mails go.

    tls: whether gRPC is encrypted.
    """

    addresses: Sequence[Address]
    database: str = ""
    mail: str = ""
    tls: bool = False


@dataclass(frozen=True, slots=True)
class _Program:
    """Components in the order of their start. addresses: called once they run, since ports are known then."""

    components: Sequence[Component]
    addresses: Callable[[], Sequence[Address]]


def run(
    loaded: Loaded, role: Role, *, upgrade_embedded: bool, on_ready: Callable[[Running], None]
) -> None:
    """Runs everything until a signal. Calls `on_ready` once the server accepts calls.

    Raises StartError with a text of one line.
    """
    settings = loaded.settings
    migrations = Migrations(settings, upgrade_embedded=upgrade_embedded)
    program = _parent(loaded, role) if settings.workers > 1 else _server(settings, role)
    database = mask_url(settings.database.url.get_secret_value())
    mail = _mail(settings) if role == "all" else ""
    tls = settings.grpc.tls.certificate is not None
    _run(
        loaded,
        [migrations, *program.components],
        lambda: on_ready(Running(program.addresses(), database, mail, tls)),
    )


def run_mail_worker(loaded: Loaded, *, on_ready: Callable[[Running], None]) -> None:
    """Runs the mail worker alone until a signal. Raises StartError with a text of one line."""
    settings = loaded.settings
    migrations = Migrations(settings, upgrade_embedded=False)
    tracing = OpenTracing(settings)
    opened = OpenDatabase(settings, tracing, part="worker")
    metrics = MetricsListener(settings, lambda: opened.database)
    mail = MailWorker(settings, opened, tracing)
    database = mask_url(settings.database.url.get_secret_value())
    running = Running([], database, _mail(settings))
    _run(loaded, [tracing, migrations, opened, metrics, mail], lambda: on_ready(running))


def run_gateway(loaded: Loaded, *, on_ready: Callable[[Running], None]) -> None:
    """Runs the gateway alone until a signal. Raises StartError with a text of one line."""
    settings = loaded.settings
    upstream = settings.http.upstream
    tracing = OpenTracing(settings)
    gateway = HttpGateway(settings, upstream, tracing)
    _run(
        loaded,
        [tracing, MetricsListener(settings), gateway],
        lambda: on_ready(
            Running([*addresses_of_http(settings, gateway.address), Address("gRPC", upstream)])
        ),
    )


def run_worker() -> None:
    """The main function of a worker process; howmuch.runtime.supervisor describes its input and output."""
    role: Role = "all" if sys.argv[1] == "all" else "grpc"
    loaded = from_json(sys.stdin.readline())
    settings = loaded.settings
    index, *inherited = map(int, sys.argv[2:])
    share_with_parent(str(index))
    threading.Thread(target=_stop_when_alone, name="parent-watch", daemon=True).start()
    share = Share(index, settings.workers, Inherited(*inherited)) if inherited else None
    program = _server(settings, role, is_worker=True, share=share)
    try:
        _run(loaded, program.components, _tell_parent)
    except StartError as error:
        log.error(str(error))
        sys.exit(1)


def _parent(loaded: Loaded, role: Role) -> _Program:
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
    grpc = Address("gRPC", settings.grpc.listen)
    if role == "grpc":
        scraped = MetricsListener(settings, shared=metrics, pids=workers.pids)
        return _Program([metrics, scraped, workers], lambda: [grpc])
    # The parent serves no calls, so it has time for mails.
    tracing = OpenTracing(settings)
    opened = OpenDatabase(settings, tracing, part="worker")
    scraped = MetricsListener(settings, lambda: opened.database, metrics, workers.pids)
    mail = MailWorker(settings, opened, tracing)
    return _Program(
        [metrics, tracing, opened, scraped, mail, workers],
        lambda: [*addresses_of_http(settings, settings.http.listen), grpc],
    )


def _server(
    settings: Settings, role: Role, *, is_worker: bool = False, share: Share | None = None
) -> _Program:
    """One serving process.

    is_worker: it is one of several, whose parent does the work that is done once. share: of the REST socket.
    """
    tracing = OpenTracing(settings)
    opened = OpenDatabase(settings, tracing, part="run" if role == "all" else "serve")
    broadcast = OpenBroadcast(settings)
    components: list[Component] = [tracing, opened, broadcast, HourlyPurge(opened, settings)]
    mails = role == "all" and not is_worker
    if not is_worker:
        database = (lambda: opened.database) if mails else None
        components.append(MetricsListener(settings, database))
    private = PrivateSocket() if role == "all" else None
    grpc = GrpcListener(settings, opened, broadcast, tracing, reuse_port=is_worker, private=private)
    if private is None:
        return _Program([*components, grpc], lambda: [Address("gRPC", grpc.address)])
    if mails:
        components.append(MailWorker(settings, opened, tracing))
    gateway = HttpGateway(
        settings, private, tracing, share=share, in_process=lambda: grpc.in_process
    )
    grpc.rest_address = lambda: gateway.address
    return _Program(
        [*components, private, grpc, gateway],
        lambda: [*addresses_of_http(settings, gateway.address), Address("gRPC", grpc.address)],
    )


def _mail(settings: Settings) -> str:
    smtp = settings.mail.smtp
    return f"smtp://{smtp.host}:{smtp.port}" if smtp.host else str(mail_directory(settings))


def addresses_of_http(settings: Settings, address: str) -> list[Address]:
    base = f"{rest_scheme(settings)}://{address}"
    app = []
    if site(settings) is not None:
        app.append(Address("Web", base))
    elif lacks_web_app(settings):
        app.append(Address("Web", "not built; `make web` builds it"))
    return [*app, Address("REST", base), Address("Docs", f"{base}/docs")]


def _run(loaded: Loaded, components: Sequence[Component], on_ready: Callable[[], None]) -> None:
    settings = loaded.settings
    configure_logging(settings.log.level, settings.log.format)
    limit_arenas()
    raise_descriptor_limit()
    end_with_vital_threads()
    live = LiveSettings(loaded, [each for each in components if isinstance(each, Follower)])
    most_seconds = settings.shutdown_timeout_seconds
    lifecycle = Lifecycle(
        [*components, live],
        shutdown_timeout_seconds=most_seconds,
        on_stop=lambda: end_within(most_seconds + LATE_STOP_SECONDS),
    )

    def ready() -> None:
        if settings.speed.rare_gc:
            settle_garbage()
        on_ready()

    lifecycle.run(ready)


def _tell_parent() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def _stop_when_alone() -> None:
    # The lock of sys.stdin, held by this thread, would block the exit of the interpreter.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
