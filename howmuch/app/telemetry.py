"""Metrics and traces as components. Modules that are switched off are not imported."""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
"""The name of the parent process in the metrics."""


class OpenTracing:
    """Sends spans, if a collector is configured. Starts first and stops last."""

    name = "tracing"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.tracing
        self._tracing: Tracing | None = None

    @property
    def tracer(self) -> "Tracer | None":
        """None means that tracing is off. Valid only between start and stop."""
        return self._tracing.tracer if self._tracing else None

    def start(self) -> None:
        """Does not wait for the collector, which may come later."""
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
        if self._tracing is not None:
            self._tracing.close(deadline)


class SharedMetrics:
    """The directory for the values of a parent and its workers, if /metrics is switched on."""

    name = "metrics directory"

    def __init__(self, settings: Settings) -> None:
        self._wanted = bool(settings.metrics.listen)
        self.directory: str | None = None

    def start(self) -> None:
        """Makes the directory. Workers that start later find it in their environment."""
        if self._wanted:
            from howmuch.telemetry.prometheus import share_values

            self.directory = tempfile.mkdtemp(prefix="howmuch-metrics-")
            share_values(self.directory, PARENT)

    def worker_ended(self, index: int) -> None:
        if self.directory is not None:
            from howmuch.telemetry.prometheus import forget_gauges

            forget_gauges(self.directory, str(index))

    def stop(self, deadline: float) -> None:
        if self.directory is not None:
            from howmuch.telemetry.prometheus import VARIABLE

            os.environ.pop(VARIABLE, None)
            shutil.rmtree(self.directory, ignore_errors=True)


@dataclass(eq=False)
class MetricsListener:
    """/metrics for Prometheus, if an address is configured.

    database: returns the database, whose backlog is read at each scrape. None means that another process
    reports the backlog. shared: of this process and its workers. pids: returns the workers' process ids.
    """

    name = "metrics"

    settings: Settings
    database: "Callable[[], Database] | None" = None
    shared: SharedMetrics | None = None
    pids: Callable[[], Mapping[int, int]] = dict
    _server: "MetricsServer | None" = field(default=None, init=False)

    def start(self) -> None:
        """Raises OSError if it cannot listen on the address."""
        if not self.settings.metrics.listen:
            return
        from howmuch.telemetry.prometheus import MetricsServer

        collectors: list[Collector] = []
        if self.database is not None:
            from howmuch.messaging.message_metrics import BacklogCollector

            collectors.append(BacklogCollector(self.database()))
        directory = self.shared.directory if self.shared else None
        self._server = MetricsServer(
            self.settings.metrics.listen, collectors, directory, self._processes
        )

    def _processes(self) -> Mapping[str, int]:
        workers = {str(index): pid for index, pid in self.pids().items()}
        return {PARENT: os.getpid(), **workers}

    def stop(self, deadline: float) -> None:
        if self._server is not None:
            self._server.close()


def share_with_parent(index: str) -> None:
    """Keeps the values of this worker where the parent reads them. Call it before any metric is made."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return
    from howmuch.telemetry.prometheus import directory_of_parent, share_values

    if directory := directory_of_parent():
        share_values(directory, index)


def watch_database(database: "Database", settings: Settings, tracer: "Tracer | None") -> None:
    """Counts connections in use and traces statements, as far as switched on."""
    if settings.metrics.listen:
        from howmuch.telemetry.pool import PoolMetrics

        database.pool_observer = PoolMetrics(settings.database.pool_size)
    if tracer is not None:
        from howmuch.telemetry.statements import trace_statements

        trace_statements(database.engine, tracer)


def gateway_observer(settings: Settings, tracer: "Tracer | None") -> "Observer | None":
    """None means that metrics and tracing are off."""
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
    from howmuch.messaging.observer import UNOBSERVED

    if tracer is None:
        return UNOBSERVED
    from howmuch.messaging.message_spans import MailTracing

    return MailTracing(tracer, "rabbitmq" if settings.broker.url.get_secret_value() else "howmuch")
