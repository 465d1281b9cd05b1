"""Starts components in order and stops them in reverse, within a deadline; SIGTERM and SIGINT.

The first signal asks for a stop. Then both signals have their default action again, so that a second
one ends the process at once, even if it hangs.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

import structlog

from howmuch.runtime.one_line import one_line

log = structlog.get_logger()

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Component(Protocol):
    """A part that runs for as long as the program does."""

    @property
    def name(self) -> str:
        """For messages: `gRPC server`."""

    def start(self) -> None:
        """Returns once the component works. If it raises, it leaves nothing behind."""

    def stop(self, deadline: float) -> None:
        """Ends the component by `deadline` (time.monotonic()), even if work is then cut off."""


class StartError(Exception):
    """A component could not start; the earlier ones are stopped again. The text is one line."""


class Lifecycle:
    """Runs components until a signal, or `request_stop`.

    shutdown_timeout_seconds: for the stop of all components together. on_stop: called as it begins.
    """

    def __init__(
        self,
        components: Sequence[Component],
        *,
        shutdown_timeout_seconds: float,
        on_stop: Callable[[], None] = lambda: None,
    ) -> None:
        self._components = components
        self._shutdown_timeout_seconds = shutdown_timeout_seconds
        self._on_stop = on_stop
        self._started: list[Component] = []
        # A pipe and not an Event: a signal handler may write to it at any moment. A handler that
        # interrupts the wait for an Event inside its lock would wait for that lock forever.
        self._wake_reader, self._wake_writer = os.pipe()
        os.set_blocking(self._wake_writer, False)
        self._stop_requested = False

    def run(self, on_ready: Callable[[], None] = lambda: None) -> None:
        """Start, call `on_ready`, wait for a signal, stop. Call it once, in the main thread.

        Raises StartError. A signal during the start stops after the component that is starting.
        """
        with self._signals():
            try:
                self._start()
                if not self._stop_requested:
                    on_ready()
                    self._wait()
                    self._on_stop()
                    log.info("stopping", timeout_seconds=self._shutdown_timeout_seconds)
            finally:
                self._stop()
        log.info("stopped")

    def _wait(self) -> None:
        while not self._stop_requested:
            os.read(self._wake_reader, 1)

    def request_stop(self) -> None:
        """Stop as if by a signal. Any thread may call it, any number of times."""
        self._stop_requested = True
        try:
            os.write(self._wake_writer, b"\0")
        except BlockingIOError:
            return  # The pipe is full of earlier requests.

    def _start(self) -> None:
        for component in self._components:
            if self._stop_requested:
                return
            try:
                component.start()
            except Exception as error:
                log.debug("start failed", component=component.name, exc_info=True)
                raise StartError(f"the {component.name} cannot start: {one_line(error)}") from error
            self._started.append(component)
            log.debug("started", component=component.name)

    def _stop(self) -> None:
        deadline = time.monotonic() + self._shutdown_timeout_seconds
        while self._started:
            component = self._started.pop()
            try:
                component.stop(deadline)
            except Exception:
                # The components that were started before it must be stopped as well.
                log.exception("stop failed", component=component.name)
            else:
                log.debug("stopped", component=component.name)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def first(_number: int, _frame: FrameType | None) -> None:
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            self.request_stop()

        before = {number: signal.signal(number, first) for number in _SIGNALS}
        # Python runs handlers in the main thread. Linux may give the signal to another thread, and the
        # main thread would continue to wait. The wakeup fd makes either thread write to the pipe.
        wakes = signal.set_wakeup_fd(self._wake_writer, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(wakes)
            for number, handler in before.items():
                signal.signal(number, handler)
