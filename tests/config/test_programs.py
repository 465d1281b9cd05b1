"""etcd as whole programs use it: read at the start, and followed while they run."""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest

from howmuch.v1 import user_service_pb2, user_service_pb2_grpc
from tests.cli.program import Running, howmuch, in_process, running
from tests.e2e.test_mail_of_run import sign_up
from tests.etcd_server import EtcdServer, Keys
from tests.mail_delivery.mail_files import to
from tests.mail_delivery.verified import verify_addresses
from tests.ports import free_address
from tests.waiting import until

LIMIT = "rate_limits/reset_by_account"
SECONDS = 60.0
"""For what takes a moment on a machine that has nothing else to do."""


def test_config_show_names_etcd(etcd_keys: Keys) -> None:
    """Each value with its name there; what is secret stays so."""
    etcd_keys.put("grpc/threads", "7")
    etcd_keys.put("database/url", "postgresql://ann:hush@db/howmuch")
    done = howmuch(
        *("config", "show", "--etcd-endpoints", etcd_keys.url),
        HOWMUCH_ETCD__PREFIX=etcd_keys.prefix,
        HOWMUCH_ETCD__PASSWORD="hush",
    )
    lines = {tuple(re.split(r"  +", line)) for line in done.stdout.splitlines()}
    source = f"etcd {etcd_keys.prefix}"
    assert ("grpc.threads", "7", f"{source}grpc/threads") in lines
    assert ("database.url", "postgresql://ann:***@db/howmuch", f"{source}database/url") in lines
    assert ("etcd.endpoints", etcd_keys.url, "flag --etcd-endpoints") in lines
    assert ("etcd.password", "***", "environment HOWMUCH_ETCD__PASSWORD") in lines
    assert "hush" not in done.stdout + done.stderr


@pytest.mark.parametrize("command", ["run", "serve", "gateway", "worker"])
def test_program_without_its_etcd_does_not_start(command: str) -> None:
    """It cannot know what etcd would have said: one line, and exit code 2."""
    address = free_address()
    done = in_process(command, "--etcd-endpoints", address)
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        f"howmuch: etcd: cannot be read: {address}: Connection refused\n",
    )


def test_wrong_value_in_etcd_does_not_start(etcd_keys: Keys) -> None:
    """The name there and what was expected: one line, and exit code 2."""
    etcd_keys.put("workers", "two")
    variables: dict[str, Any] = {**etcd_keys.environment()}
    done = in_process("serve", **variables)
    assert (done.returncode, done.stderr) == (
        2,
        f"howmuch: etcd {etcd_keys.prefix}workers: workers: expected a valid integer, not 'two'\n",
    )


def config_of(keys: Keys, tmp_path: Path) -> tuple[str, ...]:
    """Arguments: an empty directory of data, JSON logs, and a file that says where etcd is.

    The file also has all calls come from one address, as many as there are.
    """
    file = tmp_path / "etcd.yaml"
    file.write_text(
        f"etcd: {{endpoints: ['{keys.url}'], prefix: {keys.prefix}, timeout_seconds: 20}}\n"
        "rate_limits: {reset_by_peer: 1000000 per hour}\n"
    )
    data = ("--data-dir", str(tmp_path / "data"))
    return (*data, "--config", str(file), "--log-format", "json")


def asks(address: str) -> Callable[[], bool]:
    """Asks for a new password of one account, over a connection of its own; whether it may."""
    email = f"{secrets.token_hex(4)}@example.com"

    def ask() -> bool:
        with grpc.insecure_channel(address) as channel:
            stub = user_service_pb2_grpc.UserServiceStub(channel)
            try:
                stub.RequestPasswordReset(
                    user_service_pb2.RequestPasswordResetRequest(email=email),
                    timeout=SECONDS,
                    wait_for_ready=True,
                )
            except grpc.RpcError as error:
                if error.code() is not grpc.StatusCode.RESOURCE_EXHAUSTED:
                    raise
                return False
            return True

    return ask


def changed(program: Running) -> list[tuple[str, str]]:
    """Keys and values that its processes have said to be changed."""
    return [(line["key"], line["value"]) for line in program.logged("setting changed")]


