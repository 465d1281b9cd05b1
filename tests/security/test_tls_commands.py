"""The program with TLS, as its users start it; and what it says of settings that cannot be."""

import json
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from howmuch.runtime.certificates import TlsFiles
from tests.cli.program import Running, howmuch, running
from tests.ports import free_address
from tests.security.certificates import (
    Authority,
    MountedSecret,
    certificate_at,
    certificate_in,
    client_context,
)
from tests.security.https_client import get
from tests.waiting import until


def settings_file(path: Path, **settings: Any) -> Path:
    """YAML takes JSON."""
    path.write_text(json.dumps(settings, default=str))
    return path


def server_tls(files: TlsFiles) -> dict[str, Any]:
    """Settings of something that listens."""
    found = {"certificate": files.certificate, "key": files.key, "client_ca": files.ca}
    return {name: path for name, path in found.items() if path}


def rest_port(program: Running) -> int:
    scheme, _, address = program.rest.partition("://")
    assert scheme == "https", program.output
    return int(address.rpartition(":")[2])


def demo(program: Running, *flags: str) -> subprocess.CompletedProcess[str]:
    return howmuch("demo", "--json", "--server", program.address, *flags)


def check_fails(done: subprocess.CompletedProcess[str], *words: str, code: int) -> None:
    """One line, with these words."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    [line] = [line for line in done.stderr.splitlines() if line.strip()]
    for word in words:
        assert word in line


def test_client_remembers_how_a_server_is_reached(ours: Authority, tmp_path: Path) -> None:
    """What was said at the sign-up holds for every later command."""
    files = MountedSecret(tmp_path / "mounted").put(ours)
    config = settings_file(
        tmp_path / "howmuch.yaml",
        data_dir=tmp_path / "data",
        grpc={"listen": "127.0.0.1:0", "tls": server_tls(files)},
    )
    ours.write(tmp_path / "ca.pem")
    with running(tmp_path / "log", "--config", str(config)) as it:
        home = {"XDG_CONFIG_HOME": str(tmp_path / "home")}
        account = ("ana@example.com", "--name", "Ana", "--password-stdin", "--ca", "ca.pem")
        command = ("signup", *account, "--server", it.address)
        done = howmuch(*command, cwd=tmp_path, stdin="correct horse battery", **home)
        assert done.returncode == 0, done.stderr
        shown = howmuch("whoami", cwd=tmp_path / "data", **home)
        assert f"{it.address} (TLS)" in shown.stdout


@pytest.mark.slow
def test_run_serves_tls_and_renews_its_certificates(ours: Authority, tmp_path: Path) -> None:
    """Both ports, without a restart; the demo talks to it where it is told of the authority."""
    mounted = MountedSecret(tmp_path / "mounted")
    files = mounted.put(ours)
    config = settings_file(
        tmp_path / "howmuch.yaml",
        data_dir=tmp_path / "data",
        grpc={"listen": "127.0.0.1:0", "tls": server_tls(files)},
        http={"listen": "127.0.0.1:0", "tls": server_tls(files)},
    )
    ca = str(ours.write(tmp_path / "ca.pem"))
    with running(tmp_path / "log", "--config", str(config), "--http-listen", "127.0.0.1:0") as it:
        assert f"howmuch demo --server {it.address} --tls" in it.output
        assert json.loads(demo(it, "--ca", ca).stdout)["settlement"]
        check_fails(demo(it), "does not answer", code=1)
        check_fails(demo(it, "--tls"), "does not answer", code=1)
        check_fails(demo(it, "--ca", str(tmp_path / "no.pem")), "cannot be read", code=1)
        check_fails_as_usage(demo(it, "--certificate", ca))
        rest, grpc = rest_port(it), int(it.address.rpartition(":")[2])
        assert get(rest, client_context(ours), "/readyz").status == 200
        mounted.put(ours)

        def is_new(port: int) -> bool:
            return certificate_at(port, *alpn(port == grpc)) == certificate_in(files)

        for port in (rest, grpc):
            until(partial(is_new, port), "new")
        assert it.stop() == 0
        assert it.log.count("certificate renewed") == 2


def alpn(is_grpc: bool) -> list[str]:
    return ["h2"] if is_grpc else []


def check_fails_as_usage(done: subprocess.CompletedProcess[str]) -> None:
    """The two flags belong together."""
    assert done.returncode == 2
    assert "--certificate and --key belong together" in done.stderr


@pytest.mark.slow
def test_workers_serve_tls(ours: Authority, tmp_path: Path) -> None:
    """Each of those that share the ports."""
    files = ours.issue(tmp_path / "server")
    config = settings_file(
        tmp_path / "howmuch.yaml",
        data_dir=tmp_path / "data",
        workers=2,
        grpc={"listen": free_address(), "tls": server_tls(files)},
        http={"tls": server_tls(files)},
    )
    with running(tmp_path / "log", "--config", str(config)) as it:
        ca = str(ours.write(tmp_path / "ca.pem"))
        assert json.loads(demo(it, "--ca", ca).stdout)["settlement"]
        for _ in range(4):
            assert get(rest_port(it), client_context(ours), "/readyz").status == 200
        assert it.stop() == 0


@pytest.mark.slow
def test_gateway_reaches_a_server_by_mutual_tls(
    ours: Authority, theirs: Authority, tmp_path: Path
) -> None:
    """`serve` lets in who shows a certificate; `gateway` does, and asks its own clients for one."""
    data = ("--data-dir", str(tmp_path / "data"))
    assert howmuch("db", "upgrade", *data).returncode == 0
    server = ours.issue(tmp_path / "server", "howmuch.example.com", ca=ours)
    config = settings_file(
        tmp_path / "serve.yaml", grpc={"listen": "127.0.0.1:0", "tls": server_tls(server)}
    )
    ca = str(ours.write(tmp_path / "ca.pem"))
    shown = ours.issue(tmp_path / "gateway", ca=theirs)
    client = theirs.issue(tmp_path / "client")
    with running(tmp_path / "serve.log", "--config", str(config), *data, command="serve") as serve:
        flags = (
            *("--upstream", serve.address, "--upstream-tls-enabled", "true"),
            *("--upstream-tls-ca", ca, "--upstream-tls-server-name", "howmuch.example.com"),
            *("--upstream-tls-certificate", str(shown.certificate)),
            *("--upstream-tls-key", str(shown.key)),
            *("--tls-certificate", str(shown.certificate), "--tls-key", str(shown.key)),
            *("--tls-client-ca", str(shown.ca), "--listen", "127.0.0.1:0"),
        )
        with running(tmp_path / "gateway.log", *flags, command="gateway") as gateway:
            port, context = rest_port(gateway), client_context(ours, shows=client)
            until(lambda: get(port, context, "/readyz").status == 200, "the upstream is there")
            answer = get(port, context, "/v1/users/me")
            assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert gateway.stop() == 0
        check_fails(demo(serve, "--ca", ca), "does not answer", code=1)
        assert serve.stop() == 0


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("GRPC__TLS__CERTIFICATE", "expected grpc.tls.certificate and grpc.tls.key together"),
        ("HTTP__TLS__KEY", "expected http.tls.certificate and http.tls.key together"),
        (
            "GRPC__TLS__CLIENT_CA",
            "expected grpc.tls.certificate, because grpc.tls.client_ca needs TLS",
        ),
        ("HTTP__UPSTREAM_TLS__KEY", "http.upstream_tls.key together"),
        ("HTTP__UPSTREAM_TLS__CA", "expected http.upstream_tls.enabled to be true"),
        ("HTTP__UPSTREAM_TLS__SERVER_NAME", "expected http.upstream_tls.enabled to be true"),
    ],
)
def test_setting_that_is_of_no_use_alone_is_one_line(variable: str, words: str) -> None:
    """It names what is missing and where the other one came from; the program does not start without TLS."""
    setting: dict[str, Any] = {f"HOWMUCH_{variable}": "file.pem"}
    done = howmuch("config", "show", **setting)
    check_fails(done, f"environment HOWMUCH_{variable}", words, code=2)


@pytest.mark.parametrize("command", ["gateway", pytest.param("serve", marks=pytest.mark.slow)])
def test_file_that_cannot_be_used_is_one_line(
    command: str, ours: Authority, tmp_path: Path
) -> None:
    """One that is missing, and a key of another certificate."""
    good, other = ours.issue(tmp_path / "good"), ours.issue(tmp_path / "other")
    group = "GRPC" if command == "serve" else "HTTP"
    data: dict[str, Any] = {"HOWMUCH_DATA_DIR": str(tmp_path / "data")}
    assert howmuch("db", "upgrade", **data).returncode == 0

    def start(certificate: Path | None, key: Path | None) -> subprocess.CompletedProcess[str]:
        files: dict[str, Any] = {
            f"HOWMUCH_{group}__TLS__CERTIFICATE": str(certificate),
            f"HOWMUCH_{group}__TLS__KEY": str(key),
            f"HOWMUCH_{group}__LISTEN": "127.0.0.1:0",
        }
        return howmuch(command, **data, **files)

    missing = tmp_path / "no.pem"
    check_fails(start(missing, good.key), "cannot start", f"{missing} cannot be read", code=1)
    words = f"{other.key} is not the key of the certificate in {good.certificate}"
    check_fails(start(good.certificate, other.key), "cannot start", words, code=1)
