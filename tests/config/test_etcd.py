"""etcd as a layer: what it may say, what wins over it, and what is told of a fault."""

import secrets
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import trustme

from howmuch.config import ConfigError, load
from tests.cli.program import howmuch
from tests.etcd_server import EtcdServer, Keys, client
from tests.ports import free_address


@pytest.fixture
def keys(etcd_keys: Keys, monkeypatch: pytest.MonkeyPatch) -> Keys:
    """A prefix of this test alone, which the environment names."""
    for name, value in etcd_keys.environment().items():
        monkeypatch.setenv(name, value)
    return etcd_keys


def refused(flags: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load(flags or {})
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_etcd_wins_over_defaults_and_nothing_else(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file, the environment and a flag each win over what etcd says; its source is its name there."""
    for name in ("grpc/threads", "grpc/max_concurrent_rpcs", "workers", "log/level"):
        keys.put(name, "7" if name != "log/level" else "debug")
    Path("howmuch.yaml").write_text("grpc: {max_concurrent_rpcs: 8}\n")
    monkeypatch.setenv("HOWMUCH_WORKERS", "9")
    loaded = load({"log.level": "error"})
    settings, sources = loaded.settings, loaded.sources
    assert (settings.grpc.threads, sources["grpc.threads"]) == (
        7,
        f"etcd {keys.prefix}grpc/threads",
    )
    assert (settings.grpc.max_concurrent_rpcs, settings.workers) == (8, 9)
    assert (settings.log.level, sources["log.level"]) == ("error", "flag --log-level")
    assert sources["grpc.listen"] == "default"


def test_values_are_written_as_in_the_environment(keys: Keys) -> None:
    """Lists are one line, and the newline of a file that was put there is not part of the value."""
    keys.put("http/cors_origins", "https://a.example,https://b.example")
    keys.put("database/url", "postgresql://ann:hush@db/howmuch\n")
    settings = load({}).settings
    assert settings.http.cors_origins == ("https://a.example", "https://b.example")
    assert settings.database.url.get_secret_value() == "postgresql://ann:hush@db/howmuch"


def test_names_without_the_prefix_are_others(keys: Keys) -> None:
    """What begins with nearly the same letters belongs to somebody else."""
    near = keys.prefix[:-1] + "0"
    client(keys.url).put(near, "x")
    try:
        assert set(load({}).sources.values()) == {
            "default",
            "default, in data_dir",
            "environment HOWMUCH_ETCD__ENDPOINTS",
            "environment HOWMUCH_ETCD__PREFIX",
        }
    finally:
        client(keys.url).delete(near)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("grpc/threads", "many", "grpc.threads: expected a valid integer, not 'many'"),
        ("databse/url", "x", "databse.url is not a setting; did you mean database.url?"),
        ("log", "info", "log: expected settings in it, such as log.level"),
        ("grpc.threads", "8", "expected the name PREFIXgrpc/threads"),
        (
            "etcd/prefix",
            "/a/",
            "etcd.prefix cannot come from etcd, because it says how to reach etcd",
        ),
        (
            "database/url_file",
            "/a",
            "database.url_file is not a setting; did you mean database.url",
        ),
        (
            "broker/url",
            "http://ann:hush@mq",
            "broker.url: expected amqp://user:password@host/vhost",
        ),
    ],
)
def test_wrong_name_or_value_is_one_line(keys: Keys, name: str, value: str, expected: str) -> None:
    """The name in etcd, the setting, and what was expected; no password."""
    keys.put(name, value)
    told = refused()
    assert told.startswith(f"etcd {keys.prefix}{name}: {expected.replace('PREFIX', keys.prefix)}")
    assert "hush" not in told


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (
            "log/level",
            "loud",
            "log.level: expected 'debug', 'info', 'warning' or 'error', not 'loud'",
        ),
        ("log/levle", "info", "log.levle is not a setting; did you mean log.level?"),
        ("log.level", "info", "expected the name"),
        ("mail/window_seconds", "soon", "mail.window_seconds: expected a valid number, not 'soon'"),
        (
            "rate_limits/link_by_per",
            "1 per hour",
            "rate_limits.link_by_per is not a setting; did you",
        ),
    ],
)
def test_mistake_in_a_live_setting_does_not_keep_the_program_down(
    keys: Keys, name: str, value: str, expected: str
) -> None:
    """It is ignored and told, as while the program runs."""
    keys.put(name, value)
    keys.put("grpc/threads", "7")
    loaded = load({})
    assert loaded.settings.grpc.threads == 7
    assert loaded.settings.log.level == "info"
    [told] = loaded.ignored
    assert told.startswith(f"etcd {keys.prefix}{name}: {expected}")


def put(keys: Keys, *values: str) -> CompletedProcess[str]:
    """`howmuch config put`, in the environment of the test."""
    named: dict[str, Any] = keys.environment()
    return howmuch("config", "put", *values, **named)


def test_put_writes_what_is_right(keys: Keys) -> None:
    """One setting, or several that are right only together."""
    done = put(keys, "log.level=debug")
    assert (done.returncode, done.stdout) == (0, f"Set {keys.prefix}log/level.\n")
    assert (
        put(keys, "grpc.tls.certificate=/c.pem", "grpc.tls.key=/k.pem", "workers=2").returncode == 0
    )
    settings = load({}).settings
    assert (settings.log.level, settings.workers) == ("debug", 2)
    assert settings.grpc.tls.key == Path("/k.pem")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("log.levle=debug", "log.levle is not a setting; did you mean log.level?"),
        ("log.level=loud", "expected 'debug', 'info', 'warning' or 'error', not 'loud'"),
        ("grpc.threads=many", "expected a valid integer, not 'many'"),
        ("etcd.prefix=/a/", "etcd.prefix cannot come from etcd"),
        ("grpc.tls.certificate=/c.pem", "grpc.tls"),
        ("log.level", "is not KEY=VALUE"),
    ],
)
def test_put_refuses_what_is_wrong(keys: Keys, given: str, expected: str) -> None:
    """And writes nothing, also not the setting beside it that is right."""
    done = put(keys, "workers=3", given)
    assert done.returncode == 2
    assert expected in done.stderr
    assert load({}).settings.workers == 1
    assert load({}).ignored == ()


def test_put_corrects_what_keeps_the_program_down(keys: Keys) -> None:
    """One after the other, while the rest is still wrong."""
    keys.put("grpc/threads", "many")
    keys.put("workers", "several")
    refused()
    for right in ("grpc.threads=8", "workers=2"):
        assert put(keys, right).returncode == 0
    assert (load({}).settings.grpc.threads, load({}).settings.workers) == (8, 2)


def test_etcd_that_does_not_answer_is_one_line() -> None:
    """Each endpoint and its reason, in a few words."""
    first, second = (free_address() for _ in range(2))
    assert refused({"etcd.endpoints": f"http://{first},{second}"}) == (
        f"etcd: cannot be read: http://{first}: Connection refused; {second}: Connection refused"
    )


def test_endpoints_are_tried_in_turn(keys: Keys) -> None:
    """One that is away does not matter where the next one answers."""
    keys.put("workers", "3")
    away = free_address()
    assert load({"etcd.endpoints": f"{away},{keys.url}"}).settings.workers == 3


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"etcd.endpoints": "ftp://a:1"}, "expected addresses such as http://127.0.0.1:2379"),
        ({"etcd.endpoints": "http://a"}, "expected addresses such as http://127.0.0.1:2379"),
        ({"etcd.endpoints": "u:p@a:1"}, "expected addresses such as http://127.0.0.1:2379"),
        ({"etcd.endpoints": "a:1/x"}, "expected addresses such as http://127.0.0.1:2379"),
        ({"etcd.prefix": "/a"}, "etcd.prefix: "),
        ({"etcd.key": "a.pem"}, "expected both of etcd.certificate and etcd.key, or neither"),
    ],
)
def test_wrong_settings_of_etcd_are_told_before_it_is_asked(
    flags: dict[str, str], expected: str
) -> None:
    """As any other setting."""
    (key,) = flags
    assert refused(flags).startswith(f"flag --{key.replace('.', '-')}: ")
    assert expected in refused(flags)


def test_account_is_used_and_a_wrong_password_told(etcd_server: EtcdServer) -> None:
    """An etcd that wants to know who asks: with the password values come, without they do not."""
    password = secrets.token_hex(8)
    etcd = client(etcd_server.url)
    for path, body in (
        ("/auth/user/add", {"name": "root", "password": password}),
        ("/auth/role/add", {"name": "root"}),
        ("/auth/user/grant", {"user": "root", "role": "root"}),
    ):
        etcd.post(etcd.get_url(path), json=body)
    etcd.put("/howmuch/workers", "5")
    etcd.post(etcd.get_url("/auth/enable"), json={})
    where = {"etcd.endpoints": etcd_server.url, "etcd.user": "root"}
    assert load(where | {"etcd.password": password}).settings.workers == 5
    for flags in (where | {"etcd.password": "guess"}, {"etcd.endpoints": etcd_server.url}):
        told = refused(flags)
        assert told.startswith(f"etcd: cannot be read: {etcd_server.url}: etcdserver: ")
        assert "guess" not in told


def test_https_with_a_certificate_of_the_client(tmp_path: Path) -> None:
    """An etcd that shows a certificate and asks for one: each side trusts the same CA, and nobody else."""
    ca, stranger = trustme.CA(), trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    stranger.cert_pem.write_to_path(tmp_path / "stranger.pem")
    for name in ("server", "client"):
        made = ca.issue_cert("127.0.0.1")
        made.cert_chain_pems[0].write_to_path(tmp_path / f"{name}.pem")
        made.private_key_pem.write_to_path(tmp_path / f"{name}.key")
    server = EtcdServer(
        tmp_path,
        [
            *(
                "--cert-file",
                str(tmp_path / "server.pem"),
                "--key-file",
                str(tmp_path / "server.key"),
            ),
            *("--trusted-ca-file", str(tmp_path / "ca.pem"), "--client-cert-auth"),
        ],
    )
    server.start()
    try:
        server.wait()
        client(server.url).put("/howmuch/workers", "5")
        trusting = {"etcd.endpoints": server.tls_url, "etcd.ca": str(tmp_path / "ca.pem")}
        shown = {
            "etcd.certificate": str(tmp_path / "client.pem"),
            "etcd.key": str(tmp_path / "client.key"),
        }
        assert load(trusting | shown).settings.workers == 5
        for flags in (
            trusting,
            trusting | shown | {"etcd.ca": str(tmp_path / "stranger.pem")},
            shown | {"etcd.endpoints": server.tls_url},
        ):
            assert refused(flags).startswith(f"etcd: cannot be read: {server.tls_url}: ")
    finally:
        server.kill()


def test_certificates_that_are_not_there_are_one_line() -> None:
    """A file of TLS that cannot be read is named."""
    where = {"etcd.endpoints": f"https://{free_address()}", "etcd.ca": "/no/ca.pem"}
    assert "/no/ca.pem" in refused(where)
