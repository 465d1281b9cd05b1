"""Which paths are those of the web app, of the API, of the gateway, and of nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.backend import Backend
from tests.gateway.engine import running_gateway
from tests.gateway.http_client import send
from tests.gateway.site_directory import PAGE, build_site
from tests.gateway.statuses import check_status
from tests.gateway.wire_client import WireClient

NOT_FOUND = 5
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site, with files in the way of the API and of the gateway, and a secret beside it."""
    directory = tmp_path_factory.mktemp("around")
    (directory / "secret.txt").write_text("secret")
    (directory / "secret").write_text("secret")
    built = build_site(directory / "site")
    for name in ("v1/resp", "v1/other", "docs/index.html", "healthz", "developers", "openapi.json"):
        (built / name).parent.mkdir(exist_ok=True)
        (built / name).write_text("a file of the site")
    return built


@pytest.fixture(scope="module")
def port(backend: Backend, site: Path) -> Iterator[int]:
    """A gateway with the site."""
    with running_gateway(backend.port, site=site) as port:
        yield port


@pytest.mark.parametrize(
    "target",
    [
        "/events/evt_1",
        "/events/evt_1/",
        "/events/evt_1/expenses/exp_1?tab=shares",
        "/settings",
        "/events/caf%C3%A9",
        "/events/a%20b",
        "/join%2Fabc",
    ],
)
def test_address_of_the_app_is_its_page(port: int, target: str) -> None:
    """A reload, and a link from elsewhere, open the screen that the app shows there."""
    reply = send(port, "GET", target, BROWSER)
    assert (reply.status, reply.body) == (200, PAGE)
    assert reply.values("content-type") == ["text/html; charset=utf-8"]
    assert reply.values("cache-control") == ["no-cache"]
    assert "accept" in reply.values("vary")


@pytest.mark.parametrize("accept", ["*/*", "application/json", "image/avif,image/*", ""])
def test_address_of_the_app_is_404_for_programs(port: int, accept: str) -> None:
    """Only who asks for a page gets one."""
    check_status(
        send(port, "GET", "/events/evt_1", {"accept": accept} if accept else {}), 404, NOT_FOUND
    )


@pytest.mark.parametrize("method", ["POST", "DELETE", "OPTIONS"])
def test_address_of_the_app_is_404_for_other_methods(port: int, method: str) -> None:
    check_status(send(port, method, "/events/evt_1", BROWSER, b""), 404, NOT_FOUND)


@pytest.mark.parametrize(
    "target",
    ["/v1", "/v1/", "/v1/nowhere", "/v1/nowhere/deep", "/%761/nowhere", "/v1/other", "/docs/x"],
)
def test_unknown_path_of_the_api_is_never_the_page(port: int, target: str) -> None:
    """Nor a file, nor below the gateway's own pages."""
    check_status(send(port, "GET", target, BROWSER), 404, NOT_FOUND)


def test_api_wins_over_files(port: int, backend: Backend) -> None:
    """Also for a browser; another method of its path is 405 as without a site."""
    backend.answer({"responses": [{}]})
    assert send(port, "GET", "/v1/resp", BROWSER).values("content-type") == ["application/json"]
    assert send(port, "DELETE", "/v1/resp", BROWSER).status == 405


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("/healthz", b"ok"),
        ("/readyz", b"ok"),
        ("/docs", b"swagger"),
        ("/openapi.json", b'"openapi"'),
        ("/developers", b"Read and try the API"),
    ],
)
def test_pages_of_the_gateway_win_over_files(port: int, target: str, words: bytes) -> None:
    reply = send(port, "GET", target, BROWSER)
    assert reply.status == 200
    assert words in reply.content


@pytest.mark.parametrize(
    "target",
    [
        "/../secret.txt",
        "/../secret",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "/%2e%2e%2fsecret",
        "/assets/%2e%2e/%2e%2e/secret",
        "/assets%2fapp-1a2b3c.js",
        "/..%5csecret",
        "//secret",
        "///etc/passwd",
        "/./index",
        "/events//evt_1",
        "/index.html%00",
        "/events/%00",
        "/events/%0d%0aset-cookie:a",
        "/events/%ff",
        "/events/%zz",
        "/events/%e2%80%ae",
    ],
)
def test_odd_path_is_neither_a_file_nor_the_page(port: int, target: str) -> None:
    """Nothing outside the directory is reachable, however the path is written."""
    reply = send(port, "GET", target, BROWSER)
    check_status(reply, 404, NOT_FOUND)
    assert b"secret" not in reply.body


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("GET * HTTP/1.1", 404),
        ("OPTIONS * HTTP/1.1", 404),
        ("GET http://127.0.0.1/sw.js HTTP/1.1", 200),
        ("GET sw.js HTTP/1.1", 400),
        ("GET /sw.js?v=1 HTTP/1.1", 200),
        ("GET /?utm_source=x HTTP/1.1", 200),
        ("GET /sw.js HTTP/1.0", 200),
        ("GET /sw.js", 400),
    ],
)
def test_odd_request_line_has_its_answer(port: int, line: str, status: int) -> None:
    """The forms of a target that HTTP/1.1 has, and what is none."""
    with WireClient(port) as client:
        client.send(f"{line}\r\nhost: 127.0.0.1\r\n\r\n".encode())
        assert client.reply(line.split()[0]).status == status


def test_log_names_the_site_and_no_path(
    backend: Backend, site: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Addresses of the app have ids in them, and clients choose paths."""
    with running_gateway(backend.port, site=site) as port:
        send(port, "GET", "/events/evt_private", BROWSER)
        send(port, "GET", "/sw.js")
    said = "".join(capfd.readouterr())
    assert said.count("route=site") == 2
    assert "evt_private" not in said


def test_page_for_developers_is_at_the_root_without_a_site(backend: Backend) -> None:
    """And under its own name, where it also is with a site."""
    with running_gateway(backend.port) as port:
        root, named = send(port, "GET", "/"), send(port, "GET", "/developers")
    assert root.status == named.status == 200
    assert root.body == named.body
    assert b"Read and try the API" in named.content


def test_site_has_the_root_without_pages_for_developers(backend: Backend, site: Path) -> None:
    """`docs: false` leaves out /developers, whose name the app cannot use either."""
    with running_gateway(backend.port, site=site, docs=False) as port:
        assert send(port, "GET", "/", BROWSER).body == PAGE
        check_status(send(port, "GET", "/developers", BROWSER), 404, NOT_FOUND)
