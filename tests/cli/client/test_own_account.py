"""`howmuch account`: changing it, the password, sessions, and the end of it."""

import re
from pathlib import Path

import pytest

from howmuch.client.calls import connect
from howmuch.v1 import user_service_pb2 as us
from tests.cli.client.conftest import PASSWORD, Person
from tests.cli.program import Running, running
from tests.mail_delivery.mail_files import to
from tests.waiting import until

NEW = "battery staple horse"


@pytest.fixture
def di(server: Running, tmp_path: Path) -> Person:
    """Somebody with an account of their own, which a test may spoil."""
    person = Person(tmp_path / "di", server.address)
    person.sign_up("Di", f"{tmp_path.name}@example.com".lower())
    return person


def logged_in_elsewhere(person: Person, home: Path, password: str = PASSWORD) -> Person:
    other = Person(home, person.address)
    email = person.ask("whoami")["email"]
    other.do("login", email, "--password-stdin", stdin=password)
    return other


def test_edit_changes_what_is_named_alone(di: Person) -> None:
    di.do("account", "edit", "--name", "Diana", "--mails", "daily-digest", "--currency", "chf")
    di.do("account", "edit", "--locale", "fr", "--time-zone", "Europe/Zurich")
    me = di.ask("whoami")
    assert [me[key] for key in ("name", "mailMode", "currencyCode", "locale", "timeZone")] == [
        *("Diana", "MAIL_MODE_DAILY_DIGEST", "CHF", "fr", "Europe/Zurich")
    ]
    assert di.ask("account", "edit", "--mails", "off")["mailMode"] == "MAIL_MODE_OFF"


def test_new_name_shows_in_events_until_the_member_has_its_own(di: Person) -> None:
    """As the help of `account edit --name` says: a name in an event wins, and only there."""

    def name_in_event() -> str:
        members = di.ask("member", "list", "--event", event["id"])["members"]
        return str(members[0]["name"])

    event = di.ask("event", "create", "Lisbon")
    di.do("account", "edit", "--name", "Diana")
    assert name_in_event() == "Diana"
    di.do("member", "edit", "me", "--name", "Didi", "--event", event["id"])
    di.do("account", "edit", "--name", "Dee")
    assert (name_in_event(), di.ask("whoami")["name"]) == ("Didi", "Dee")


def test_edit_of_nothing_and_of_what_there_is_not(di: Person) -> None:
    assert "nothing to change; use --name" in di.fail("account", "edit", code=2)
    assert "XYZ" in di.fail("account", "edit", "--currency", "XYZ")
    assert di.ask("whoami")["currencyCode"] == "EUR"


def test_new_password_ends_all_other_sessions(di: Person, tmp_path: Path) -> None:
    other = logged_in_elsewhere(di, tmp_path / "other")
    di.do("account", "password", "--password-stdin", stdin=f"{PASSWORD}\n{NEW}\n")
    assert di.ask("whoami")["name"] == "Di"
    assert "howmuch login" in other.fail("whoami")
    logged_in_elsewhere(di, tmp_path / "other", NEW)


def test_wrong_and_short_passwords_change_nothing(di: Person, tmp_path: Path) -> None:
    change = ("account", "password", "--password-stdin")
    assert "password" in di.fail(*change, stdin=f"wrong horse battery\n{NEW}\n")
    assert "10" in di.fail(*change, stdin=f"{PASSWORD}\nshort\n")
    logged_in_elsewhere(di, tmp_path / "other")


def test_sessions_are_listed_and_ended(di: Person, tmp_path: Path) -> None:
    other = logged_in_elsewhere(di, tmp_path / "other")
    theirs, mine = di.ask("account", "sessions")["sessions"]
    assert (theirs["current"], mine["current"]) == (False, True)
    shown = di.do("account", "sessions")
    assert [line.split()[0] for line in shown.splitlines() if mine["id"] in line] == ["*"]
    di.do("account", "sessions", "--end", theirs["id"])
    assert "howmuch login" in other.fail("whoami")
    assert [each["id"] for each in di.ask("account", "sessions")["sessions"]] == [mine["id"]]


def test_verification_is_mailed_again(di: Person) -> None:
    result = di.type("account", "verify")
    assert (result.exit_code, result.stdout) == (0, "")
    assert f"A mail is on its way to {di.ask('whoami')['email']}" in result.stderr