@pytest.mark.killed
def test_serve_follows_rate_limits_through_a_crash_of_etcd(
    etcd_server: EtcdServer, tmp_path: Path
) -> None:
    """Limits change while it serves, stay while etcd is away, and change again when it is back."""
    keys = Keys(etcd_server.url, "/howmuch/")
    keys.put(LIMIT, "2 per hour")
    arguments = config_of(keys, tmp_path)
    assert howmuch("db", "upgrade", *arguments[:4]).returncode == 0
    where = (*arguments, "--grpc-listen", "127.0.0.1:0")
    with running(tmp_path / "log", *where, command="serve") as server:
        ask = asks(server.address)
        assert [ask(), ask(), ask()] == [True, True, False]
        keys.put(LIMIT, "1000 per hour")
        until(ask, seconds=SECONDS)
        etcd_server.kill()
        until(lambda: "etcd is away" in server.log, seconds=SECONDS)
        assert all(ask() for _ in range(5))
        elsewhere = EtcdServer(etcd_server.directory)
        elsewhere.start()
        elsewhere.wait()
        Keys(elsewhere.url, keys.prefix).put(LIMIT, "1 per day")
        elsewhere.kill()
        etcd_server.start()
        until(lambda: not ask(), seconds=SECONDS)
        assert server.stop() == 0
    assert changed(server) == [
        ("rate_limits.reset_by_account", "1000 per hour"),
        ("rate_limits.reset_by_account", "1 per day"),
    ]
    assert server.log.count("etcd is away") == 1


@pytest.mark.slow
def test_all_workers_follow(etcd_keys: Keys, tmp_path: Path) -> None:
    """Each process of --workers takes the limit over, and the parent too knows."""
    etcd_keys.put(LIMIT, "1 per hour")
    where = (*config_of(etcd_keys, tmp_path), "--grpc-listen", free_address(), "--workers", "2")
    with running(tmp_path / "log", *where) as server:
        ask = asks(server.address)
        assert sum(ask() for _ in range(10)) <= 2
        etcd_keys.put(LIMIT, "1000 per hour")
        until(lambda: len(changed(server)) == 3, seconds=SECONDS)
        assert all(ask() for _ in range(10))
        assert server.stop() == 0


@pytest.fixture(params=["run", "gateway"])
def quiet(request: pytest.FixtureRequest, etcd_keys: Keys, tmp_path: Path) -> Iterator[Running]:
    """A program that logs errors alone, since etcd says so."""
    etcd_keys.put("log/level", "error")
    where = config_of(etcd_keys, tmp_path)
    if request.param == "gateway":
        where = (*where[2:], "--listen", free_address())
    else:
        where = (*where, "--grpc-listen", "127.0.0.1:0")
    with running(tmp_path / "log", *where, command=request.param) as server:
        yield server
        assert server.stop() == 0


def test_level_of_the_log_follows(quiet: Running, etcd_keys: Keys) -> None:
    """Loggers that were used before write by the new level."""
    server = quiet
    httpx.get(f"{server.rest}/v1/users/me", timeout=30)
    assert server.log == ""
    etcd_keys.put("log/level", "info")
    until(lambda: changed(server) == [("log.level", "info")], seconds=SECONDS)
    assert server.stop() == 0
    assert '"event":"stopped"' in server.log


@pytest.mark.slow
def test_window_of_mails_follows(etcd_keys: Keys, tmp_path: Path) -> None:
    """A change that is made after it has been shortened is mailed at once."""
    etcd_keys.put("mail/window_seconds", "86400")
    where = (*config_of(etcd_keys, tmp_path), "--grpc-listen", "127.0.0.1:0")
    with running(tmp_path / "log", *where) as server:
        etcd_keys.put("mail/window_seconds", "0.1")
        until(lambda: changed(server) == [("mail.window_seconds", "0.1")], seconds=SECONDS)
        mails = tmp_path / "data" / "mail"
        with closing(sign_up(server, "ana")) as ana, closing(sign_up(server, "bo")) as bo:
            verify_addresses(f"sqlite:///{tmp_path / 'data' / 'howmuch.db'}")
            event = ana.post("/v1/events", json={"name": "Lisbon", "currencyCode": "EUR"}).json()
            invited = ana.post(
                f"/v1/events/{event['id']}/invitations", json={"role": "ROLE_EDITOR"}
            ).json()
            bo.post(f"/v1/invitations/{invited['token']}:accept", json={}).raise_for_status()
        until(lambda: to(mails, "ana@example.com", "bo"), seconds=SECONDS)
        assert server.stop() == 0


@pytest.mark.slow
def test_worker_follows(etcd_keys: Keys, tmp_path: Path) -> None:
    """`howmuch worker` on its own takes the window over."""
    arguments = config_of(etcd_keys, tmp_path)
    assert howmuch("db", "upgrade", *arguments[:4]).returncode == 0
    with running(tmp_path / "log", *arguments, command="worker") as worker:
        etcd_keys.put("mail/window_seconds", "0.1")
        until(lambda: changed(worker) == [("mail.window_seconds", "0.1")], seconds=SECONDS)
        assert worker.stop() == 0
