"""The log: one form for all lines, and no local variables in it."""

import json
import subprocess
import sys

PROGRAM = """
import logging, structlog
from howmuch.telemetry.logs import configure_logging

def fail(password):
    raise OSError("no luck")

configure_logging("info", "{form}")
log = structlog.get_logger()
log.debug("hidden")
log.info("shown", count=1)
logging.getLogger("other").warning("from a %s", "library")
try:
    fail("hush")
except OSError:
    log.exception("failed")
"""


def logged(form: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(form=form)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""
    return done.stderr


def test_json_lines() -> None:
    """Every line is one object, those of libraries and those with a traceback too."""
    shown, library, failed = [json.loads(line) for line in logged("json").splitlines()]
    assert (shown["event"], shown["level"], shown["count"]) == ("shown", "info", 1)
    assert (library["event"], library["level"], library["logger"]) == (
        "from a library",
        "warning",
        "other",
    )
    assert "OSError: no luck" in failed["exception"]
    assert "hush" not in failed["exception"]


def test_json_of_whatever_is_logged() -> None:
    """A line that nobody can be meant to write is written nevertheless."""
    told = {
        "text": "\ud800",
        "bytes": b"\xff",
        "set": {1},
        "error": OSError("no luck"),
        "ok": "\u00e9",
    }
    program = f"""
from howmuch.telemetry.logs import configure_logging
import structlog
configure_logging("info", "json")
for name, value in {told!r}.items():
    structlog.get_logger().info(name, value=value)
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["value"] for line in lines] == [
        "\ud800", "b'\\xff'", [1], "OSError('no luck')", "\u00e9",
    ]  # fmt: skip


def test_console_shows_tracebacks_without_local_variables() -> None:
    """A password in a local variable of the code that failed stays out of the log."""
    text = logged("console")
    assert "from a library" in text
    assert "OSError: no luck" in text
    assert "hush" not in text
    assert "hidden" not in text


CHANGING = """
import logging, structlog
from howmuch.telemetry.logs import configure_logging, set_level

configure_logging("info", "json")
log, bound = structlog.get_logger(), structlog.get_logger().bind(kept=True)
for level in ("info", "error", "debug"):
    set_level(level)
    log.debug(f"d {level}")
    bound.info(f"i {level}")
    log.error(f"e {level}")
    logging.getLogger("library").info(f"l {level}")
"""


def test_level_changes_for_loggers_in_use() -> None:
    """Those that were used before, and those that something is bound to, write by the new level at once."""
    done = subprocess.run(
        [sys.executable, "-c", CHANGING], capture_output=True, text=True, check=True
    )
    assert [json.loads(line)["event"] for line in done.stderr.splitlines()] == [
        *("i info", "e info", "l info"),
        "e error",
        *("d debug", "i debug", "e debug", "l debug"),
    ]
