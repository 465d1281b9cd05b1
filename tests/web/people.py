"""People of the web app and their trips, made over REST, which is faster than typing."""

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import httpx

REASONS = ("Dinner", "Groceries", "Taxi", "Museum", "Coffee", "Train to Sintra", "Wine", "Rent")
CATEGORIES = ("food", "food", "transport", "leisure", "food", "transport", "food", "lodging")
FIRST_DAY = date(2026, 11, 1)
EXPENSES_PER_DAY = 8
EXPENSES_PER_CALL = 500


@dataclass
class Person:
    """Somebody with an account. client: authorized by a token."""

    name: str
    email: str
    password: str
    client: httpx.Client

    def get(self, path: str) -> dict[str, Any]:
        return _content(self.client.get(path))

    def post(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        return _content(self.client.post(path, json=content))

    def patch(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        return _content(self.client.patch(path, json=content))

    def delete(self, path: str) -> dict[str, Any]:
        return _content(self.client.delete(path))

    def end_other_sessions(self) -> None:
        """Log out everywhere but in these tests, as the settings can."""
        for session in self.get("/v1/sessions")["sessions"]:
            if not session.get("current"):
                self.delete(f"/v1/sessions/{session['id']}")

    def trip(
        self, name: str = "Lisbon", *, guests: Sequence[str] = ("Bo", "Cy"), expenses: int = 0
    ) -> "Trip":
        """An event with guests and expenses."""
        event = self.post("/v1/events", {"name": name, "currencyCode": "EUR"})
        trip = Trip(self, event["id"], {self.name: event["memberId"]})
        for guest in guests:
            trip.add_guest(guest)
        trip.add_expenses(expenses)
        return trip


@dataclass
class Trip:
    """An event. members: IDs by name."""

    owner: Person
    id: str
    members: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Address of its screen."""
        return f"/events/{self.id}"

    @property
    def api(self) -> str:
        """Its path in the REST API."""
        return f"/v1/events/{self.id}"

    def add_guest(self, name: str) -> None:
        self.members[name] = self.owner.post(f"{self.api}/members", {"name": name})["id"]

    def invite(self, **fields: str) -> dict[str, Any]:
        """An invitation. fields: such as email, memberId, role."""
        return self.owner.post(f"{self.api}/invitations", fields)

    def join(self, person: Person, *, guest: str = "") -> None:
        """Bring in somebody with an account. guest: whose place to take; empty means nobody's."""
        token = self.invite(role="ROLE_EDITOR")["token"]
        content = {"memberId": self.members[guest]} if guest else {}
        joined = person.post(f"/v1/invitations/{token}:accept", content)
        self.members.pop(guest, None)
        self.members[person.name] = joined["memberId"]

    def spend(
        self,
        reason: str = "Dinner",
        amount: str = "48.60",
        *,
        payer: str = "",
        by: Person | None = None,
        **fields: str,
    ) -> dict[str, Any]:
        """One expense of everybody. payer: empty means the owner. by: who adds it; None means the owner."""
        expense = self._expense(reason, amount, payer or self.owner.name)
        content = expense | {"date": "2026-11-22"} | fields
        return (by or self.owner).post(f"{self.api}/expenses", content)

    def add_expenses(self, count: int) -> None:
        """Many, on several days, of all members in turn."""
        payers = itertools.cycle(self.members)
        made = [self._numbered(number, next(payers)) for number in range(count)]
        for start in range(0, count, EXPENSES_PER_CALL):
            part = made[start : start + EXPENSES_PER_CALL]
            self.owner.post(f"{self.api}/expenses:batchCreate", {"expenses": part})

    def _numbered(self, number: int, payer: str) -> dict[str, Any]:
        day = FIRST_DAY - timedelta(days=number // EXPENSES_PER_DAY)
        cents = 450 + number * 1237 % 9000
        kind = number % len(REASONS)
        amount = f"{cents // 100}.{cents % 100:02}"
        return self._expense(f"{REASONS[kind]} {number + 1}", amount, payer) | {
            "date": day.isoformat(),
            "category": CATEGORIES[kind],
        }

    def _expense(self, reason: str, amount: str, payer: str) -> dict[str, Any]:
        return {
            "reason": reason,
            "amount": amount,
            "currencyCode": "EUR",
            "payments": [{"memberId": self.members[payer], "amount": amount}],
            "split": {"equal": {"memberIds": list(self.members.values())}},
        }


def _content(answer: httpx.Response) -> dict[str, Any]:
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.text}"
    found: dict[str, Any] = answer.json()
    return found


def slug(name: str, taken: Collection[str]) -> str:
    """The first part of an address of mail that nobody has yet."""
    base = "".join(each for each in name.lower() if each.isascii() and each.isalnum()) or "person"
    numbered = (f"{base}{number}" for number in itertools.count(2))
    return next(each for each in itertools.chain((base,), numbered) if each not in taken)
