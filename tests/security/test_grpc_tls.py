"""gRPC over TLS: who is let in, and certificates that are replaced while calls go on."""

import ssl
import threading
from pathlib import Path

import grpc
import pytest
import structlog

from howmuch.client.channel import open_channel
from howmuch.runtime.certificates import TlsFiles
from howmuch.storage.database import Database
from tests.security.certificates import (
    Authority,
    MountedSecret,
    certificate_at,
    certificate_in,
    client_context,
    connect,
)
from tests.security.grpc_server import SERVING, answers, check, serving
from tests.waiting import until


@pytest.fixture
def trust(ours: Authority, tmp_path: Path) -> TlsFiles:
    """A client that trusts our authority, and shows nothing."""
    return TlsFiles(ca=ours.write(tmp_path / "trusted.pem"))


def test_only_clients_that_trust_the_authority_get_an_answer(
    sqlite_database: Database, ours: Authority, theirs: Authority, trust: TlsFiles, tmp_path: Path
) -> None:
    """Over TLS; plaintext is refused, and so is the server by whoever trusts another authority."""
    with serving(sqlite_database, ours.issue(tmp_path / "server")) as port:
        assert answers(port, trust)
        assert not answers(port, None)
        assert not answers(port, TlsFiles(ca=theirs.write(tmp_path / "other.pem")))
        assert answers(port, trust)


def test_server_without_tls_does_not_answer_clients_with_it(
    sqlite_database: Database, trust: TlsFiles
) -> None:
    """Nobody falls back to plaintext."""
    with serving(sqlite_database, None) as port:
        assert answers(port, None)
        assert not answers(port, trust)


def test_certificate_for_another_name_is_refused(
    sqlite_database: Database, ours: Authority, trust: TlsFiles, tmp_path: Path
) -> None:
    """The client compares it with the address it calls."""
    with serving(sqlite_database, ours.issue(tmp_path / "server", "other.example.com")) as port:
        assert not answers(port, trust)


def test_http_2_is_agreed_upon_and_old_versions_are_refused(
    sqlite_database: Database, ours: Authority, tmp_path: Path
) -> None:
    """ALPN h2 with TLS 1.2 and 1.3; TLS 1.1 ends in the handshake."""
    with serving(sqlite_database, ours.issue(tmp_path / "server")) as port:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = client_context(ours)
            context.minimum_version = context.maximum_version = version
            with connect(port, context, "h2") as connection:
                assert connection.selected_alpn_protocol() == "h2"
                assert connection.version() == version.name.replace("_", ".")
        with pytest.raises(OSError, match=r"(?i)alert|eof|reset"):
            connect(port, tls_1_1(ours), "h2")


def tls_1_1(authority: Authority) -> ssl.SSLContext:
    """A client of long ago."""
    context = client_context(authority)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def test_mutual_tls_asks_clients_for_a_certificate_of_the_authority(
    sqlite_database: Database, ours: Authority, theirs: Authority, trust: TlsFiles, tmp_path: Path
) -> None:
    """None, or one that another authority signed, gets no call through."""
    ca = trust.ca
    right = ours.issue(tmp_path / "right", "client.example.com")
    wrong = theirs.issue(tmp_path / "wrong", "client.example.com")
    with serving(sqlite_database, ours.issue(tmp_path / "server", ca=ours)) as port:
        assert answers(port, TlsFiles(right.certificate, right.key, ca))
        assert not answers(port, trust)
        assert not answers(port, TlsFiles(wrong.certificate, wrong.key, ca))
        assert not answers(port, None)


def test_certificate_is_replaced_under_load_and_no_call_fails(
    sqlite_database: Database, ours: Authority, trust: TlsFiles, tmp_path: Path
) -> None:
    """New connections see the old one, then the new one; a connection that stands goes on."""
    mounted = MountedSecret(tmp_path / "mounted")
    files = mounted.put(ours)
    failures: list[grpc.RpcError] = []
    stop = threading.Event()
    calls = 0

    def call_on_new_connections(port: int) -> None:
        nonlocal calls
        while not stop.is_set():
            with open_channel(f"127.0.0.1:{port}", trust) as channel:
                try:
                    check(channel)
                except grpc.RpcError as error:
                    failures.append(error)
            calls += 1

    with (
        serving(sqlite_database, files) as port,
        open_channel(f"127.0.0.1:{port}", trust) as member_state,
    ):
        assert check(member_state) == SERVING
        thread = threading.Thread(target=call_on_new_connections, args=(port,))
        thread.start()
        try:
            for _ in range(2):
                assert certificate_at(port, "h2") == certificate_in(files)
                mounted.put(ours)
                until(lambda: certificate_at(port, "h2") == certificate_in(files), "it is new")
                before = calls
                until(lambda: calls > before + 3, "calls go on")  # noqa: B023 - called at once
                assert check(member_state) == SERVING
        finally:
            stop.set()
            thread.join()
    assert failures == []


def test_broken_files_keep_the_old_certificate_and_are_logged_once(
    sqlite_database: Database, ours: Authority, tmp_path: Path
) -> None:
    """Whole ones that follow are taken."""
    mounted = MountedSecret(tmp_path / "mounted")
    files = mounted.put(ours)
    shown = certificate_in(files)
    with (
        serving(sqlite_database, files) as port,
        structlog.testing.capture_logs() as logs,
    ):
        mounted.spoil()

        def refused() -> bool:
            assert certificate_at(port, "h2") == shown
            return any(entry["event"] == "new certificate refused" for entry in logs)

        until(refused, "the new file is refused")
        mounted.put(ours)
        until(lambda: certificate_at(port, "h2") == certificate_in(files), "it is new")
    warnings = [entry for entry in logs if entry["log_level"] == "warning"]
    assert [(entry["setting"], "tls.crt" in entry["reason"]) for entry in warnings] == [
        ("grpc.tls", True)
    ]


def test_authority_of_clients_is_replaced_too(
    sqlite_database: Database, ours: Authority, theirs: Authority, trust: TlsFiles, tmp_path: Path
) -> None:
    """Whose certificates it no longer signs are refused from then on."""
    mounted = MountedSecret(tmp_path / "mounted")
    files = mounted.put(ours, ca=ours)
    leaves = [each.issue(tmp_path / name) for each, name in ((ours, "a"), (theirs, "b"))]
    before, after = (TlsFiles(leaf.certificate, leaf.key, trust.ca) for leaf in leaves)
    with serving(sqlite_database, files) as port:
        assert answers(port, before)
        assert not answers(port, after)
        mounted.put(ours, ca=theirs)
        until(lambda: answers(port, after), "the other authority counts")
        assert not answers(port, before)
