"""`--workers N`: processes that share their ports, kept alive by a parent that serves nothing itself.

Workers are fresh interpreters, since gRPC does not survive a fork. Each reads its settings as one line
from standard input, which stays open while the parent lives: its end tells a worker that the parent is
dead. Each writes one line to standard output once it serves.
"""

import subprocess
import threading
import time
from collections.abc import Callable, Sequence

import structlog

from howmuch.runtime.shared_socket import SharedListener, bound_socket

log = structlog.get_logger()

FIRST_DELAY_SECONDS = 0.2
MAX_DELAY_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""After a worker has run this long, the delay before its restart begins at the first one again."""

STOP_AFTER_FAILED_START_SECONDS = 5.0
"""How long the other workers may take to stop if one could not start."""


class Worker:
    """One process, and the processes that replace it. Only its thread starts them."""

    def __init__(
        self,
        index: int,
        command: Sequence[str],
        settings: str,
        listener: SharedListener | None,
        on_end: Callable[[int], None],
    ) -> None:
        self.index = index
        self.ready = threading.Event()
        """Set once the worker serves, or has ended before that."""
        self.served = False
        """Whether any process of this worker has ever served."""
        self._command = [*command, str(index)]
        self._listener = listener
        self._on_end = on_end
        self._settings = settings
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._keep, name=f"worker-{index}", daemon=True)

    @property
    def pid(self) -> int | None:
        """Of the present process. None means that no process runs."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    def start(self) -> None:
        """Starts the process, without waiting for it."""
        self._thread.start()

    def terminate(self) -> None:
        """Asks the process to stop, and starts no other."""
        with self._lock:
            self._stopping.set()
            if self._process is not None:
                self._process.terminate()

    def join(self, deadline: float) -> None:
        """Waits for the process to end, and kills it at `deadline` (time.monotonic())."""
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
            if self._listener is not None:
                self._listener.process_ended(self.index)
            self._on_end(self.index)
            self.ready.set()
            # A worker that never served is not restarted: the start has failed.
            if self._stopping.is_set() or not self.served:
                return
            if time.monotonic() - started >= STEADY_SECONDS:
                delay = FIRST_DELAY_SECONDS
            log.error("worker ended", worker=self.index, code=code, restart_in_seconds=delay)
            if self._stopping.wait(delay):
                return
            delay = min(delay * 2, MAX_DELAY_SECONDS)

    def _run_once(self) -> int:
        """Starts a process, waits until it ends, and returns its exit code."""
        with self._lock:
            if self._stopping.is_set():
                return 0
            inherited = self._listener.inherited if self._listener is not None else ()
            process = self._process = subprocess.Popen(
                [*self._command, *map(str, inherited)],
                pass_fds=inherited,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                # With a session of its own, Ctrl+C in a terminal reaches the parent alone, and the
                # worker does not count the parent's SIGTERM as a second signal.
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

    command: program and arguments of a worker; its number, from 0, is added. settings: the line on standard
    input. count: at least 1. addresses: HOST:PORTs at which each worker has a socket of its own, without port
    0. listener: from which all accept; the inherited file descriptors are added to the arguments. on_end:
    called with the number of a worker whose process has ended, before the next one starts.
    """

    name = "workers"

    def __init__(
        self,
        command: Sequence[str],
        settings: str,
        *,
        count: int,
        addresses: Sequence[str],
        listener: SharedListener | None = None,
        on_end: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._workers = [
            Worker(index, command, settings, listener, on_end) for index in range(count)
        ]
        self._addresses = addresses
        self._listener = listener

    def start(self) -> None:
        """Returns once every worker serves. Raises RuntimeError when one ends before that."""
        for address in self._addresses:
            # Workers cannot notice a port in use: any process of this user may share it.
            bound_socket(address).close()
        if self._listener is not None:
            self._listener.open()
        for worker in self._workers:
            worker.start()
        for worker in self._workers:
            worker.ready.wait()
            if not worker.served:
                self.stop(time.monotonic() + STOP_AFTER_FAILED_START_SECONDS)
                raise RuntimeError(f"worker {worker.index} ended before it could serve")

    def pids(self) -> dict[int, int]:
        """Number to process id of the running workers."""
        return {each.index: pid for each in self._workers if (pid := each.pid) is not None}

    def stop(self, deadline: float) -> None:
        """Sends SIGTERM to all workers, waits for them, and kills the rest at `deadline`."""
        for worker in self._workers:
            worker.terminate()
        # Once the last worker has closed the socket as well, new clients are refused at once.
        if self._listener is not None:
            self._listener.close()
        for worker in self._workers:
            worker.join(deadline)
