"""Which web app a program serves: howmuch's own, another one, or none."""

from pathlib import Path
from typing import Any

import pytest

from howmuch.app import gateway
from howmuch.config.http import HttpSettings
from howmuch.config.settings import Settings
from tests.cli.program import as_process, in_process, running
from tests.gateway import schema
from tests.gateway.http_client import Reply, send
from tests.gateway.site_directory import PAGE, build_site
from tests.gateway.test_gateway_command import check_fails

BROWSER = {"accept": "text/html"}


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The web app of howmuch itself, built."""
    site = build_site(tmp_path / "web_app")
    monkeypatch.setattr(gateway, "WEB_APP", site)
    return site


@pytest.fixture
def not_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout without the built web app. An interrupted build leaves a directory without the page."""
    (tmp_path / "web_app" / "assets").mkdir(parents=True)
    monkeypatch.setattr(gateway, "WEB_APP", tmp_path / "web_app")


def settings(**http: Any) -> Settings:
    return Settings(http=HttpSettings(**http))


def test_built_web_app_is_served(built: Path) -> None:
    assert gateway.gateway_options(settings()).site == built
    assert not gateway.lacks_web_app(settings())


@pytest.mark.parametrize("http", [{"web": False}, {"descriptor_set": "x"}, {"reflect": True}])
def test_built_web_app_is_left_out(built: Path, http: dict[str, Any]) -> None:
    """When that is asked for, and in front of other services."""
    assert gateway.gateway_options(settings(**http)).site is None
    assert not gateway.lacks_web_app(settings(**http))


@pytest.mark.parametrize("http", [{}, {"web": False}, {"descriptor_set": "x"}])
def test_directory_that_is_named_is_served_in_its_place(
    built: Path, tmp_path: Path, http: dict[str, Any]
) -> None:
    assert gateway.gateway_options(settings(site=tmp_path, **http)).site == tmp_path


@pytest.mark.usefixtures("not_built")
def test_web_app_that_is_not_built_is_lacking() -> None:
    """Only where it would be served."""
    assert gateway.gateway_options(settings()).site is None
    assert gateway.lacks_web_app(settings())
    for http in ({"web": False}, {"descriptor_set": "x"}, {"site": "x"}):
        assert not gateway.lacks_web_app(settings(**http))


def ask(rest: str, target: str) -> Reply:
    return send(int(rest.rpartition(":")[2]), "GET", target, BROWSER)


def test_gateway_serves_the_directory_of_the_flag(tmp_path: Path) -> None:
    """In front of any service, and says where."""
    site, descriptors = build_site(tmp_path / "site"), tmp_path / "conformance.binpb"
    descriptors.write_bytes(schema.descriptor_set())
    arguments = ("--descriptor-set", str(descriptors), "--site", str(site))
    log = tmp_path / "log"
    with running(log, *arguments, "--listen", "127.0.0.1:0", command="gateway") as program:
        assert f"Web     {program.rest}\n" in program.output
        assert ask(program.rest, "/events/evt_1").body == PAGE
        assert ask(program.rest, "/developers").status == 200


@pytest.mark.slow
def test_run_serves_the_directory_of_the_setting(tmp_path: Path) -> None:
    """Beside howmuch's API, whose paths are never the page. The page of an invitation stays the server's."""
    site = build_site(tmp_path / "site")
    where = ("--data-dir", str(tmp_path / "data"), "--grpc-listen", "127.0.0.1:0")
    with running(tmp_path / "log", *where, HOWMUCH_HTTP__SITE=str(site)) as program:
        assert f"Web     {program.rest}\n" in program.output
        assert ask(program.rest, "/").body == PAGE
        assert ask(program.rest, "/v1/users/me").status == 401
        assert ask(program.rest, "/v1/nowhere").status == 404
        assert ask(program.rest, "/events/evt_1").body == PAGE
        assert "evt_1" not in program.log
        invitation = ask(program.rest, "/join/no-such-token")
        assert invitation.status == 400
        assert b"That did not work" in invitation.content


@pytest.mark.slow
def test_run_without_a_web_app_has_the_page_for_developers(tmp_path: Path) -> None:
    where = ("--data-dir", str(tmp_path / "data"), "--grpc-listen", "127.0.0.1:0")
    with running(tmp_path / "log", *where, HOWMUCH_HTTP__WEB="false") as program:
        assert "Web" not in program.output
        assert b"Read and try the API" in ask(program.rest, "/").content
        assert ask(program.rest, "/settings").status == 404


@pytest.mark.usefixtures("not_built")
def test_run_says_how_to_build_a_web_app_that_is_lacking() -> None:
    """In one line, and it starts all the same."""
    from howmuch.app import addresses_of_http

    rows = dict(addresses_of_http(settings(), "127.0.0.1:8080"))
    assert rows["Web"] == "not built; `make web` builds it"
    assert rows["REST"] == "http://127.0.0.1:8080"
    assert "Web" not in dict(addresses_of_http(settings(web=False), "127.0.0.1:8080"))


@pytest.mark.parametrize("content", [None, "assets"])
def test_directory_that_cannot_be_served_is_one_line(tmp_path: Path, content: str | None) -> None:
    """Naming the setting, the directory, and what it lacks."""
    site = tmp_path / "site"
    if content:
        (site / content).mkdir(parents=True)
    done = in_process("gateway", "--site", str(site), "--listen", "127.0.0.1:0")
    lacking = "has no index.html" if content else "is not a directory"
    check_fails(done, f"the gateway cannot start: http.site: {site} {lacking};")


@pytest.mark.slow
def test_run_with_a_wrong_directory_is_one_line(tmp_path: Path) -> None:
    where = ("--data-dir", str(tmp_path / "data"), "--grpc-listen", "127.0.0.1:0")
    done = as_process(
        "run", *where, "--http-listen", "127.0.0.1:0", HOWMUCH_HTTP__SITE=str(tmp_path)
    )
    assert done.returncode == 1
    assert f"http.site: {tmp_path} has no index.html" in done.stderr
    assert "Traceback" not in done.stderr
