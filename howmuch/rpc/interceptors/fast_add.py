"""CreateExpense by one statement, where what its writer last saw of the event still holds."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

import grpc
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from howmuch.errors import HowmuchError
from howmuch.ids import EVENT, check_id
from howmuch.model import Event
from howmuch.rpc.call import Call, current_call
from howmuch.rpc.convert import expense_message
from howmuch.rpc.interceptors.base import Behavior
from howmuch.rpc.interceptors.deadline import seconds_left
from howmuch.rpc.interceptors.idempotency import given_key
from howmuch.rpc.parse import parse_draft
from howmuch.runtime.group_commit import GroupCommit
from howmuch.storage.database import DEFAULT_TIMEOUT_SECONDS, Database
from howmuch.storage.database_errors import unavailable
from howmuch.usecases.access import authorize
from howmuch.usecases.expenses import Input, check_input, named_members, new_expenses
from howmuch.usecases.fast_add import (
    ConditionalWrite,
    EventSnapshot,
    begin_conditional_write,
    read_snapshot,
    write_conditionally,
)
from howmuch.usecases.idempotency import INSERT_KEYS
from howmuch.v1 import expense_pb2
from howmuch.v1.expense_service_pb2 import CreateExpenseRequest

MOST_SNAPSHOTS = 2_000
MOST_MEMBERS = 100
"""Of a snapshot that is remembered."""
MOST_AT_ONCE = 32


class _Outcome(Enum):
    """What became of an attempt. STALE: what it went by does not hold. UNKNOWN: the connection broke."""

    WRITTEN = auto()
    STALE = auto()
    FAILED = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True, eq=False)
class _PlannedAdd:
    """What is to be written, by which snapshot, and what the answer will be."""

    snapshot: EventSnapshot
    attempt: ConditionalWrite
    response: expense_pb2.Expense


_NO_TIME_LEFT = ("DATABASE_BUSY", "DEADLINE_EXCEEDED")
"""Why no connection can be had, for which nobody should wait once more."""


class FastAdd:
    """Of one process; any thread may use it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._snapshots: dict[tuple[bytes, str], EventSnapshot] = {}
        self._write = GroupCommit(self._write_all, MOST_AT_ONCE)

    def methods(self) -> dict[str, Behavior]:
        """Path of a method to what may answer its calls; none where the database cannot do it."""
        if not self._database.autocommits:
            return {}
        return {"/howmuch.v1.ExpenseService/CreateExpense": self.create_expense}

    def create_expense(
        self, request: CreateExpenseRequest, context: grpc.ServicerContext
    ) -> expense_pb2.Expense | None:
        """What ExpenseService.CreateExpense does; None: it was not to be done so, and nothing was written."""
        call = current_call()
        for find in (self._recall, self._read):
            try:
                check_id(EVENT, request.event_id, "event_id")
                found = find(call, request)
                plan = found and _plan(call, request, context, *found)
            except HowmuchError as error:
                if error.reason in _NO_TIME_LEFT:
                    raise
                # The ordinary way says what is wrong, by what holds then.
                return None
            if plan is None:
                continue
            call.known_caller = plan.snapshot.caller
            outcome = self._outcome(plan)
            if outcome is _Outcome.WRITTEN:
                self._remember(call.token_hash, plan.snapshot.after(plan.attempt.write))
                return plan.response
            if outcome is _Outcome.UNKNOWN:
                raise unavailable()
            if outcome is _Outcome.FAILED:
                return None
        return None

    def _recall(
        self, call: Call, request: CreateExpenseRequest
    ) -> tuple[EventSnapshot, Input] | None:
        """What held after this caller's last write, and the expense; None where that is not enough.

        Only once: whoever writes by it remembers what holds afterwards.
        """
        with self._lock:
            snapshot = self._snapshots.pop((call.token_hash, request.event_id), None)
        if snapshot is None:
            return None
        given = _input(request, snapshot.event)
        return (snapshot, given) if snapshot.covers(named_members([given.draft])) else None

    def _read(self, call: Call, request: CreateExpenseRequest) -> tuple[EventSnapshot, Input]:
        """What holds now, and the expense."""
        needed = call.method.role
        assert needed is not None, "it asks for a role in an event"
        with self._database.autocommit(call.timeout_seconds) as connection:
            connects = self._database.connects
            caller = authorize(connection, call.token_hash, call.now, request.event_id, needed)
            given = _input(request, caller.in_event.event)
            wanted = named_members([given.draft])
            return read_snapshot(connection, caller, wanted, connects), given

    def _remember(self, token_hash: bytes, snapshot: EventSnapshot) -> None:
        if len(snapshot.members) > MOST_MEMBERS:
            return
        with self._lock:
            self._snapshots[token_hash, snapshot.event.id] = snapshot
            if len(self._snapshots) > MOST_SNAPSHOTS:
                del self._snapshots[next(iter(self._snapshots))]

    def _outcome(self, plan: _PlannedAdd) -> _Outcome:
        try:
            return self._write(plan, plan.attempt.deadline - time.monotonic())
        except TimeoutError:
            return _Outcome.FAILED

    def _write_all(self, plans: Sequence[_PlannedAdd]) -> list[_Outcome]:
        """What becomes of each. Of those of one event, only the first can be written."""
        with self._database.autocommit(DEFAULT_TIMEOUT_SECONDS) as connection:
            connects = self._database.connects
            tried: dict[str, _PlannedAdd] = {}
            for plan in plans:
                if plan.snapshot.connects == connects:
                    tried.setdefault(plan.snapshot.event.id, plan)
            outcomes = _written(connection, tuple(tried.values()))
        return [outcomes.get(plan, _Outcome.STALE) for plan in plans]


def _written(connection: Connection, plans: Sequence[_PlannedAdd]) -> dict[_PlannedAdd, _Outcome]:
    """What became of plans for different events."""
    if not plans:
        return {}
    try:
        written = write_conditionally(connection, [plan.attempt for plan in plans])
    except DBAPIError as error:
        # One of them may be to blame, and the others not: each goes the ordinary way.
        failed = _Outcome.UNKNOWN if error.connection_invalidated else _Outcome.FAILED
        return dict.fromkeys(plans, failed)
    return {
        plan: _Outcome.WRITTEN if plan.snapshot.event.id in written else _Outcome.STALE
        for plan in plans
    }


def _input(request: CreateExpenseRequest, event: Event) -> Input:
    draft = parse_draft(request.expense, event.currency_code)
    return check_input(Input(draft, "expense"))


def _plan(
    call: Call,
    request: CreateExpenseRequest,
    context: grpc.ServicerContext,
    snapshot: EventSnapshot,
    given: Input,
) -> _PlannedAdd:
    write = begin_conditional_write(snapshot, call.now)
    [expense], inserts = new_expenses(write, [given])
    response = expense_message(expense)
    key = given_key(call, request)
    if key is not None:
        inserts[INSERT_KEYS] = [key.row(write.user_id, response.SerializeToString(), call.now)]
    deadline = time.monotonic() + seconds_left(context, call.timeout_seconds)
    attempt = ConditionalWrite(write, call.token_hash, deadline, inserts, key.key if key else "")
    return _PlannedAdd(snapshot, attempt, response)