def test_deletion_is_asked_for(di: Person, tmp_path: Path) -> None:
    """Without a terminal to ask at, only --yes says it; afterwards the address is free."""
    email = di.ask("whoami")["email"]
    assert "--yes" in di.fail("account", "delete", code=2)
    delete = ("account", "delete", "--yes", "--password-stdin")
    assert di.fail(*delete, stdin="not the password") == "The address or the password is wrong."
    assert "log in within the next days" in di.type(*delete, stdin=PASSWORD).stderr
    assert "not logged in" in di.fail("whoami")
    again = di.type("login", email, "--password-stdin", stdin=PASSWORD)
    assert "by this log-in you keep it" in again.stderr
    assert di.ask("whoami")["email"] == email


def test_new_address(tmp_path: Path) -> None:
    """The link in the mail to the new address makes it the account's; the one to the former undoes that."""
    data, email, new = tmp_path / "data", "di@example.com", "diana@example.com"
    where = ("--data-dir", str(data), "--grpc-listen", "127.0.0.1:0")

    def link(address: str, verb: str) -> str:
        until(lambda: to(data / "mail", address, verb))
        (mail,) = to(data / "mail", address, verb)
        found = re.search(rf"https?://\S+{verb}", mail)
        assert found
        return found[0]

    with running(tmp_path / "log", *where) as started:
        person = Person(tmp_path / "di", started.address)
        person.sign_up("Di", email)
        verify = link(email, ":verify")
        token = verify.rpartition("/")[2].partition(":")[0]
        with connect(started.address, None) as server:
            server.users.VerifyEmail(us.VerifyEmailRequest(token=token))
        change = ("account", "email", "change", new, "--password-stdin")
        assert person.fail(*change, stdin="wrong") == "The address or the password is wrong."
        said = person.type(*change, stdin=PASSWORD).stderr
        assert f"A mail is on its way to {new}" in said
        assert f"{new} (not confirmed)" in person.do("whoami")
        person.do("account", "email", "confirm", link(new, ":confirmEmailChange"))
        assert person.ask("whoami")["email"] == new
        person.do("account", "email", "undo", link(email, ":undoEmailChange"))
        assert "howmuch login" in person.fail("whoami")
        person.do("login", email, "--password-stdin", stdin=PASSWORD)
        assert person.ask("whoami")["email"] == email
        assert link(email, ":reset")


def test_forgotten_password(tmp_path: Path) -> None:
    """A link comes by mail, whoever asks; with it the password is a new one, and every session has ended."""
    data, email = tmp_path / "data", "di@example.com"
    where = ("--data-dir", str(data), "--grpc-listen", "127.0.0.1:0")
    with running(tmp_path / "log", *where) as started:
        person = Person(tmp_path / "di", started.address)
        person.sign_up("Di", email)
        stranger = Person(tmp_path / "stranger", started.address)
        for asked in (email, "nobody@example.com"):
            said = stranger.type("account", "reset", asked).stderr
            assert said.startswith(f"If {asked} has an account here, a link is on its way")
        until(lambda: to(data / "mail", email, ":reset"))
        (mail,) = to(data / "mail", email, ":reset")
        link = re.search(r"https?://\S+:reset", mail)
        assert link is not None
        reset = ("account", "reset", "--password-stdin", "--token")
        refused = "The link is unknown, used or expired. Ask for a new one."
        assert stranger.fail(*reset, "x" * 43, stdin=NEW) == refused
        stranger.do(*reset, link[0], stdin=NEW)
        assert "howmuch login" in person.fail("whoami")
        person.do("login", email, "--password-stdin", stdin=NEW)
        assert stranger.fail(*reset, link[0], stdin=PASSWORD) == refused


def test_quotas_show_use_and_limit(di: Person) -> None:
    """As a table, and as the server's answer."""
    di.do("event", "create", "Lisbon")
    lines = di.do("account", "quotas").splitlines()
    [events] = [line.split() for line in lines if line.startswith("events per day")]
    assert events[3:] == ["1", "1,000,000,000"]
    [found] = [q for q in di.ask("account", "quotas")["quotas"] if q["name"] == "events_per_day"]
    assert (found["used"], found["window"]) == ("1", "86400s")
