"""The log: one line a request and a call, and nothing secret in any."""

from contextlib import closing
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.cli.program import running
from tests.databases import closing_database
from tests.telemetry.program import PASSWORD, lines, new_event, sign_up, spend

OTHER = "another horse, another battery"


def test_a_line_for_each_request(tmp_path: Path) -> None:
    """With the route and never the path, the id that the client gave, and the same id in the line of gRPC."""
    where = ("--data-dir", str(tmp_path / "data"), "--grpc-listen", "127.0.0.1:0")
    with running(tmp_path / "log", *where, "--log-format", "json") as server:
        ids = {"x-request-id": "given-by-the-client"}
        httpx.get(f"{server.rest}/v1/events/evt_none/expenses?pageSize=3", headers=ids)
        httpx.get(f"{server.rest}/nothing/here")
        httpx.get(f"{server.rest}/healthz")
        assert server.stop() == 0
        first, second = lines(server, "http")
        assert {name: first[name] for name in ("method", "route", "status", "request_id")} == {
            "method": "GET",
            "route": "/v1/events/{event_id}/expenses",
            "status": 401,
            "request_id": "given-by-the-client",
        }
        assert first["duration_ms"] > 0
        assert (second["route"], second["status"]) == ("", 404)
        (call,) = lines(server, "rpc")
        assert call["request_id"] == "given-by-the-client"
        assert "evt_none" not in server.log


@pytest.mark.parametrize("form", ["json", "console"])
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
        assert "LogIn" in server.log
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
