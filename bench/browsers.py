"""Fifty browsers on one event: each follows its stream, writes now and then, and reads again what changed.

    python -m bench.browsers [--browsers 50] [--seconds 20] [--every 20]

Each browser does over REST what the web app does: after a change of the stream it reads the event, and then
the members, the first page of expenses and the balances. A change counts as seen once that page of expenses
has it. The exit code is 1 if a request failed, or a change was seen later than the goal.
"""

import argparse
import asyncio
import json
import random
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import httpx

from bench.machine import cpu_seconds, server
from bench.report import goal, percentile
from tests.ports import free_address

GOAL_SECONDS = 1.0
TOGETHER_SECONDS = 0.1
KEPT_SECONDS = 2.0
PASSWORD = "correct horse battery"
NO_LIMITS = {
    "rate_limits": {"sign_up_by_peer": "100000 per minute", "log_in_by_peer": "100000 per minute"}
}


@dataclass
class Seen:
    """When each expense was answered to its writer, and how long after it each browser had it on its page."""

    written: dict[str, float] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    reads: int = 0


class Connection:
    """A kept connection, for requests one after the other.

    An HTTP library would spend more processor time on fifty browsers than the server does.
    """

    def __init__(self, url: str, token: str) -> None:
        self._host = url.removeprefix("http://")
        self._token = token
        self._used = 0.0
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def open(self) -> None:
        host, _, port = self._host.partition(":")
        self._reader, self._writer = await asyncio.open_connection(host, int(port))

    def close(self) -> None:
        self._writer.close()

    async def send(self, method: str, target: str, body: str = "", accept: str = "*/*") -> int:
        """Sends a request. Returns the length of the answer's body, which comes next; -1 for a stream."""
        self._writer.write(
            f"{method} {target} HTTP/1.1\r\nHost: {self._host}\r\nAuthorization: Bearer {self._token}\r\n"
            f"Accept: {accept}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            f"{body}".encode()
        )
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        found = re.search(r"\r\ncontent-length: (\d+)", head)
        if not head.startswith("http/1.1 200"):
            raise ConnectionError(head[:100])
        return int(found[1]) if found else -1

    async def call(self, method: str, target: str, body: str = "") -> bytes:
        """The body of the answer. Raises ConnectionError if it is not 200."""
        # The server ends connections without use.
        if time.monotonic() - self._used > KEPT_SECONDS:
            self.close()
            await self.open()
        self._used = time.monotonic()
        return await self._reader.readexactly(await self.send(method, target, body))

    async def lines(self) -> AsyncIterator[bytes]:
        """The lines of a stream."""
        while line := await self._reader.readline():
            yield line


class Browser:
    """One member with the event open."""

    def __init__(self, url: str, path: str, member: "Member", seen: Seen) -> None:
        self._path = path
        self._member_id = member.id
        self._seen = seen
        self._reads, self._writes, self._stream = (Connection(url, member.token) for _ in range(3))
        self._shown: set[str] = set()
        self._news = asyncio.Event()

    async def open(self) -> None:
        for connection in (self._reads, self._writes, self._stream):
            await connection.open()

    def close(self) -> None:
        for connection in (self._reads, self._writes, self._stream):
            connection.close()

    async def revision(self) -> str:
        """The revision of the event."""
        known: str = json.loads(await self._get(""))["revision"]
        return known

    async def follow(self, revision: str) -> None:
        """Takes the changes of the stream until it is cancelled."""
        target = f"{self._path}:watch?sinceRevision={revision}"
        await self._stream.send("GET", target, accept="text/event-stream")
        async for line in self._stream.lines():
            if line.startswith(b"data:"):
                self._news.set()

    async def read(self) -> None:
        """Reads what is on the screen, after each news."""
        while True:
            await self._news.wait()
            await asyncio.sleep(TOGETHER_SECONDS)
            self._news.clear()
            await self._get("")
            await self._get("/members")
            page = json.loads(await self._get("/expenses?pageSize=20"))
            now = time.monotonic()
            for expense in page.get("expenses", []):
                if expense["id"] not in self._shown and expense["id"] in self._seen.written:
                    self._shown.add(expense["id"])
                    self._seen.delays.append(now - self._seen.written[expense["id"]])
            await self._get("/balances")

    async def write(self, until: float, every: float) -> None:
        """Adds an expense about every so many seconds."""
        payment = {"memberId": self._member_id, "amount": "4.20"}
        expense = json.dumps({"reason": "Coffee", "payments": [payment]})
        while True:
            await asyncio.sleep(random.uniform(0, 2 * every))
            if time.monotonic() > until:
                return
            try:
                made = await self._writes.call("POST", f"{self._path}/expenses", expense)
                self._seen.written[json.loads(made)["id"]] = time.monotonic()
            except ConnectionError as error:
                self._seen.failures.append(str(error))

    async def _get(self, what: str) -> bytes:
        self._seen.reads += 1
        try:
            return await self._reads.call("GET", self._path + what)
        except ConnectionError as error:
            self._seen.failures.append(str(error))
            return b"{}"


