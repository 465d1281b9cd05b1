"""/metrics, for one process or for all that share its ports.

Processes that share ports keep their values in files of one directory, which whoever serves /metrics adds
up. The files bear the name of a worker and not a process id: the next process of a worker counts on where the
last one ended, and nothing piles up.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from wsgiref.simple_server import WSGIServer

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    ProcessCollector,
    disable_created_metrics,
    start_http_server,
    values,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from howmuch import __version__

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable by which prometheus_client, and our workers, know the directory."""

Pids = Callable[[], Mapping[str, int]]
"""Name to process id of the processes there are now."""


def share_values(directory: str, process: str) -> None:
    """Keeps the values of this process in the directory. Before any metric is made.

    process: unlike that of every other process that runs at the same time.
    """
    os.environ[VARIABLE] = directory
    # The library chooses when it is first imported, and by process id.
    values.ValueClass = values.MultiProcessValue(lambda: process)  # type: ignore[no-untyped-call]


def forget_gauges(directory: str, process: str) -> None:
    """Of a process that has ended: nothing is in flight there any more. What it counted stays."""
    mark_process_dead(process, directory)  # type: ignore[no-untyped-call]


class MetricsServer:
    """listen: HOST:PORT. collectors: of what is read when it is asked for.

    directory: of values that several processes share, whose ids `pids` tells; None: there is this one alone.
    OSError where the address cannot be had.
    """

    def __init__(
        self,
        listen: str,
        collectors: Sequence[Collector],
        directory: str | None = None,
        pids: Pids = dict,
    ) -> None:
        # When a series began says nothing that its numbers do not, and is as many series again.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = REGISTRY
        self._collectors = [BuildInfo(), *collectors]
        if directory is not None:
            self._registry = CollectorRegistry()
            self._collectors += [SharedValues(directory), Processes(pids)]
        host, _, port = listen.rpartition(":")
        self._server: WSGIServer
        self._server, self._thread = start_http_server(
            int(port), host.strip("[]"), registry=self._registry
        )
        for each in self._collectors:
            self._registry.register(each)

    def close(self) -> None:
        """Listens no more."""
        for each in self._collectors:
            self._registry.unregister(each)
        self._server.shutdown()
        self._server.server_close()


class BuildInfo(Collector):
    """Which version runs."""

    def collect(self) -> Iterator[Metric]:
        """One sample, whose value is 1."""
        family = GaugeMetricFamily(
            "howmuch_build_info", "The version that runs; always 1.", labels=["version"]
        )
        family.add_metric([__version__], 1.0)
        yield family


class SharedValues(Collector):
    """The values of all processes, added up; gauges of those that live."""

    def __init__(self, directory: str) -> None:
        self._collector = MultiProcessCollector(None, path=directory)  # type: ignore[no-untyped-call]

    def describe(self) -> Sequence[Metric]:
        """Nothing: what there is is only known when it is read."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Reads the files."""
        yield from self._collector.collect()  # type: ignore[no-untyped-call]


class Processes(Collector):
    """Processor time, memory and descriptors of each process, by the name of its worker."""

    def __init__(self, pids: Pids) -> None:
        self._pids = pids

    def describe(self) -> Sequence[Metric]:
        """Nothing, as above."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """What /proc says of them now."""
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
    """Where this worker is to keep its values; None: nobody reads them."""
    given = os.environ.get(VARIABLE)
    return given if given and Path(given).is_dir() else None
