"""The app as `howmuch run` serves it, on a fresh data directory, with the mails as files."""

import re
from contextlib import ExitStack
from pathlib import Path

import httpx

from tests.cli.program import Running, running
from tests.e2e.test_mail_of_run import PASSWORD, arguments_of, verify
from tests.mail_delivery.mail_files import to
from tests.ports import free_address
from tests.waiting import until
from tests.web.people import Person, slug

MAIL_WINDOW_SECONDS = 0.1
MANY_SIGN_UPS = {
    f"HOWMUCH_RATE_LIMITS__{name}": "100000 per minute"
    for name in ("SIGN_UP_BY_PEER", "LOG_IN_BY_PEER", "RESET_BY_PEER", "LINK_BY_PEER")
}
"""All people of the tests come from one network."""


class App:
    """A running howmuch. origin: http://HOST:PORT, also after a restart. mails: directory of .eml files."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._listen = free_address()
        self._stack = ExitStack()
        self._starts = 0
        self._people: dict[str, Person] = {}
        self.origin = f"http://{self._listen}"
        self.mails = directory / "data" / "mail"
        self.server: Running

    def start(self) -> None:
        """Return when it answers."""
        self._starts += 1
        log = self._directory / f"log-{self._starts}"
        arguments = arguments_of(self._directory, MAIL_WINDOW_SECONDS)
        self.server = self._stack.enter_context(
            running(log, *arguments, "--http-listen", self._listen, **MANY_SIGN_UPS)
        )

    def stop(self) -> None:
        """End it; `start` continues with the same data at the same address."""
        self._stack.close()

    def close(self) -> None:
        """End it, and the connections of the people."""
        for person in self._people.values():
            person.client.close()
        self.stop()

    def person(self, name: str = "Ana", *, language: str = "en", verified: bool = False) -> Person:
        """Somebody new with an account. verified: has confirmed the address, as invitations by mail need."""
        local = slug(name, self._people)
        client = httpx.Client(base_url=self.origin, timeout=30)
        person = Person(name, f"{local}@example.com", PASSWORD, client)
        self._people[local] = person
        account = {"email": person.email, "password": PASSWORD}
        person.post("/v1/users", {**account, "name": name, "locale": language})
        token = person.post("/v1/sessions", account)["token"]
        client.headers["authorization"] = f"Bearer {token}"
        if verified:
            verify(self.server, self.mails, local)
        return person

    def mailed(self, email: str, word: str) -> str:
        """The text of the newest mail to an address in which a word is."""
        until(lambda: to(self.mails, email, word), f"a mail to {email} with {word}")
        return to(self.mails, email, word)[-1]

    def link_to_join(self, email: str) -> str:
        """The link of the newest invitation that was mailed to this address."""
        return self.mailed_link(email, "/join/").partition("?")[0]

    def mailed_link(self, email: str, word: str) -> str:
        """The link with a word in it, in the newest mail to this address that has one."""
        link = re.search(rf"http://\S*{re.escape(word)}\S*", self.mailed(email, word))
        assert link is not None
        return link[0]
