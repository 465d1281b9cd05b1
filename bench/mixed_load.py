"""Clients in a process of their own, who do what people do: look, add, change, watch, log in now and then.

A caller is the owner of an event of their own. Calls start at a given rate, or each caller makes one after
the other. Requests are real messages, since a change needs the id of what was made before.
"""

import asyncio
import collections
import itertools
import json
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

import grpc
import grpc.aio

from bench import data
from bench.create_expense import request_of
from bench.log_in_storm import PASSWORD
from bench.report import percentile
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import (
    event_service_pb2_grpc,
    expense_pb2,
    expense_service_pb2_grpc,
    user_service_pb2_grpc,
)
from howmuch.v1 import expense_service_pb2 as xs
from howmuch.v1 import user_service_pb2 as us

TIMEOUT_SECONDS = 30.0
WATCHERS = 8
MOST_TEXTS = 3
# One round of a caller: ten reads to five writes; every hundredth round begins with a log-in.
ROUND = (*("list", "balances", "create") * 4, "list", "list", "update")
ROUNDS_TO_A_LOG_IN = 100


@dataclass(frozen=True, slots=True)
class Work:
    """What to do. events: 1 to so many have an owner each; rate: calls a second, None: all there can be."""

    target: str
    events: int
    seconds: float
    rate: float | None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it. rate: calls a second; errors: calls and streams that failed; texts: some of theirs."""

    calls: int
    errors: int
    rate: float
    p50_ms: float
    p99_ms: float
    texts: list[str]


@dataclass
class Seen:
    """What the callers have seen. errors: text to how often."""

    seconds: list[float] = field(default_factory=list)
    errors: collections.Counter[str] = field(default_factory=collections.Counter)


def _stub(stub: Callable[[Any], object], channel: grpc.aio.Channel) -> Any:
    # The types of generated stubs are those of blocking calls; these calls are awaited.
    return stub(channel)


class Caller:
    """The owner of event `number`."""

    def __init__(
        self, channel: grpc.aio.Channel, number: int, first_round: int, seen: Seen
    ) -> None:
        self._number = number
        self._first_round = first_round
        self._seen = seen
        self._token = (("authorization", f"Bearer {data.token(number)}"),)
        self._users = _stub(user_service_pb2_grpc.UserServiceStub, channel)
        self._events = _stub(event_service_pb2_grpc.EventServiceStub, channel)
        self._expenses = _stub(expense_service_pb2_grpc.ExpenseServiceStub, channel)
        self._last: expense_pb2.Expense | None = None
        self._steps = self._all_steps()

    def _all_steps(self) -> Any:
        for round_number in itertools.count(self._first_round):
            if round_number % ROUNDS_TO_A_LOG_IN == 0:
                yield self._log_in
            for name in ROUND:
                yield getattr(self, f"_{name}")

    async def step(self) -> None:
        """The next call; notes how it went."""
        call: Callable[[], Awaitable[None]] = next(self._steps)
        started = time.perf_counter()
        try:
            await call()
        except grpc.aio.AioRpcError as error:
            self._seen.errors[f"{error.code().name}: {error.details()}"] += 1
        self._seen.seconds.append(time.perf_counter() - started)

    async def watch(self) -> None:
        """Reads the stream of the event's changes, from now on, until cancelled."""
        event_id, revision = data.event_id(self._number), 0
        try:
            event = await self._events.GetEvent(
                es.GetEventRequest(event_id=event_id), **self._options()
            )
            request = es.WatchEventRequest(event_id=event_id, since_revision=event.revision)
            async for change in self._events.WatchEvent(request, metadata=self._token):
                revision = change.revision
        except grpc.aio.AioRpcError as error:
            self._seen.errors[f"stream after {revision}: {error.code().name}"] += 1

    async def _list(self) -> None:
        request = xs.ListExpensesRequest(event_id=data.event_id(self._number), page_size=20)
        await self._expenses.ListExpenses(request, **self._options())

    async def _balances(self) -> None:
        request = es.GetBalancesRequest(event_id=data.event_id(self._number))
        await self._events.GetBalances(request, **self._options())

    async def _create(self) -> None:
        options = self._options(("idempotency-key", str(uuid.uuid4())))
        self._last = await self._expenses.CreateExpense(request_of(self._number), **options)

    async def _update(self) -> None:
        if self._last is None:
            return await self._create()
        changed = expense_pb2.Expense(
            event_id=self._last.event_id, id=self._last.id, amount="31.07", reason="Supper"
        )
        options = self._options(("idempotency-key", str(uuid.uuid4())))
        await self._expenses.UpdateExpense(xs.UpdateExpenseRequest(expense=changed), **options)
        return None

    async def _log_in(self) -> None:
        email = f"owner{self._number}@example.com"
        request = us.LogInRequest(email=email, password=PASSWORD)
        await self._users.LogIn(request, timeout=TIMEOUT_SECONDS)

    def _options(self, *headers: tuple[str, str]) -> dict[str, Any]:
        return {"metadata": (*self._token, *headers), "timeout": TIMEOUT_SECONDS}


async def _as_fast_as_can_be(callers: list[Caller], seconds: float) -> None:
    stop_at = time.perf_counter() + seconds

    async def go(caller: Caller) -> None:
        while time.perf_counter() < stop_at:
            await caller.step()

    await asyncio.gather(*map(go, callers))


async def _at_a_rate(callers: list[Caller], seconds: float, rate: float) -> None:
    """Calls start when their time has come: a server that is slow is not asked less for it."""
    begun, calls = time.perf_counter(), set()
    for number in range(int(seconds * rate)):
        await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
        call = asyncio.create_task(callers[number % len(callers)].step())
        calls.add(call)
        call.add_done_callback(calls.discard)
    await asyncio.gather(*calls)


async def run(work: Work) -> Result:
    """All callers over a few connections, some of them watching besides."""
    seen = Seen()
    async with grpc.aio.insecure_channel(work.target) as channel:
        # They begin at different rounds, so that log-ins come one after the other.
        callers = [
            Caller(channel, number, ROUNDS_TO_A_LOG_IN * number // work.events, seen)
            for number in range(1, work.events + 1)
        ]
        watches = [asyncio.create_task(caller.watch()) for caller in callers[:WATCHERS]]
        started = time.perf_counter()
        if work.rate is None:
            await _as_fast_as_can_be(callers, work.seconds)
        else:
            await _at_a_rate(callers, work.seconds, work.rate)
        took = time.perf_counter() - started
        for watch in watches:
            watch.cancel()
        await asyncio.gather(*watches, return_exceptions=True)
    return Result(
        calls=len(seen.seconds),
        errors=seen.errors.total(),
        rate=len(seen.seconds) / took,
        p50_ms=median(seen.seconds) * 1000,
        p99_ms=percentile(seen.seconds, 99) * 1000,
        texts=[f"{count} times {text}" for text, count in seen.errors.most_common(MOST_TEXTS)],
    )


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(run(Work(**json.loads(sys.stdin.read())))))))
