"""Lines of the log about requests: by route, never by path, and with the client's network."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog

from tests.gateway.backend import Backend
from tests.gateway.engine import closed_port, running_gateway
from tests.gateway.http_client import send
from tests.gateway.upstreams import upstream
from tests.waiting import until

SECRET = "tok_5e4f"


@contextmanager
def logged() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as entries:
        yield entries
        # The line is written after the answer.
        until(lambda: any(entry["event"] == "http" for entry in entries))


def check_hidden(entries: list[Any], status: int, route: str) -> None:
    assert SECRET not in str(entries)
    (line,) = (entry for entry in entries if entry["event"] == "http")
    assert (line["status"], line["route"]) == (status, route)


def test_path_of_a_request_that_fails_is_not_logged() -> None:
    """Neither with the upstream down, nor with an answer that cannot be printed, nor without a route."""
    with closed_port() as closed, running_gateway(closed) as port:
        with logged() as entries:
            assert (
                send(port, "POST", f"/v1/create/{SECRET}?token={SECRET}", {}, b"{}").status == 400
            )
        check_hidden(entries, 400, "/v1/create/{id}")
        with logged() as entries:
            assert send(port, "POST", f"/v1/create/{SECRET}", {}, b"{}").status == 503
        check_hidden(entries, 503, "/v1/create/{id}")
        assert any(entry["event"] == "gateway refused" for entry in entries)
        with logged() as entries:
            assert send(port, "GET", f"/nowhere/{SECRET}").status == 404
        check_hidden(entries, 404, "")
    with upstream(lambda *_: [b"\xff"]) as broken, running_gateway(broken) as port:
        with logged() as entries:
            assert send(port, "POST", f"/v1/create/{SECRET}", {}, b"{}").status == 500
        check_hidden(entries, 500, "/v1/create/{id}")


@pytest.mark.parametrize(
    ("forwarded", "network"), [("2001:db8::5", "2001:db8::/64"), ("", "127.0.0.1")]
)
def test_line_has_the_network_of_the_client(backend: Backend, forwarded: str, network: str) -> None:
    backend.answer({})
    options: dict[str, Any] = {"trusted_proxies": ("127.0.0.0/8",)}
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    with running_gateway(backend.port, **options) as port, logged() as entries:
        assert send(port, "GET", "/v1/resp", headers).status == 200
    (line,) = (entry for entry in entries if entry["event"] == "http")
    assert line["client_network"] == network
