"""Cross-origin requests: which pages may read what the gateway answers."""

from typing import Any

import pytest

from howmuch.gateway.cors import Cors
from howmuch.gateway.options import GatewayOptions
from tests.gateway.backend import Backend
from tests.gateway.engine import running_gateway
from tests.gateway.http_client import Reply, send
from tests.gateway.statuses import check_status

NOT_FOUND = 5
APP, EVIL = "https://app.example.com", "https://evil.example.com"
CORS = "access-control-allow-"


def cors_of(reply: Reply) -> dict[str, str]:
    return {n.removeprefix(CORS): v for n, v in reply.headers if n.startswith(CORS)}


@pytest.mark.parametrize(
    ("target", "status"), [("/v1/resp", 200), ("/nowhere", 404), ("/v1/watch", 200)]
)
def test_allowed_origin_may_read_every_answer(backend: Backend, target: str, status: int) -> None:
    """Errors, too; others get nothing, and caches keep them apart."""
    backend.answer({"responses": [{}]})
    with running_gateway(backend.port, cors_origins=(APP, "http://b.example")) as port:
        allowed = send(port, "GET", target, {"origin": APP})
        assert (allowed.status, cors_of(allowed)) == (status, {"origin": APP})
        [exposed] = allowed.values("access-control-expose-headers")
        assert {"etag", "x-request-id", "retry-after"} <= set(exposed.split(", "))
        for origin in (EVIL, APP + ".evil.example", "null", APP.upper(), ""):
            other = send(port, "GET", target, {"origin": origin} if origin else {})
            assert (other.status, cors_of(other)) == (status, {})
            assert "Origin" in ", ".join(other.values("vary"))


def preflight(port: int, target: str, origin: str, **more: str) -> Reply:
    headers = {"origin": origin, "access-control-request-method": "POST"}
    return send(
        port, "OPTIONS", target, headers | {k.replace("_", "-"): v for k, v in more.items()}
    )


def test_preflight_of_an_allowed_origin(backend: Backend) -> None:
    """It may send what it asks for, with the methods of the path; credentials are never offered."""
    backend.answer({})
    asked = "authorization, content-type"
    with running_gateway(backend.port, cors_origins=(APP,)) as port:
        reply = preflight(port, "/v1/create", APP, access_control_request_headers=asked)
        assert reply.status == 204
        allowed = {"origin": APP, "methods": "OPTIONS, POST", "headers": asked}
        assert cors_of(reply) == allowed
        assert reply.values("access-control-max-age") == ["7200"]
        assert cors_of(preflight(port, "/v1/create", EVIL)) == {}
        check_status(preflight(port, "/nowhere", APP), 404, NOT_FOUND)
    assert backend.calls() == []


def test_preflight_makes_no_call_of_a_path_that_takes_every_method(backend: Backend) -> None:
    """It comes without credentials and asks a question of the gateway, not of the service."""
    backend.answer({})
    with running_gateway(backend.port, cors_origins=(APP,)) as port:
        assert "methods" in cors_of(preflight(port, "/v1/anymethod/x", APP))
        assert backend.calls() == []
        assert send(port, "OPTIONS", "/v1/anymethod/x", {"origin": APP}).status == 200
    assert len(backend.calls()) == 1


@pytest.mark.parametrize(("origins", "expected"), [(("*",), {"origin": "*"}), ((), {})])
def test_all_origins_or_none(
    backend: Backend, origins: tuple[str, ...], expected: dict[str, Any]
) -> None:
    """`*` lets every page read, without cookies; without any setting no page may."""
    backend.answer({})
    with running_gateway(backend.port, cors_origins=origins) as port:
        assert cors_of(send(port, "GET", "/v1/resp", {"origin": EVIL})) == expected
        assert cors_of(send(port, "GET", "/nowhere", {"origin": EVIL})) == expected
        assert ("methods" in cors_of(preflight(port, "/v1/create", EVIL))) == bool(origins)


@pytest.mark.parametrize(
    ("origins", "headers", "policy"),
    [
        ((APP,), {"origin": APP}, "cross-origin"),
        ((APP,), {"referer": f"{APP}/a/page"}, "cross-origin"),
        ((APP,), {"referer": APP}, "cross-origin"),
        ((APP,), {"referer": f"{EVIL}/{APP}"}, "same-origin"),
        ((APP,), {"referer": f"{APP}.evil.example/"}, "same-origin"),
        ((APP,), {"origin": EVIL, "referer": f"{APP}/"}, "same-origin"),
        ((APP,), {"referer": "https://[/"}, "same-origin"),
        ((APP,), {}, "same-origin"),
        (("*",), {}, "cross-origin"),
        ((), {"origin": APP}, "same-origin"),
    ],
)
def test_page_of_an_allowed_origin_may_show_an_image(
    backend: Backend, origins: tuple[str, ...], headers: dict[str, str], policy: str
) -> None:
    """An <img> sends Origin only if its page asks for that, but a Referer by default."""
    backend.answer({})
    with running_gateway(backend.port, cors_origins=origins) as port:
        for target in ("/v1/resp", "/nowhere"):
            reply = send(port, "GET", target, headers)
            assert reply.values("cross-origin-resource-policy") == [policy]
            varies = "Referer" in ", ".join(reply.values("vary"))
            assert varies == (origins == (APP,))


def test_credentials_and_exposed_headers_are_settings(backend: Backend) -> None:
    """By default pages send no cookies, and read the headers of the gateway only."""
    backend.answer({})
    options = {
        "cors_origins": (APP,),
        "cors_credentials": True,
        "cors_expose_headers": ("X-Quota",),
    }
    with running_gateway(backend.port, **options) as port:
        reply = send(port, "GET", "/v1/resp", {"origin": APP})
        assert cors_of(reply) == {"origin": APP, "credentials": "true"}
        [exposed] = reply.values("access-control-expose-headers")
        assert {"etag", "x-quota"} <= set(exposed.split(", "))
        assert cors_of(preflight(port, "/v1/create", APP))["credentials"] == "true"
        assert cors_of(send(port, "GET", "/v1/resp", {"origin": EVIL})) == {}


def test_credentials_are_for_named_origins_only() -> None:
    """Otherwise any page could act as its visitor."""
    with pytest.raises(ValueError, match="cors_credentials"):
        Cors(GatewayOptions(cors_origins=("*",), cors_credentials=True))
