"""Threads of calls: started as they are needed, and no failure to start one ends the server."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

import structlog

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")


class _Thread(threading.local):
    """Of the call that this thread serves. queued_seconds: from its arrival to its thread."""

    queued_seconds = 0.0


_thread = _Thread()


def queued_seconds() -> float:
    """How long the call of this thread waited for it."""
    return _thread.queued_seconds


class CallThreads(ThreadPoolExecutor):
    """A pool that says how long each call waited for its thread."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Raises RuntimeError after `shutdown`, and while there is not one thread."""
        return super().submit(_run, time.perf_counter(), fn, args, kwargs)

    def start_one(self) -> None:
        """Starts the first thread, so that calls have one even if the system gives no more later."""
        self.submit(bool)

    def _adjust_thread_count(self) -> None:
        """Starts a thread if none is idle.

        grpcio submits calls in the one thread that serves all connections, and an error would end it. While
        the system gives no more threads, the call waits for one of those that there are.
        """
        try:
            super()._adjust_thread_count()
        except (RuntimeError, MemoryError):
            if not self._threads:
                raise
            log.warning("no more threads can be started", threads=len(self._threads))


def _run(
    submitted: float, fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> T:
    _thread.queued_seconds = time.perf_counter() - submitted
    return fn(*args, **kwargs)
