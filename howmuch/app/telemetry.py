"""Metrics and traces as components. What is not switched on is not even imported."""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from howmuch.config import Settings

if TYPE_CHECKING:
    from prometheus_client.registry import Collector

    from howmuch.gateway.observer import Observer
    from howmuch.messaging.observer import MailObserver
    from howmuch.storage.database import Database
    from howmuch.telemetry.otlp import Tracing
    from howmuch.telemetry.prometheus import MetricsServer
    from howmuch.telemetry.tracer import Tracer

PARENT = "parent"
"""By which the metrics of the process that starts the workers go."""


class OpenTracing:
    """Spans, where a collector is set. The first to start and the last to stop."""

    name = "tracing"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.tracing
        self._tracing: Tracing | None = None

    @property
    def tracer(self) -> "Tracer | None":
        """None where nothing is traced. Only between start and stop."""
        return self._tracing.tracer if self._tracing else None

    def start(self) -> None:
        """Does not wait for the collector: it may come later, and go."""
        if not self._settings.endpoint:
            return
        from howmuch import __version__
        from howmuch.telemetry.otlp import Tracing

        self._tracing = Tracing(
            self._settings.endpoint,
            sample_ratio=self._settings.sample_ratio,
            service_name=self._settings.service_name,
            service_version=__version__,
        )

    def stop(self, deadline: float) -> None:
        """Sends what is left."""
        if self._tracing is not None:
            self._tracing.close(deadline)


def tracer_of(tracing: OpenTracing | None) -> "Tracer | None":
    """None where nothing is traced."""
    return tracing.tracer if tracing else None


class SharedMetrics:
    """The directory in which a parent and its workers keep what they count, where there is a /metrics."""

    name = "metrics directory"

    def __init__(self, settings: Settings) -> None:
        self._wanted = bool(settings.metrics.listen)
        self.directory: str | None = None

    def start(self) -> None:
        """Makes it. Workers that are started later find it in their environment."""
        if self._wanted:
            from howmuch.telemetry.prometheus import share_values

            self.directory = tempfile.mkdtemp(prefix="howmuch-metrics-")
            share_values(self.directory, PARENT)

    def worker_ended(self, index: int) -> None:
        """What that worker had in flight is no more."""
        if self.directory is not None:
            from howmuch.telemetry.prometheus import forget_gauges

            forget_gauges(self.directory, str(index))

    def stop(self, deadline: float) -> None:
        """Removes it."""
        if self.directory is not None:
            from howmuch.telemetry.prometheus import VARIABLE

            os.environ.pop(VARIABLE, None)
            shutil.rmtree(self.directory, ignore_errors=True)


class MetricsListener:
    """/metrics for Prometheus, where an address is set.

    database: asked at each scrape for what is still to be sent; None: another process tells that. shared: of
    this process and its workers, whose process ids `pids` tells.
    """

    name = "metrics"

    def __init__(
        self,
        settings: Settings,
        database: "Callable[[], Database] | None" = None,
        shared: SharedMetrics | None = None,
        pids: Callable[[], Mapping[int, int]] = dict,
    ) -> None:
        self._listen = settings.metrics.listen
        self._database = database
        self._shared = shared
        self._pids = pids
        self._server: MetricsServer | None = None

    def start(self) -> None:
        """Raises OSError where the address cannot be had."""
        if not self._listen:
            return
        from howmuch.telemetry.prometheus import MetricsServer

        collectors: list[Collector] = []
        if self._database is not None:
            from howmuch.messaging.message_metrics import BacklogCollector

            collectors.append(BacklogCollector(self._database()))
        directory = self._shared.directory if self._shared else None
        self._server = MetricsServer(self._listen, collectors, directory, self._processes)

    def _processes(self) -> Mapping[str, int]:
        workers = {str(index): pid for index, pid in self._pids().items()}
        return {PARENT: os.getpid(), **workers}

    def stop(self, deadline: float) -> None:
        """Closes it."""
        if self._server is not None:
            self._server.close()


def share_with_parent(index: str) -> None:
    """In a worker, before anything is counted: keeps what it counts where the parent reads it."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return
    from howmuch.telemetry.prometheus import directory_of_parent, share_values

    if directory := directory_of_parent():
        share_values(directory, index)


def watch_database(database: "Database", settings: Settings, tracer: "Tracer | None") -> None:
    """Counts connections in use, and traces statements, where that is switched on."""
    if settings.metrics.listen:
        from howmuch.telemetry.pool import PoolMetrics

        database.pool_observer = PoolMetrics(settings.database.pool_size)
    if tracer is not None:
        from howmuch.telemetry.statements import trace_statements

        trace_statements(database.engine, tracer)


def gateway_observer(settings: Settings, tracer: "Tracer | None") -> "Observer | None":
    """What watches the gateway, where anything does."""
    observers: list[Observer] = []
    if settings.metrics.listen:
        from howmuch.gateway.http_metrics import HttpMetrics

        observers.append(HttpMetrics())
    if tracer is not None:
        from howmuch.gateway.http_spans import HttpTracing

        observers.append(HttpTracing(tracer))
    if len(observers) < 2:
        return observers[0] if observers else None
    from howmuch.gateway.observer import Observers

    return Observers(observers)


def mail_observer(settings: Settings, tracer: "Tracer | None") -> "MailObserver":
    """What watches the mail worker."""
    from howmuch.messaging.observer import NOBODY

    if tracer is None:
        return NOBODY
    from howmuch.messaging.message_spans import MailTracing

    return MailTracing(tracer, "rabbitmq" if settings.broker.url.get_secret_value() else "howmuch")