class Member(NamedTuple):
    """A member of the event. token: of their session."""

    id: str
    token: str


def log_in(url: str, number: int) -> tuple[httpx.Client, str]:
    """A new user, and the token of their session."""
    client = httpx.Client(base_url=url, timeout=30)
    account = {"email": f"friend{number}@example.com", "password": PASSWORD}
    client.post("/v1/users", json={**account, "name": f"Friend {number}"}).raise_for_status()
    token: str = client.post("/v1/sessions", json=account).raise_for_status().json()["token"]
    client.headers["authorization"] = f"Bearer {token}"
    return client, token


def friends(url: str, count: int) -> tuple[str, list[Member]]:
    """The path of an event, and its members."""
    ana, token = log_in(url, 0)
    event = ana.post("/v1/events", json={"name": "Lisbon", "currencyCode": "EUR"}).json()
    path = f"/v1/events/{event['id']}"
    invitation = ana.post(f"{path}/invitations", json={"maxUses": count}).raise_for_status().json()
    members = [Member(event["memberId"], token)]
    for number in range(1, count):
        client, token = log_in(url, number)
        joined = client.post(f"/v1/invitations/{invitation['token']}:accept", json={})
        members.append(Member(joined.raise_for_status().json()["memberId"], token))
        client.close()
    return path, members


async def browse(
    url: str, path: str, members: Sequence[Member], seconds: float, every: float
) -> Seen:
    """Everybody follows, reads and writes for so long; then the last changes arrive."""
    seen = Seen()
    browsers = [Browser(url, path, member, seen) for member in members]
    for browser in browsers:
        await browser.open()
    revision = await browsers[0].revision()
    async with asyncio.TaskGroup() as group:
        endless = [group.create_task(each.follow(revision)) for each in browsers]
        endless += [group.create_task(each.read()) for each in browsers]
        until = time.monotonic() + seconds
        await asyncio.gather(*(each.write(until, every) for each in browsers))
        give_up_at = time.monotonic() + 10
        while len(seen.delays) < len(members) * len(seen.written) and time.monotonic() < give_up_at:
            await asyncio.sleep(0.05)
        for task in endless:
            task.cancel()
    for browser in browsers:
        browser.close()
    return seen


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.browsers", description=__doc__)
    parser.add_argument("--browsers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument(
        "--every", type=float, default=20, help="seconds between two writes of one browser"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        url = f"sqlite:///{Path(directory) / 'howmuch.db'}"
        with server(url, "--http-listen", free_address(), settings=NO_LIMITS) as running:
            path, members = friends(running.rest, given.browsers)
            before = cpu_seconds(running.process.pid)
            started = time.monotonic()
            seen = asyncio.run(browse(running.rest, path, members, given.seconds, given.every))
            busy = (cpu_seconds(running.process.pid) - before) / (time.monotonic() - started)
    return report(seen, given.browsers, busy)


def report(seen: Seen, browsers: int, busy: float) -> int:
    """Prints the numbers. Returns 1 if the goal was missed."""
    expected = browsers * len(seen.written)
    slowest = max(seen.delays, default=0.0)
    holds = not seen.failures and len(seen.delays) == expected and slowest <= GOAL_SECONDS
    print(
        f"{browsers} browsers, {len(seen.written)} writes, {seen.reads} reads; {busy:.2f} cores busy"
    )
    print(
        f"seen {len(seen.delays)} of {expected}; {len(seen.failures)} failures {seen.failures[:2]}"
    )
    if seen.delays:
        half, most = (percentile(seen.delays, percent) for percent in (50, 99))
        print(
            f"seen after {half:.2f} s (median), {most:.2f} s (p99), {slowest:.2f} s: {goal(holds)}"
        )
    return not holds


if __name__ == "__main__":
    sys.exit(main())
