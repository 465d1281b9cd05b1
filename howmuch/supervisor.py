"""`--workers N`: processes that share one port, kept alive by a parent that serves nothing itself.

Workers are fresh interpreters: gRPC does not survive a fork. Each gets its settings as one line on
standard input, which stays open for as long as the parent lives; its end tells a worker that it is
alone. Each answers one line on standard output once it serves.
"""

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence

import structlog

log = structlog.get_logger()

FIRST_DELAY_SECONDS = 0.2
MAX_DELAY_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""A worker that ran so long was sound: the delay before its successor starts small again."""

STOP_AFTER_FAILED_START_SECONDS = 5.0
"""What the workers that did start get to stop in where another one could not."""


class Worker:
    """One process, and the processes that replace it. Its thread is the only one to start them."""

    def __init__(
        self, index: int, command: Sequence[str], settings: str, on_end: Callable[[int], None]
    ) -> None:
        self.index = index
        self.ready = threading.Event()
        """Set once the worker has served, or once it ended before that."""
        self.served = False
        """Whether a process of this worker has ever come so far as to serve."""
        self._command = [*command, str(index)]
        self._on_end = on_end
        self._settings = settings
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._keep, name=f"worker-{index}", daemon=True)

    @property
    def pid(self) -> int | None:
        """Of the process that there is now; None between two."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    def start(self) -> None:
        """Start the process, without waiting for it."""
        self._thread.start()

    def terminate(self) -> None:
        """Ask the process to stop, and start no other."""
        with self._lock:
            self._stopping.set()
            if self._process is not None:
                self._process.terminate()

    def join(self, deadline: float) -> None:
        """Wait for the process to end; kill it at `deadline` (time.monotonic())."""
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if self._thread.is_alive() and self._process is not None:
            log.warning("worker killed", worker=self.index, pid=self._process.pid)
            self._process.kill()
            self._thread.join()

    def _keep(self) -> None:
        delay = FIRST_DELAY_SECONDS
        while True:
            started = time.monotonic()
            code = self._run_once()
            self._on_end(self.index)
            self.ready.set()
            # A worker that never served has nothing to come back to: the start has failed.
            if self._stopping.is_set() or not self.served:
                return
            if time.monotonic() - started >= STEADY_SECONDS:
                delay = FIRST_DELAY_SECONDS
            log.error("worker ended", worker=self.index, code=code, restart_in_seconds=delay)
            if self._stopping.wait(delay):
                return
            delay = min(delay * 2, MAX_DELAY_SECONDS)

    def _run_once(self) -> int:
        """Start a process, wait until it ends, and return its exit code."""
        with self._lock:
            if self._stopping.is_set():
                return 0
            process = self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                # In a session of its own, so that Ctrl+C in a terminal reaches the parent alone,
                # and the worker does not take the parent's SIGTERM for a second signal.
                start_new_session=True,
            )
        with process:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(self._settings + "\n")
                process.stdin.flush()
            except BrokenPipeError:
                return process.wait()
            if process.stdout.readline():
                self.served = True
                log.info("worker serves", worker=self.index, pid=process.pid)
                self.ready.set()
            return process.wait()


class Workers:
    """The component of the parent.

    command: program and arguments of a worker; its number, from 0, is the last argument. settings: the line
    it gets. count: at least 1. addresses: HOST:PORTs that all of them share; no port is 0. on_end: called
    with the number of a worker whose process has ended, before the next one starts.
    """

    name = "workers"

    def __init__(
        self,
        command: Sequence[str],
        settings: str,
        *,
        count: int,
        addresses: Sequence[str],
        on_end: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._workers = [Worker(index, command, settings, on_end) for index in range(count)]
        self._addresses = addresses

    def start(self) -> None:
        """Returns once every worker serves. Raises RuntimeError when one ends before that."""
        for address in self._addresses:
            _check_free(address)
        for worker in self._workers:
            worker.start()
        for worker in self._workers:
            worker.ready.wait()
            if not worker.served:
                self.stop(time.monotonic() + STOP_AFTER_FAILED_START_SECONDS)
                raise RuntimeError(f"worker {worker.index} ended before it could serve")

    def pids(self) -> dict[int, int]:
        """Number to process id of those that run now."""
        return {each.index: pid for each in self._workers if (pid := each.pid) is not None}

    def stop(self, deadline: float) -> None:
        """Sends SIGTERM to all, waits for them, and kills at `deadline` those that are left."""
        for worker in self._workers:
            worker.terminate()
        for worker in self._workers:
            worker.join(deadline)


def _check_free(address: str) -> None:
    """Raise OSError where another program has the port.

    Workers cannot tell: they share the port with any other process of this user that shares it.
    """
    host, _, port = address.rpartition(":")
    family, kind, protocol, _, bound = socket.getaddrinfo(
        host.strip("[]"), int(port), type=socket.SOCK_STREAM
    )[0]
    with socket.socket(family, kind, protocol) as probe:
        # Without this, a server that has just ended would seem to have the port for a minute.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(bound)
        except OSError as error:
            raise OSError(f"cannot listen on {address}: {error.strerror}") from None
