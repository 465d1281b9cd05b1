"""The log: one line a request or a call, and nothing secret in any."""

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.cli.program import running
from tests.databases import closing_database
from tests.telemetry.program import PASSWORD, new_event, sign_up, spend
from tests.waiting import until

OTHER = "another horse, another battery"


def test_a_line_for_each_request(tmp_path: Path) -> None:
    """With the route and never the path, the id that the client gave, and what became of the call."""
    where = ("--data-dir", str(tmp_path / "data"), "--grpc-listen", "127.0.0.1:0")
    with running(tmp_path / "log", *where, "--log-format", "json") as server:
        ids = {"x-request-id": "given-by-the-client"}
        httpx.get(f"{server.rest}/v1/events/evt_none/expenses?pageSize=3", headers=ids)
        httpx.get(f"{server.rest}/nothing/here")
        httpx.get(f"{server.rest}/healthz")
        assert server.stop() == 0
        first, second = server.logged("http")
        names = ("method", "route", "status", "request_id", "rpc", "code", "user_id", "reason")
        assert {name: first[name] for name in names} == {
            "method": "GET",
            "route": "/v1/events/{event_id}/expenses",
            "status": 401,
            "request_id": "given-by-the-client",
            "rpc": "/howmuch.v1.ExpenseService/ListExpenses",
            "code": "UNAUTHENTICATED",
            "user_id": None,
            "reason": "SESSION_REQUIRED",
        }
        assert first["duration_ms"] >= first["rpc_duration_ms"] > 0
        assert (second["route"], second["status"]) == ("", 404)
        assert (second["reason"], "rpc" in second) == ("PATH_UNKNOWN", False)
        assert server.logged("rpc") == []
        assert "evt_none" not in server.log


@pytest.mark.slow
def test_a_call_that_outlives_its_request_has_a_line_of_its_own(tmp_path: Path) -> None:
    """Whoever left is not told what became of the call, and the line of the request cannot say it."""
    data = tmp_path / "data"
    where = ("--data-dir", str(data), "--grpc-listen", "127.0.0.1:0")
    with (
        running(tmp_path / "log", *where, "--log-format", "json") as server,
        closing(sign_up(server.rest, "ana")) as ana,
        closing(sqlite3.connect(data / "howmuch.db", isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(httpx.ReadTimeout):
            ana.post("/v1/events", json={"name": "Lisbon"}, timeout=2.0)
        until(lambda: [line for line in server.logged("http") if line["status"] == 499])
        assert server.logged("rpc") == []
        other.execute("ROLLBACK")
        until(lambda: server.logged("rpc"))
        (call,) = server.logged("rpc")
        request = server.logged("http")[-1]
        assert call["method"] == "/howmuch.v1.EventService/CreateEvent"
        assert call["request_id"] == request["request_id"]
        assert "rpc" not in request


@pytest.mark.parametrize("form", ["json", pytest.param("console", marks=pytest.mark.slow)])
def test_no_secret_is_logged(tmp_path: Path, form: str) -> None:
    """Passwords and tokens go through gateway, gRPC and mail, and into no line, whatever the level."""
    where = ("--data-dir", str(tmp_path / "data"), "--grpc-listen", "127.0.0.1:0")
    how = ("--log-level", "debug", "--log-format", form)
    with running(tmp_path / "log", *where, *how) as server:
        with closing(sign_up(server.rest, "ana")) as ana:
            wrong = {"email": "ana@example.com", "password": OTHER}
            assert httpx.post(f"{server.rest}/v1/sessions", json=wrong).status_code == 401
            event = new_event(ana)
            spend(ana, event, "Dinner").raise_for_status()
            invited = ana.post(
                f"/v1/events/{event['id']}/invitations", json={"role": "ROLE_EDITOR"}
            ).json()
            changed = ana.post(
                "/v1/users/me:changePassword",
                json={"currentPassword": PASSWORD, "newPassword": OTHER},
            )
            assert changed.status_code == 200, changed.text
            httpx.get(f"{server.rest}/v1/invitations/{invited['token']}").raise_for_status()
            secrets = [PASSWORD, OTHER, invited["token"], ana.headers["authorization"][7:]]
        assert server.stop() == 0
        assert "/v1/sessions" in server.log
        assert [secret for secret in secrets if secret in server.log] == []


def test_an_error_of_the_database_quotes_no_parameters(tmp_path: Path) -> None:
    """Errors that nobody expected are logged, and their text has the statement alone."""
    with (
        closing_database(f"sqlite:///{tmp_path / 'howmuch.db'}") as database,
        pytest.raises(OperationalError) as raised,
        database.begin() as connection,
    ):
        connection.execute(text("INSERT INTO nowhere VALUES (:secret)"), {"secret": PASSWORD})
    assert "INSERT INTO nowhere" in str(raised.value)
    assert PASSWORD not in str(raised.value)
