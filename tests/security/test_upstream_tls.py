"""The gateway as a client: TLS and mutual TLS to the service behind it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from howmuch.gateway.reflect import fetch_descriptor_set
from howmuch.runtime.certificates import TlsFiles
from tests.gateway.engine import running_gateway
from tests.gateway.http_client import send
from tests.security.certificates import Authority, MountedSecret
from tests.security.identifying_upstream import running_upstream
from tests.waiting import until


@pytest.fixture
def trust(ours: Authority, tmp_path: Path) -> TlsFiles:
    """A gateway that trusts our authority, and shows nothing."""
    return TlsFiles(ca=ours.write(tmp_path / "trusted.pem"))


def status_through(port: int, target: str = "/v1/resp") -> int:
    return send(port, "GET", target).status


def test_upstream_is_reached_by_tls(
    ours: Authority, theirs: Authority, trust: TlsFiles, tmp_path: Path
) -> None:
    """Not without it, and not where another authority has signed its certificate: 503."""
    with running_upstream(ours.issue(tmp_path / "server")) as upstream:
        with running_gateway(upstream.port, upstream_tls=trust) as port:
            assert status_through(port) == 200
            assert send(port, "GET", "/readyz").status == 200
        wrong = TlsFiles(ca=theirs.write(tmp_path / "other.pem"))
        for tls in (None, wrong):
            with running_gateway(upstream.port, upstream_tls=tls) as port:
                assert status_through(port) == 503
                assert send(port, "GET", "/readyz").status == 503
    assert upstream.callers == [""]


def test_upstream_whose_certificate_has_another_name(
    ours: Authority, trust: TlsFiles, tmp_path: Path
) -> None:
    """It is expected where it is set, and refused where it is not."""
    with running_upstream(ours.issue(tmp_path / "server", "howmuch.example.com")) as upstream:
        for name, status in (("", 503), ("howmuch.example.com", 200), ("x.example.com", 503)):
            options = {"upstream_tls": trust, "upstream_server_name": name}
            with running_gateway(upstream.port, **options) as port:
                assert status_through(port) == status


def test_gateway_shows_its_certificate(
    ours: Authority, theirs: Authority, trust: TlsFiles, tmp_path: Path
) -> None:
    """An upstream with mutual TLS takes one of its authority, and no other and none."""
    right, wrong = (
        replace(each.issue(tmp_path / name, "gateway.example.com"), ca=trust.ca)
        for each, name in ((ours, "right"), (theirs, "wrong"))
    )
    with running_upstream(ours.issue(tmp_path / "server", ca=ours)) as upstream:
        for tls, status in ((right, 200), (wrong, 503), (trust, 503)):
            with running_gateway(upstream.port, upstream_tls=tls) as port:
                assert status_through(port) == status
    assert upstream.callers == ["gateway.example.com"]


def test_descriptors_are_asked_for_over_tls(
    ours: Authority, trust: TlsFiles, tmp_path: Path
) -> None:
    """With the certificate, too."""
    shown = replace(ours.issue(tmp_path / "client", "gateway.example.com"), ca=trust.ca)
    server = ours.issue(tmp_path / "server", "howmuch.example.com", ca=ours)
    with running_upstream(server) as upstream:
        address = f"127.0.0.1:{upstream.port}"
        assert b"conformance" in fetch_descriptor_set(address, 20.0, shown, "howmuch.example.com")


def test_certificate_of_the_gateway_is_replaced_under_load(
    ours: Authority, trust: TlsFiles, tmp_path: Path
) -> None:
    """No request fails: one under way ends where it began, later ones show the new certificate."""
    mounted = MountedSecret(tmp_path / "mounted")
    files = replace(mounted.put(ours, name="first.example.com"), ca=trust.ca)
    with (
        running_upstream(ours.issue(tmp_path / "server", ca=ours)) as upstream,
        running_gateway(upstream.port, upstream_tls=files) as port,
        ThreadPoolExecutor(1) as threads,
    ):
        under_way = threads.submit(status_through, port, "/v1/search")
        until(lambda: upstream.callers == ["first.example.com"], "a call is under way")
        mounted.put(ours, name="second.example.com")

        def renewed() -> bool:
            assert status_through(port) == 200
            return upstream.callers[-1] == "second.example.com"

        until(renewed, "the new certificate is shown")
        assert not under_way.done()
        upstream.go_on.set()
        assert under_way.result() == 200
        assert set(upstream.callers) == {"first.example.com", "second.example.com"}
