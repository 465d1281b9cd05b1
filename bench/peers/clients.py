"""Clients that read an expense, change it as a form does, and say what they were answered."""

import uuid
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Protocol

import httpx

from bench import data
from bench.peers import ihatemoney, ours, works

MOST_CONNECTIONS = 16
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Seen:
    """An expense as a client has read it. sharers: numbers of the members it is for. etag: "": none."""

    id: str
    reason: str
    amount: Decimal
    sharers: frozenset[int]
    etag: str = ""


class Client(Protocol):
    """Somebody who uses one group of one service."""

    name: str

    async def add(self, key: str) -> int:
        """Adds the usual expense; key: that of a request which may be a repetition. The status."""

    async def read(self, expense: str) -> Seen:
        """An expense by its id."""

    async def edit(self, seen: Seen, change: Seen) -> int:
        """Makes of what was seen what the client wants. The status."""

    async def all(self) -> list[Seen]:
        """All expenses, the newest first."""

    async def nets(self) -> list[Decimal]:
        """What each member is owed, as the service says."""


def expected_nets(expenses: list[Seen]) -> list[Decimal]:
    """What members are owed by expenses that the first paid for and that are shared equally, to the cent."""
    nets = [Decimal(0)] * 3
    for each in expenses:
        nets[0] += each.amount
        for member in each.sharers:
            nets[member] -= each.amount / len(each.sharers)
    return nets


class IHateMoneyClient:
    """Of a project. It has neither keys nor etags to send; an edit is the whole bill."""

    name = ihatemoney.NAME

    def __init__(self, service: ihatemoney.Service) -> None:
        self._project = service.projects[works.EDITED_GROUP]
        self._http = _http(f"http://127.0.0.1:{service.port}", self._project.headers)
        self._bills = f"{self._project.path}/bills"

    async def add(self, key: str) -> int:
        return (await self._http.post(self._bills, json=self._project.bill())).status_code

    async def read(self, expense: str) -> Seen:
        answer = await self._http.get(f"{self._bills}/{expense}")
        return self._seen(answer.raise_for_status().json())

    async def edit(self, seen: Seen, change: Seen) -> int:
        bill = self._project.bill() | {
            "what": change.reason,
            "amount": str(change.amount),
            "payed_for": [self._project.members[index] for index in sorted(change.sharers)],
        }
        return (await self._http.put(f"{self._bills}/{seen.id}", json=bill)).status_code

    async def all(self) -> list[Seen]:
        answer = await self._http.get(self._bills)
        bills = sorted(answer.raise_for_status().json(), key=lambda bill: -bill["id"])
        return [self._seen(bill) for bill in bills]

    async def nets(self) -> list[Decimal]:
        answer = await self._http.get(f"{self._project.path}/statistics")
        stats = answer.raise_for_status().json()
        by_member = {each["member"]["id"]: Decimal(each["balance"]) for each in stats}
        return [by_member[member] for member in self._project.members]

    def _seen(self, bill: dict[str, Any]) -> Seen:
        sharers = frozenset(self._project.members.index(ower["id"]) for ower in bill["owers"])
        return Seen(str(bill["id"]), bill["what"], Decimal(str(bill["amount"])), sharers)


class HowmuchClient:
    """Of an event. careful: sends what is there to be sent against lost changes, else only what changed."""

    def __init__(self, service: ours.Service, *, careful: bool) -> None:
        self.name = f"{ours.NAME}, {'If-Match and key' if careful else 'neither'}"
        self._careful = careful
        self._event = works.EDITED_GROUP
        self._members = [data.member_id(self._event, index) for index in range(3)]
        self._http = _http(service.rest, ours.headers(self._event))
        self._expenses = f"{ours.path(self._event)}/expenses"

    async def add(self, key: str) -> int:
        headers = {"Idempotency-Key": key} if self._careful else {}
        answer = await self._http.post(
            self._expenses, json=ours.expense(self._event), headers=headers
        )
        return answer.status_code

    async def read(self, expense: str) -> Seen:
        answer = await self._http.get(f"{self._expenses}/{expense}")
        return self._seen(answer.raise_for_status().json())

    async def edit(self, seen: Seen, change: Seen) -> int:
        body: dict[str, object] = {}
        if change.reason != seen.reason:
            body["reason"] = change.reason
        if change.amount != seen.amount:
            body["amount"] = str(change.amount)
        if change.sharers != seen.sharers:
            members = [self._members[index] for index in sorted(change.sharers)]
            body["split"] = {"equal": {"memberIds": members}}
        headers = {"If-Match": f'"{seen.etag}"'} if self._careful else {}
        answer = await self._http.patch(f"{self._expenses}/{seen.id}", json=body, headers=headers)
        return answer.status_code

    async def all(self) -> list[Seen]:
        found: list[Seen] = []
        page_token = ""
        while True:
            answer = await self._http.get(
                self._expenses, params={"pageSize": 100, "pageToken": page_token}
            )
            page = answer.raise_for_status().json()
            found += [self._seen(expense) for expense in page.get("expenses", [])]
            if not (page_token := page.get("nextPageToken", "")):
                return found

    async def nets(self) -> list[Decimal]:
        answer = await self._http.get(f"{ours.path(self._event)}/balances")
        members = answer.raise_for_status().json()["currencies"][0]["members"]
        by_member = {each["memberId"]: Decimal(each["net"]) for each in members}
        return [by_member[member] for member in self._members]

    def _seen(self, expense: dict[str, Any]) -> Seen:
        sharers = expense["split"]["equal"]["memberIds"]
        return Seen(
            expense["id"],
            expense["reason"],
            Decimal(expense["amount"]),
            frozenset(self._members.index(member) for member in sharers),
            expense["etag"],
        )


def changed_amount(seen: Seen) -> Seen:
    """What one of two wants."""
    return replace(seen, amount=Decimal("60.00"))


def changed_reason(seen: Seen) -> Seen:
    """What the other one wants."""
    return replace(seen, reason="Supper")


def for_the_payer(seen: Seen) -> Seen:
    """It was for the one who paid, says one of two."""
    return replace(seen, sharers=frozenset({0}))


def for_the_others(seen: Seen) -> Seen:
    """It was for the other two, says the other one."""
    return replace(seen, sharers=frozenset({1, 2}))


def new_key() -> str:
    """A key that was never used."""
    return str(uuid.uuid4())


def _http(base_url: str, headers: dict[str, str]) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=base_url,
        headers=headers,
        timeout=PATIENCE_SECONDS,
        limits=httpx.Limits(max_connections=MOST_CONNECTIONS),
    )
