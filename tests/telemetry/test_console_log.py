"""The log for people: short lines, the reason of a refusal, colours on a terminal alone."""

import logging
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from howmuch.telemetry.console_log import ConsoleRenderer
from tests.cli.program import environment, howmuch, running
from tests.telemetry.program import PASSWORD, new_event, sign_up, spend

COLUMNS = 100


@pytest.fixture(autouse=True)
def level() -> Iterator[None]:
    """The level of the log is info, as by default."""
    before = logging.getLogger().level
    logging.getLogger().setLevel(logging.INFO)
    yield
    logging.getLogger().setLevel(before)


def rendered(event: str, level: str = "info", *, colors: bool = False, **names: Any) -> str:
    line = {"timestamp": "01:17:04", "level": level, "event": event, **names}
    return ConsoleRenderer(colors=colors)(None, level, line)


CALL: dict[str, Any] = {
    "method": "/howmuch.v1.ExpenseService/CreateExpense",
    "duration_ms": 3.14159,
    "request_id": 32 * "f",
    "user_id": "usr_01m8na15z0eg5s3zw1asp8v6kq",
}


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (rendered("rpc", **CALL, code="OK"), "CreateExpense OK usr..p8v6kq 3.1 ms"),
        (
            rendered("rpc", **CALL | {"user_id": None}, code="ABORTED", reason="ETAG_STALE"),
            "CreateExpense ABORTED 3.1 ms ETAG_STALE",
        ),
        (
            rendered(
                "http",
                **CALL | {"method": "GET", "rpc": CALL["method"], "rpc_duration_ms": 2.0},
                route="/v1/events/{event_id}/expenses/{expense_id}:restore",
                status=400,
                code="INVALID_ARGUMENT",
                reason="FIELD_REQUIRED",
            ),
            "GET /v1/events/{}/expenses/{}:restore 400 usr..p8v6kq 3.1 ms FIELD_REQUIRED",
        ),
        (
            rendered("http", method="GET", route="", status=404, duration_ms=0.26),
            "GET - 404 0.3 ms",
        ),
        (rendered("stopping", timeout_seconds=20.0), "stopping timeout_seconds=20.0"),
        (rendered("handled", keys=["a", "b", "c"], request_ids=["x"]), "handled keys=a,+2"),
        (
            rendered("messages wait", "warning", reason="no answer", request_ids=["x", "y"]),
            "WARNING messages wait: no answer request_ids=x,y",
        ),
        (rendered("text of it", logger="library"), "library: text of it"),
        (rendered("odd\x1b[2J\n", path="a b", half="\ud800"), "odd\\x1b[2J\\n path='a b' half='\\ud800'"),
        (rendered("failed", "error", exception="Trace\n  back"), "ERROR failed\nTrace\n  back"),
    ],
)  # fmt: skip
def test_line(line: str, shown: str) -> None:
    """What matters first, then the rest by name; nothing in it moves the cursor."""
    assert line == f"01:17:04 {shown}"


def test_line_at_level_debug_has_the_ids() -> None:
    """The whole request id is at the end."""
    logging.getLogger().setLevel(logging.DEBUG)
    assert rendered("rpc", **CALL, code="OK").endswith(f" 3.1 ms request_id={32 * 'f'}")


@pytest.mark.parametrize(
    ("code", "color"), [("OK", 32), ("NOT_FOUND", 33), ("INTERNAL", 31), ("UNAVAILABLE", 31)]
)
def test_color_says_how_a_call_ended(code: str, color: int) -> None:
    """Green for success, yellow for a refusal, red for a fault of the server."""
    line = rendered("rpc", **CALL, code=code, colors=True)
    assert f"\x1b[{color}m{code}\x1b[0m" in line
    assert re.sub(r"\x1b\[\d+m", "", line) == rendered("rpc", **CALL, code=code)


@pytest.mark.parametrize(
    ("more", "colored"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
    ids=str,
)
def test_terminal_has_colors(more: dict[str, str], colored: bool) -> None:
    """Unless NO_COLOR says no, or the terminal cannot show them."""
    program = (
        "from howmuch.telemetry.logs import configure_logging; import structlog\n"
        "configure_logging('info', 'console'); structlog.get_logger().info('shown')"
    )
    ours, theirs = pty.openpty()
    plain = {name: value for name, value in environment().items() if name != "NO_COLOR"}
    try:
        command = [sys.executable, "-c", program]
        subprocess.run(command, env=plain | {"TERM": "xterm"} | more, stderr=theirs, check=True)
        shown = os.read(ours, 1000).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert "shown" in shown
    assert ("\x1b[" in shown) is colored


def test_session_is_readable_in_100_columns(tmp_path: Path) -> None:
    """Each request and each call is one line, a refusal says why, and a file gets no escape codes."""
    where = ("--data-dir", str(tmp_path / "data"), "--grpc-listen", "127.0.0.1:0")
    client: dict[str, Any] = {"XDG_CONFIG_HOME": str(tmp_path)}
    with running(tmp_path / "log", *where) as server:
        with closing(sign_up(server.rest, "ana")) as ana:
            event = new_event(ana)
            spend(ana, event, "Dinner").raise_for_status()
            assert ana.post(f"/v1/events/{event['id']}/expenses", json={}).status_code == 400
        httpx.get(f"{server.rest}/nothing/here")
        account = ("login", "ana@example.com", "--password-stdin", "--server", server.address)
        for arguments in (account, ("event", "create", "Lisbon"), ("expense", "add", "Tea", "3")):
            assert howmuch(*arguments, stdin=PASSWORD, **client).returncode == 0
        assert howmuch("expense", "add", "Tea", "3.001", **client).returncode == 1
        assert server.stop() == 0
    lines = server.log.splitlines()
    assert [line for line in lines if len(line) > COLUMNS or "\x1b" in line] == []
    assert all(re.match(r"\d\d:\d\d:\d\d \S", line) for line in lines)
    said = [re.sub(r"\d+\.\d ms", "N ms", line[9:]) for line in lines]
    said = [re.sub(r" (queued|lock|request)_ms=\S+", "", line) for line in said]
    said = [re.sub(r"usr\.\.\w{6} ", "", line) for line in said if " N ms" in line]
    assert said == [
        "POST /v1/users 200 N ms",
        "POST /v1/sessions 200 N ms",
        "POST /v1/events 200 N ms",
        "POST /v1/events/{}/expenses 200 N ms",
        "POST /v1/events/{}/expenses 400 N ms FIELD_REQUIRED",
        "GET - 404 N ms PATH_UNKNOWN",
        "LogIn OK N ms",
        "ListEvents OK N ms",
        "CreateEvent OK N ms",
        "ListMembers OK N ms",
        "GetEvent OK N ms",
        "ListMembers OK N ms",
        "CreateExpense OK N ms",
        "GetEvent OK N ms",
        "ListMembers OK N ms",
        "CreateExpense INVALID_ARGUMENT N ms AMOUNT_TOO_PRECISE",
    ]
