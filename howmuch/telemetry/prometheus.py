"""/metrics, for one process or for all processes that share its ports.

Processes that share ports keep their values in files of one directory; the process that serves /metrics adds
them up. A file is named after a worker, not after a process id. So the next process of a worker continues the
values of the last one, and the number of files stays the same.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIServer

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Info,
    ProcessCollector,
    disable_created_metrics,
    start_http_server,
    values,
)
from prometheus_client.core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from howmuch import __version__

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable that names the directory for prometheus_client and our workers."""

Pids = Callable[[], Mapping[str, int]]
"""Returns name to process id of the present processes."""


def share_values(directory: str, process: str) -> None:
    """Keeps the values of this process in the directory. Call it before any metric is made.

    process: a name that no other running process has.
    """
    os.environ[VARIABLE] = directory
    # The library would decide at its first import, and name files by process id.
    values.ValueClass = values.MultiProcessValue(lambda: process)  # type: ignore[no-untyped-call]


def forget_gauges(directory: str, process: str) -> None:
    """Removes the gauges of a process that has ended. Its counters stay."""
    mark_process_dead(process, directory)  # type: ignore[no-untyped-call]


class MetricsServer:
    """listen: HOST:PORT. collectors: of values that are read at each scrape.

    directory: with the values of several processes, whose ids `pids` returns; None means this process alone.
    Raises OSError if it cannot listen on the address.
    """

    def __init__(
        self,
        listen: str,
        collectors: Sequence[Collector],
        directory: str | None = None,
        pids: Pids = dict,
    ) -> None:
        # The time at which a series began is of little use, and doubles the number of series.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = REGISTRY
        build = Info("howmuch_build", "The version that runs; always 1.", registry=None)
        build.info({"version": __version__})
        self._collectors = [build, *collectors]
        if directory is not None:
            self._registry = CollectorRegistry()
            shared: Any = MultiProcessCollector(None, path=directory)  # type: ignore[no-untyped-call]
            self._collectors += [shared, Processes(pids)]
        host, _, port = listen.rpartition(":")
        self._server: WSGIServer
        self._server, self._thread = start_http_server(
            int(port), host.strip("[]"), registry=self._registry
        )
        for each in self._collectors:
            self._registry.register(each)

    def close(self) -> None:
        for each in self._collectors:
            self._registry.unregister(each)
        self._server.shutdown()
        self._server.server_close()


class Processes(Collector):
    """Processor time, memory and descriptors of each process, by the name of its worker."""

    def __init__(self, pids: Pids) -> None:
        self._pids = pids

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for process, pid in self._pids().items():
            collector = ProcessCollector(pid=lambda pid=pid: pid, registry=None)  # type: ignore[misc]
            for found in collector.collect():
                family = families.setdefault(
                    found.name, Metric(found.name, found.documentation, found.type)
                )
                for sample in found.samples:
                    labels = {**sample.labels, "worker": process}
                    family.add_sample(sample.name, labels, sample.value)
        yield from families.values()


def directory_of_parent() -> str | None:
    """The directory for this worker's values. None means that no process reads them."""
    given = os.environ.get(VARIABLE)
    return given if given and Path(given).is_dir() else None
