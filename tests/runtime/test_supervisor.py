"""Workers are started, replaced and stopped; small programs stand in for the server."""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from howmuch.runtime.supervisor import Workers
from tests.cli.program import WAIT_SECONDS
from tests.ports import free_address

# Makes a file named by its process id in the directory that its settings name, serves, and ends
# when its standard input does.
SERVES = """
import json, os, sys
directory = json.loads(sys.stdin.readline())
with open(os.path.join(directory, str(os.getpid())), "w"):
    pass
print("ready", flush=True)
os.read(0, 1)
"""
FAILS = "import sys; sys.stdin.readline(); sys.exit(3)"


@contextmanager
def workers(directory: Path, program: str = SERVES, count: int = 2) -> Iterator[Workers]:
    command = (sys.executable, "-c", program)
    started = Workers(command, json.dumps(str(directory)), count=count, addresses=[free_address()])
    started.start()
    try:
        yield started
    finally:
        started.stop(time.monotonic() + WAIT_SECONDS)


def wait_for_processes(directory: Path, count: int) -> set[int]:
    give_up = time.monotonic() + WAIT_SECONDS
    while len(found := {int(path.name) for path in directory.iterdir()}) < count:
        assert time.monotonic() < give_up, f"{found} instead of {count} processes"
        time.sleep(0.01)
    return found


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_start_returns_when_all_serve_and_stop_ends_all(tmp_path: Path) -> None:
    """After start there are as many processes as asked for, after stop none."""
    with workers(tmp_path, count=3):
        processes = wait_for_processes(tmp_path, 3)
        assert all(is_alive(pid) for pid in processes)
    assert not any(is_alive(pid) for pid in processes)


def test_dead_worker_is_replaced(tmp_path: Path) -> None:
    """A worker that is killed has a successor; the other one is left alone."""
    with workers(tmp_path):
        before = wait_for_processes(tmp_path, 2)
        killed = min(before)
        os.kill(killed, signal.SIGKILL)
        after = wait_for_processes(tmp_path, 3)
        assert is_alive(max(before))
        assert is_alive((after - before).pop())


def test_worker_that_cannot_start_fails_the_start(tmp_path: Path) -> None:
    """A worker that ends before it serves is an error, not a loop of restarts."""
    with (
        pytest.raises(RuntimeError, match="ended before it could serve"),
        workers(tmp_path, FAILS),
    ):
        raise AssertionError("it has started")


def test_worker_that_ignores_the_signal_is_killed_at_the_deadline(tmp_path: Path) -> None:
    """The stop ends at its deadline, whatever a worker does."""
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)" + SERVES
    command = (sys.executable, "-c", deaf)
    started = Workers(command, json.dumps(str(tmp_path)), count=1, addresses=[free_address()])
    started.start()
    (pid,) = wait_for_processes(tmp_path, 1)
    started.stop(time.monotonic() + 0.1)
    assert not is_alive(pid)


def test_port_of_another_program_is_refused(tmp_path: Path) -> None:
    """Workers, who could share any port, do not take over somebody else's."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        address = f"127.0.0.1:{other.getsockname()[1]}"
        taken = Workers((sys.executable, "-c", SERVES), "{}", count=2, addresses=[address])
        with pytest.raises(OSError, match=f"cannot listen on {address}: Address already in use"):
            taken.start()
