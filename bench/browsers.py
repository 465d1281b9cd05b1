"""Fifty browsers on one event: each follows its stream, writes now and then, and reads again what changed.

    python -m bench.browsers [--browsers 50] [--seconds 20] [--every 20]

Each browser does over REST what the web app does: after a change of the stream it reads the event, and then
the members, the first page of expenses and the balances. A change counts as seen once that page of expenses
has it. The exit code is 1 if a request failed, or a change was seen later than the goal.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bench.machine import cpu_seconds, server
from bench.report import goal, percentile
from tests.ports import free_address

GOAL_SECONDS = 1.0
TOGETHER_SECONDS = 0.1
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


class Browser:
    """One member with the event open."""

    def __init__(self, client: httpx.AsyncClient, path: str, member_id: str, seen: Seen) -> None:
        self._client = client
        self._path = path
        self._member_id = member_id
        self._seen = seen
        self._shown: set[str] = set()
        self._news = asyncio.Event()

    async def follow(self, revision: str) -> None:
        """Takes the changes of the stream until it is cancelled."""
        headers = {"accept": "text/event-stream"}
        query = {"sinceRevision": revision}
        stream = self._client.stream("GET", f"{self._path}:watch", params=query, headers=headers)
        async with stream as answer:
            answer.raise_for_status()
            async for line in answer.aiter_lines():
                if line.startswith("data:"):
                    self._news.set()

    async def read(self) -> None:
        """Reads what is on the screen, after each news."""
        while True:
            await self._news.wait()
            await asyncio.sleep(TOGETHER_SECONDS)
            self._news.clear()
            await self._get("")
            rest = self._get("/members"), self._get("/expenses"), self._get("/balances")
            _, page, _ = await asyncio.gather(*rest)
            now = time.monotonic()
            for expense in page["expenses"]:
                if expense["id"] not in self._shown and expense["id"] in self._seen.written:
                    self._shown.add(expense["id"])
                    self._seen.delays.append(now - self._seen.written[expense["id"]])

    async def write(self, until: float, every: float) -> None:
        """Adds an expense about every so many seconds."""
        while True:
            await asyncio.sleep(random.uniform(0, 2 * every))
            if time.monotonic() > until:
                return
            expense = {
                "reason": "Coffee",
                "payments": [{"memberId": self._member_id, "amount": "4.20"}],
            }
            answer = await self._client.post(f"{self._path}/expenses", json=expense)
            if answer.is_success:
                self._seen.written[answer.json()["id"]] = time.monotonic()
            else:
                self._seen.failures.append(answer.text)

    async def _get(self, what: str) -> Any:
        answer = await self._client.get(self._path + what)
        self._seen.reads += 1
        if not answer.is_success:
            self._seen.failures.append(answer.text)
            return {"expenses": []}
        return answer.json()


async def log_in(url: str, number: int) -> httpx.AsyncClient:
    """A new user."""
    client = httpx.AsyncClient(base_url=url, timeout=30)
    account = {"email": f"friend{number}@example.com", "password": PASSWORD}
    (
        await client.post("/v1/users", json={**account, "name": f"Friend {number}"})
    ).raise_for_status()
    answer = (await client.post("/v1/sessions", json=account)).raise_for_status()
    client.headers["authorization"] = f"Bearer {answer.json()['token']}"
    return client


async def friends(url: str, count: int) -> tuple[str, list[tuple[httpx.AsyncClient, str]]]:
    """The path of an event, and its members: the client and the id of each."""
    ana = await log_in(url, 0)
    event = (await ana.post("/v1/events", json={"name": "Lisbon", "currencyCode": "EUR"})).json()
    path = f"/v1/events/{event['id']}"
    invitation = (await ana.post(f"{path}/invitations", json={"maxUses": count})).raise_for_status()
    members = [(ana, event["memberId"])]
    for number in range(1, count):
        client = await log_in(url, number)
        joined = await client.post(f"/v1/invitations/{invitation.json()['token']}:accept", json={})
        members.append((client, joined.raise_for_status().json()["memberId"]))
    return path, members


async def browse(url: str, count: int, seconds: float, every: float) -> Seen:
    """Everybody follows, reads and writes for so long; then the last changes arrive."""
    seen = Seen()
    path, members = await friends(url, count)
    revision = (await members[0][0].get(path)).json()["revision"]
    browsers = [Browser(client, path, member_id, seen) for client, member_id in members]
    async with asyncio.TaskGroup() as group:
        endless = [group.create_task(each.follow(revision)) for each in browsers]
        endless += [group.create_task(each.read()) for each in browsers]
        until = time.monotonic() + seconds
        await asyncio.gather(*(each.write(until, every) for each in browsers))
        give_up_at = time.monotonic() + 10
        while len(seen.delays) < count * len(seen.written) and time.monotonic() < give_up_at:
            await asyncio.sleep(0.05)
        for task in endless:
            task.cancel()
    for client, _ in members:
        await client.aclose()
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
            before = cpu_seconds(running.process.pid)
            started = time.monotonic()
            seen = asyncio.run(browse(running.rest, given.browsers, given.seconds, given.every))
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
