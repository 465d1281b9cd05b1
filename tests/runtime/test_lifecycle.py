"""Start in order, stop in reverse, signals."""

import ctypes
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from howmuch.runtime.lifecycle import Lifecycle, StartError
from howmuch.runtime.one_line import one_line
from tests.cli.program import WAIT_SECONDS
from tests.waiting import until


class Part:
    """A component that writes down what happens to it."""

    def __init__(self, name: str, events: list[str], fails: str = "") -> None:
        self.name = name
        self._events = events
        self._fails = fails

    def start(self) -> None:
        if self._fails == "start":
            raise OSError("no\nluck")
        self._events.append(f"start {self.name}")

    def stop(self, deadline: float) -> None:
        assert deadline > time.monotonic()
        self._events.append(f"stop {self.name}")
        if self._fails == "stop":
            raise OSError("no luck")


def lifecycle(events: list[str], **fails: str) -> Lifecycle:
    parts = [Part(name, events, fails.get(name, "")) for name in ("a", "b", "c")]
    return Lifecycle(parts, shutdown_timeout_seconds=10)


def test_components_start_in_order_and_stop_in_reverse() -> None:
    """What was started last is stopped first."""
    events: list[str] = []
    life = lifecycle(events)
    life.run(on_ready=life.request_stop)
    assert events == ["start a", "start b", "start c", "stop c", "stop b", "stop a"]


def test_failed_start_stops_those_before_it() -> None:
    """A component that cannot start ends the start, and its error is one line that names it."""
    events: list[str] = []
    with pytest.raises(StartError, match=r"^the b cannot start: no luck$"):
        lifecycle(events, b="start").run(on_ready=lambda: events.append("ready"))
    assert events == ["start a", "stop a"]


def test_failed_stop_stops_the_others_all_the_same() -> None:
    """An error in one component's stop keeps no other from being stopped."""
    events: list[str] = []
    life = lifecycle(events, b="stop")
    life.run(on_ready=life.request_stop)
    assert events[-3:] == ["stop c", "stop b", "stop a"]


def test_stop_request_during_the_start_starts_no_more() -> None:
    """A stop that comes early stops what has started, and nothing says that all is ready."""
    events: list[str] = []
    life = lifecycle(events)
    life.request_stop()
    life.run(on_ready=lambda: events.append("ready"))
    assert events == []


def test_signal_handlers_are_given_back() -> None:
    """After the run the signals mean what they meant before."""
    before = signal.getsignal(signal.SIGTERM)
    life = lifecycle([])
    life.run(on_ready=life.request_stop)
    assert signal.getsignal(signal.SIGTERM) is before


def test_one_line_of_an_error_without_text() -> None:
    """An error that says nothing is named by its type."""
    assert one_line(ValueError()) == "ValueError"
    assert one_line(ValueError("a\n  b")) == "a b"


PROGRAM = """
import threading
from howmuch.app.limits import end_within
from howmuch.runtime.lifecycle import Lifecycle

class Part:
    name = "part"
    def start(self):
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        print("started", flush=True)
    def stop(self, deadline):
        print("stopping", flush=True)
        if {hangs}: threading.Event().wait()
        print("stopped", flush=True)

end = lambda: end_within({seconds})
Lifecycle([Part()], shutdown_timeout_seconds=60, on_stop=end).run(lambda: print("ready", flush=True))
"""


def start_program(*, hangs: bool, seconds: float = 60.0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(hangs=hangs, seconds=seconds)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def expect(process: subprocess.Popen[str], *lines: str) -> None:
    assert process.stdout is not None
    for line in lines:
        # structlog, unconfigured in this program, prints its events beside these lines.
        for printed in process.stdout:
            if printed.strip() == line:
                break
        else:
            raise AssertionError(f"ended before it printed {line!r}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_signal_stops_everything_and_exits_0(number: signal.Signals) -> None:
    """SIGTERM and SIGINT stop the components; that is success."""
    with start_program(hangs=False) as process:
        expect(process, "started", "ready")
        process.send_signal(number)
        expect(process, "stopping", "stopped")
        assert process.wait(WAIT_SECONDS) == 0


def test_signal_that_another_thread_gets_stops_everything() -> None:
    """Linux gives a signal to whichever thread it likes: the main one must wake all the same."""
    with start_program(hangs=False) as process:
        expect(process, "ready")
        tasks = Path("/proc", str(process.pid), "task")
        (other,) = (int(task.name) for task in tasks.iterdir() if task.name != str(process.pid))
        # Before the main thread waits, Python itself would see to it.
        until(lambda: " S " in (tasks / str(process.pid) / "stat").read_text())
        assert ctypes.CDLL(None).tgkill(process.pid, other, signal.SIGTERM) == 0
        expect(process, "stopping", "stopped")
        assert process.wait(WAIT_SECONDS) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_second_signal_ends_at_once(number: signal.Signals) -> None:
    """Whoever asks twice does not wait for a component that hangs."""
    with start_program(hangs=True) as process:
        expect(process, "ready")
        process.send_signal(signal.SIGTERM)
        expect(process, "stopping")
        process.send_signal(number)
        assert process.wait(WAIT_SECONDS) == -number


def test_stop_that_hangs_is_ended() -> None:
    """By the kernel, which needs neither a thread nor memory of the process."""
    with start_program(hangs=True, seconds=0.2) as process:
        expect(process, "ready")
        process.send_signal(signal.SIGTERM)
        expect(process, "stopping")
        assert process.wait(WAIT_SECONDS) == -signal.SIGALRM
