"""Files with certificates: what is said of those that cannot be used, and when they are read again."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from howmuch.runtime import certificates
from howmuch.runtime.certificates import TlsFiles, Watched, read_pems, server_context
from tests.security.certificates import Authority


@pytest.fixture
def files(ours: Authority, tmp_path: Path) -> TlsFiles:
    """A certificate, its key and a CA."""
    return ours.issue(tmp_path / "files", ca=ours)


@pytest.fixture(autouse=True)
def look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are looked at whenever they are asked for."""
    monkeypatch.setattr(certificates, "CHECK_SECONDS", 0.0)


def only(path: Path | None) -> Path:
    assert path is not None
    return path


def test_pems_are_what_is_in_the_files(files: TlsFiles) -> None:
    """None where there is no file."""
    pems = read_pems(files)
    assert pems.certificate == only(files.certificate).read_bytes()
    assert pems.key == only(files.key).read_bytes()
    assert pems.ca == only(files.ca).read_bytes()
    assert read_pems(TlsFiles()) == certificates.Pems(None, None, None)


@pytest.mark.parametrize("name", ["certificate", "key", "ca"])
@pytest.mark.parametrize("make", [read_pems, server_context])
def test_file_that_cannot_be_used_is_named(files: TlsFiles, name: str, make: object) -> None:
    """In one line: one that is missing, one that is a directory, one that holds something else."""
    path = only(getattr(files, name))
    for spoil in (path.unlink, path.mkdir):
        spoil()
        check_refused(files, make, path)
    path.rmdir()
    for content in ("", "nonsense", "-----BEGIN CERTIFICATE-----\nnonsense\n"):
        path.write_text(content)
        check_refused(files, make, path)


def check_refused(files: TlsFiles, make: object, path: Path) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=str(path)) as caught:
        make(files)
    assert "\n" not in str(caught.value)


def test_key_of_another_certificate_is_refused(
    files: TlsFiles, ours: Authority, tmp_path: Path
) -> None:
    """It says which key, and of which certificate it is not."""
    other = replace(files, key=ours.issue(tmp_path / "other").key)
    with pytest.raises(ValueError, match="is not the key of the certificate in"):
        read_pems(other)


def test_key_with_a_passphrase_is_refused(files: TlsFiles) -> None:
    """Nobody is asked for it at a terminal."""
    path = only(files.key)
    key = load_pem_private_key(path.read_bytes(), None)
    encryption = BestAvailableEncryption(b"secret")
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    with pytest.raises(ValueError, match="without a passphrase"):
        read_pems(files)


def test_files_are_made_into_something_only_when_they_change(
    files: TlsFiles, ours: Authority, tmp_path: Path
) -> None:
    """Not when they are only touched; not while the key does not yet belong to the certificate."""
    watched = Watched(files, "test", read_pems)
    first = watched.current
    assert watched.renew() is None
    only(files.key).touch()
    assert watched.renew() is None
    other = ours.issue(tmp_path / "other")
    with structlog.testing.capture_logs() as logs:
        shutil.copy(only(other.certificate), only(files.certificate))
        assert [watched.renew() for _ in range(3)] == [None] * 3
        assert watched.current == first
        shutil.copy(only(other.key), only(files.key))
        renewed = watched.renew()
    assert renewed is not None
    assert renewed.key == only(other.key).read_bytes()
    assert watched.current == renewed
    assert watched.renew() is None
    assert [(entry["event"], entry["setting"]) for entry in logs] == [
        ("new certificate refused", "test"),
        ("certificate renewed", "test"),
    ]


def test_file_that_goes_and_comes_back(files: TlsFiles) -> None:
    """It is refused once while it is away; the same one changes nothing."""
    watched = Watched(files, "test", read_pems)
    path = only(files.ca)
    content = path.read_bytes()
    with structlog.testing.capture_logs() as logs:
        path.unlink()
        assert [watched.renew() for _ in range(2)] == [None] * 2
        path.write_bytes(content)
        assert watched.renew() is None
    assert [entry["event"] for entry in logs] == ["new certificate refused"]


def test_files_that_change_while_they_are_read_are_read_again(
    files: TlsFiles, ours: Authority, tmp_path: Path
) -> None:
    """A certificate of before and a key of after never come together."""
    other = ours.issue(tmp_path / "other", ca=ours)

    def swap() -> None:
        for old, new in ((files.certificate, other.certificate), (files.key, other.key)):
            shutil.copy(only(new), only(old))

    swaps = [swap]

    def read(given: TlsFiles) -> certificates.Pems:
        pems = read_pems(given)
        if swaps:
            swaps.pop()()
        return pems

    watched = Watched(files, "test", read)
    assert watched.current.key == only(other.key).read_bytes()
    swaps.append(lambda: only(files.ca).touch())
    only(files.certificate).touch()
    assert watched.renew() is None
    assert watched.current.key == only(other.key).read_bytes()


def test_home_directory_is_written_as_a_tilde(
    files: TlsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a shell."""
    directory = only(files.certificate).parent
    monkeypatch.setenv("HOME", str(directory))
    short = TlsFiles(*(Path("~") / only(path).name for path in (files.certificate, files.key)))
    assert read_pems(short).key == only(files.key).read_bytes()
