"""A process that has lost a vital thread, or one for lack of memory, ends: it would hang otherwise."""

import subprocess
import sys

import pytest

from howmuch.app.limits import EXIT_CODE

FAULTS = {
    "a thread runs out of memory": "threading.Thread(target=starve).start()",
    "a new thread gets no memory": "threading.Thread._set_ident = starve; threading.Thread().start()",
    "a vital thread ends": "threading.Thread(target=lambda: 1 / 0, name='watch').start()",
    "another thread ends": "threading.Thread(target=lambda: 1 / 0).start(); os._exit(3)",
}
PROGRAM = """
import os, threading
from howmuch.app.limits import end_with_vital_threads

def starve(*_):
    raise MemoryError

end_with_vital_threads()
{fault}
threading.Event().wait()
"""


@pytest.mark.parametrize("fault", FAULTS)
def test_process_without_a_thread_ends(fault: str) -> None:
    """With a code that makes its supervisor start another one. A fault of another thread does not end it."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(fault=FAULTS[fault])],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == (3 if fault == "another thread ends" else EXIT_CODE), done.stderr
