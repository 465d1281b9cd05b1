"""A web app beside the API: its files, with their types, caching and compression."""

import gzip
from collections.abc import Iterator

import pytest

from tests.gateway.backend import Backend
from tests.gateway.engine import running_gateway
from tests.gateway.http_client import Reply, send
from tests.gateway.site_directory import BROTLI, FILES, IMAGE, PAGE, SCRIPT, build_site
from tests.gateway.statuses import check_status
from tests.gateway.wire_client import WireClient

NOT_FOUND = 5
UNIMPLEMENTED = 12
FOREVER = "public, max-age=31536000, immutable"
APP = "/assets/app-1a2b3c.js"
POLICY = {
    "default-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
    "img-src": "'self' data: blob:",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
}


@pytest.fixture(scope="module")
def port(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A gateway with a site."""
    site = build_site(tmp_path_factory.mktemp("site"))
    with running_gateway(backend.port, site=site) as port:
        yield port


def get(port: int, target: str, **headers: str) -> Reply:
    return send(port, "GET", target, {name.replace("_", "-"): v for name, v in headers.items()})


def varies(reply: Reply) -> list[str]:
    """The headers of the request that the answer depends on, without that of CORS."""
    return [value for value in reply.values("vary") if value != "Origin"]


@pytest.mark.parametrize(
    ("target", "name", "content_type", "caching"),
    [
        ("/", "index.html", "text/html; charset=utf-8", "no-cache"),
        ("/index.html", "index.html", "text/html; charset=utf-8", "no-cache"),
        ("/sw.js", "sw.js", "text/javascript; charset=utf-8", "no-cache"),
        (
            "/manifest.webmanifest",
            "manifest.webmanifest",
            "application/manifest+json",
            "no-cache",
        ),
        ("/robots.txt", "robots.txt", "text/plain; charset=utf-8", "no-cache"),
        ("/icon.svg", "icon.svg", "image/svg+xml", "no-cache"),
        ("/icon.png", "icon.png", "image/png", "no-cache"),
        ("/favicon.ico", "favicon.ico", "image/x-icon", "no-cache"),
        (
            "/.well-known/assetlinks.json",
            ".well-known/assetlinks.json",
            "application/json",
            "no-cache",
        ),
        (APP, "assets/app-1a2b3c.js", "text/javascript; charset=utf-8", FOREVER),
        (
            "/assets/style-7a8b9c.css",
            "assets/style-7a8b9c.css",
            "text/css; charset=utf-8",
            FOREVER,
        ),
        ("/assets/text-aabbcc.woff2", "assets/text-aabbcc.woff2", "font/woff2", FOREVER),
    ],
)
def test_file_has_its_type_and_its_caching(
    port: int, target: str, name: str, content_type: str, caching: str
) -> None:
    """Files with a hash in the name are kept for good, all others are asked for again."""
    reply = get(port, target)
    assert (reply.status, reply.body) == (200, FILES[name])
    assert reply.values("content-type") == [content_type]
    assert reply.values("cache-control") == [caching]
    assert reply.values("content-length") == [str(len(FILES[name]))]


@pytest.mark.parametrize("target", ["/", "/events/evt_1", "/sw.js", APP, "/icon.svg"])
def test_file_has_the_policy_of_the_app(port: int, target: str) -> None:
    """Also scripts: a service worker and an opened image have the policy of their own file."""
    reply = get(port, target, accept="text/html")
    [policy] = reply.values("content-security-policy")
    parts = (part.strip().partition(" ") for part in policy.split(";"))
    assert {name: value for name, _, value in parts} == POLICY
    assert reply.values("cross-origin-opener-policy") == ["same-origin"]
    assert reply.values("cross-origin-resource-policy") == ["same-origin"]
    assert reply.values("referrer-policy") == ["no-referrer"]
    assert reply.values("x-content-type-options") == ["nosniff"]
    [permissions] = reply.values("permissions-policy")
    assert {"camera=()", "geolocation=()", "microphone=()"} <= set(permissions.split(", "))


@pytest.mark.parametrize("target", ["/", "/events/evt_1", "/robots.txt", APP])
def test_head_is_get_without_the_body(port: int, target: str) -> None:
    accept = {"accept": "text/html"}
    got, head = send(port, "GET", target, accept), send(port, "HEAD", target, accept)
    assert (head.status, head.body) == (200, b"")
    changing = {"x-request-id", "date"}
    assert [h for h in head.headers if h[0] not in changing] == [
        h for h in got.headers if h[0] not in changing
    ]


@pytest.mark.parametrize(
    ("accepted", "coding", "body"),
    [
        ("gzip, deflate, br", "br", BROTLI),
        ("gzip", "gzip", FILES["assets/app-1a2b3c.js.gz"]),
        ("br;q=0, gzip;q=0.5", "gzip", FILES["assets/app-1a2b3c.js.gz"]),
        ("*", "br", BROTLI),
        ("*;q=0", "", SCRIPT),
        ("gzip;q=0, br;q=0.0", "", SCRIPT),
        ("zstd", "", SCRIPT),
        ("", "", SCRIPT),
    ],
)
def test_compressed_form_is_for_clients_that_accept_it(
    port: int, accepted: str, coding: str, body: bytes
) -> None:
    """Every form has an ETag of its own, and says that another client gets another form."""
    reply = get(port, APP, **({"accept_encoding": accepted} if accepted else {}))
    assert (reply.status, reply.body) == (200, body)
    assert reply.values("content-encoding") == ([coding] if coding else [])
    assert reply.values("content-type") == ["text/javascript; charset=utf-8"]
    assert reply.values("content-length") == [str(len(body))]
    assert varies(reply) == ["accept-encoding"]


def test_file_without_a_compressed_form_is_compressed_by_the_gateway(port: int) -> None:
    """Images and fonts are compressed already."""
    script = get(port, "/assets/late-4d5e6f.js", accept_encoding="gzip, br")
    assert script.values("content-encoding") == ["gzip"]
    assert gzip.decompress(script.body) == FILES["assets/late-4d5e6f.js"]
    assert varies(script) == ["accept-encoding"]
    image = get(port, "/icon.png", accept_encoding="gzip, br")
    assert (image.values("content-encoding"), image.body) == ([], IMAGE)


@pytest.mark.parametrize("accepted", ["", "gzip", "br"])
@pytest.mark.parametrize("target", ["/", "/events/evt_1", "/sw.js", APP])
def test_file_that_has_not_changed_is_304(port: int, target: str, accepted: str) -> None:
    """With the headers that a cache has to know, and without a body."""
    headers = {"accept": "text/html", "accept_encoding": accepted}
    first = get(port, target, **headers)
    [etag] = first.values("etag")
    again = get(port, target, **headers, if_none_match=f'"other", {etag}')
    assert (again.status, again.body) == (304, b"")
    for name in ("etag", "cache-control", "vary"):
        assert again.values(name) == first.values(name)
    assert get(port, target, **headers, if_none_match='"other"').status == 200


def test_forms_of_a_file_have_different_etags(port: int) -> None:
    tags = {
        get(port, APP, accept_encoding=coding).values("etag")[0] for coding in ("", "gzip", "br")
    }
    assert len(tags) == 3


@pytest.mark.parametrize(
    "target",
    [
        f"{APP}.map",
        f"{APP}.map.gz",
        f"{APP}.br",
        f"{APP}.gz",
        "/.hidden",
        "/.git/config",
        "/assets",
        "/assets/",
        "/assets/missing",
        "/assets/missing.js",
        "/missing.png",
        "/events/photo.jpg",
    ],
)
def test_path_without_a_file_is_404(port: int, target: str) -> None:
    """Also for a browser: a page in the place of a script or an image helps nobody."""
    check_status(get(port, target, accept="text/html,*/*"), 404, NOT_FOUND)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_file_takes_no_other_method(port: int, method: str) -> None:
    reply = send(port, method, "/sw.js", {}, b"")
    check_status(reply, 405, UNIMPLEMENTED)
    assert reply.values("allow") == ["GET, HEAD, OPTIONS"]
    assert send(port, "OPTIONS", "/").values("allow") == ["GET, HEAD, OPTIONS"]


def test_files_come_over_a_connection_that_stays(port: int) -> None:
    """Lengths are right: the next answer begins where the last one ends."""
    with WireClient(port) as client:
        client.write("HEAD", APP)
        client.write("GET", APP, {"accept-encoding": "br"})
        client.write("GET", "/")
        assert client.reply("HEAD").status == 200
        assert client.reply().body == BROTLI
        assert client.reply().body == PAGE
