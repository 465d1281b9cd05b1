"""Signing up, logging in and out, and the file in which that is kept."""

import json
import os
import stat
from pathlib import Path

import pytest

from howmuch.client.profiles import Profile, keep, profiles_path, read_profiles
from tests.cli.client.conftest import PASSWORD, Person
from tests.cli.program import Running
from tests.ports import free_address


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_session_is_kept_for_its_user_alone(server: Running, tmp_path: Path) -> None:
    """The file has mode 0600 in a directory of 0700, whatever the umask, and holds no password."""
    person = Person(tmp_path, server.address)
    umask = os.umask(0)
    try:
        person.sign_up("Modest", "modest@example.com")
    finally:
        os.umask(umask)
    assert (mode(person.file.parent), mode(person.file)) == (0o700, 0o600)
    assert PASSWORD not in person.file.read_text()
    assert [path.name for path in person.file.parent.iterdir()] == ["client.json"]


def test_file_is_never_there_with_a_wider_mode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes its name only when it has its mode and its content."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    seen: list[tuple[int, bool]] = []
    replace = Path.replace

    def spy(self: Path, target: Path) -> Path:
        seen.append((mode(self), json.loads(self.read_text())["current"] == "a:1"))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", spy)
    umask = os.umask(0)
    try:
        keep(Profile("a:1", token="secret"))
    finally:
        os.umask(umask)
    assert seen == [(0o600, True)]


def test_several_servers_are_kept_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one used last is called where none is named; TLS is remembered with its server."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    first = Profile("a:1", token="x", tls=True, ca="/ca.pem")
    keep(first)
    keep(Profile("b:1", token="y"))
    known = read_profiles()
    assert known.of(None).address == "b:1"
    assert known.of("a:1") == first
    assert known.of("c:1") == Profile("c:1")


def test_relative_xdg_directory_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the XDG specification has it: the default is used."""
    monkeypatch.setenv("XDG_CONFIG_HOME", "here")
    assert profiles_path() == Path.home() / ".config" / "howmuch" / "client.json"


@pytest.mark.parametrize(
    ("text", "wide", "line"),
    [
        (
            '{"current": "a:1", "servers": {}}',
            0o644,
            "other users can open it (mode 0644): run `chmod 600 ",
        ),
        ("not JSON", 0o600, "is damaged: remove it, then run `howmuch login`."),
        ('{"servers": []}', 0o600, "is damaged: remove it"),
        ('{"current": "a", "servers": {"a": 1}}', 0o600, "is damaged"),
    ],
    ids=["wide", "no JSON", "other JSON", "other values"],
)
def test_file_that_cannot_be_trusted_is_refused(
    tmp_path: Path, text: str, wide: int, line: str
) -> None:
    """One line that names the file and says what to do."""
    person = Person(tmp_path, free_address())
    person.file.parent.mkdir()
    person.file.write_text(text)
    person.file.chmod(wide)
    said = person.fail("whoami")
    assert said.startswith(str(person.file))
    assert line in said


def test_commands_without_a_session_say_how_to_log_in(server: Running, tmp_path: Path) -> None:
    """Nothing is sent."""
    said = Person(tmp_path, server.address).fail("balance")
    assert said.startswith(f"You are not logged in to {server.address}: run `howmuch login")


def test_log_out_ends_the_session_here_and_on_the_server(server: Running, tmp_path: Path) -> None:
    """A copy of the token is worth nothing afterwards; logging in again is all there is to do."""
    person = Person(tmp_path / "own", server.address)
    person.sign_up("Leaver", "leaver@example.com")
    copy = Person(tmp_path / "copy", server.address)
    copy.file.parent.mkdir(parents=True)
    copy.file.write_bytes(person.file.read_bytes())
    copy.file.chmod(0o600)
    assert copy.ask("whoami")["email"] == "leaver@example.com"
    person.do("logout")
    assert "not logged in" in person.fail("whoami")
    assert copy.fail("whoami").endswith("Log in again. Run `howmuch login`.")
    person.do("login", "LEAVER@example.com", "--password-stdin", stdin=PASSWORD + "\n")
    assert person.ask("whoami")["name"] == "Leaver"


def test_wrong_password_and_taken_address(ana: Person, tmp_path: Path) -> None:
    """The server's sentence, and what to do; nothing is kept."""
    other = Person(tmp_path, ana.address)
    said = other.fail("login", "ana@example.com", "--password-stdin", stdin="wrong horse battery")
    assert said == "The address or the password is wrong."
    taken = ("signup", "ana@example.com", "--name", "A", "--password-stdin")
    assert other.fail(*taken, stdin=PASSWORD).endswith("If it is yours, run `howmuch login`.")
    assert not other.file.exists()


def test_password_is_asked_for_at_a_terminal_alone(ana: Person) -> None:
    """A script is told of --password-stdin, and no flag takes a password."""
    assert "--password-stdin" in ana.fail("login", "ana@example.com", code=2)
    assert "EMAIL is missing" in ana.fail("login", "--password-stdin", code=2, stdin=PASSWORD)
    assert "--password TEXT" not in ana.do("login", "--help")


def test_server_that_is_not_there(tmp_path: Path) -> None:
    """One line that says what may be wrong."""
    person = Person(tmp_path, free_address())
    said = person.fail("login", "ana@example.com", "--password-stdin", stdin=PASSWORD)
    assert said.startswith(f"{person.address} does not answer; is `howmuch run` running there? (")


def test_certificate_that_is_not_there(tmp_path: Path) -> None:
    """It is named, and nothing is sent."""
    person = Person(tmp_path, free_address())
    said = person.fail(
        "login", "a@example.com", "--password-stdin", "--ca", str(tmp_path / "no.pem"), stdin="x"
    )
    assert said == f"{tmp_path / 'no.pem'} cannot be read: No such file or directory"


def test_whoami_has_everything_at_stake(ana: Person, trip: str) -> None:
    """Over all events, per currency; in JSON the user alone."""
    ana.do("expense", "add", "Room", "300", "JPY", "--event", trip)
    shown = ana.do("whoami")
    assert "ana@example.com (not verified)" in shown
    assert "JPY" in shown
    assert ana.ask("whoami")["currencyCode"] == "EUR"
