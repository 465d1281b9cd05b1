"""CreateExpense by one statement, where what its writer last saw of the event still holds."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

import grpc
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from howmuch.access import authorize
from howmuch.errors import HowmuchError
from howmuch.expenses import Input, check_input, named_members, new_expenses
from howmuch.group_commit import GroupCommit
from howmuch.idempotency import INSERT_KEYS
from howmuch.ids import EVENT, check_id
from howmuch.model import Event
from howmuch.optimistic import (
    Attempt,
    Belief,
    begin_optimistic_write,
    read_belief,
    write_optimistically,
)
from howmuch.rpc.call import Call, current_call
from howmuch.rpc.convert import expense_message
from howmuch.rpc.interceptors.base import Behavior
from howmuch.rpc.interceptors.deadline import seconds_left
from howmuch.rpc.interceptors.idempotency import given_key
from howmuch.rpc.parse import parse_draft
from howmuch.storage.database import DEFAULT_TIMEOUT_SECONDS, Database, unavailable
from howmuch.v1 import expense_pb2
from howmuch.v1.expense_service_pb2 import CreateExpenseRequest

MOST_BELIEFS = 2_000
MOST_MEMBERS = 100
"""Of a belief that is remembered."""
MOST_AT_ONCE = 32


class _Outcome(Enum):
    """What became of an attempt. STALE: what it went by does not hold. UNKNOWN: the connection broke."""

    WRITTEN = auto()
    STALE = auto()
    FAILED = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """What is to be written, by which belief, and what the answer will be."""

    belief: Belief
    attempt: Attempt
    response: expense_pb2.Expense


_NO_TIME_LEFT = ("DATABASE_BUSY", "DEADLINE_EXCEEDED")
"""Why no connection can be had, for which nobody should wait once more."""


class OptimisticAdd:
    """Of one process; any thread may use it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._beliefs: dict[tuple[bytes, str], Belief] = {}
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
            call.known_caller = plan.belief.caller
            outcome = self._outcome(plan)
            if outcome is _Outcome.WRITTEN:
                self._remember(call.token_hash, plan.belief.after(plan.attempt.write))
                return plan.response
            if outcome is _Outcome.UNKNOWN:
                raise unavailable()
            if outcome is _Outcome.FAILED:
                return None
        return None

    def _recall(self, call: Call, request: CreateExpenseRequest) -> tuple[Belief, Input] | None:
        """What held after this caller's last write, and the expense; None where that is not enough.

        Only once: whoever writes by it remembers what holds afterwards.
        """
        with self._lock:
            belief = self._beliefs.pop((call.token_hash, request.event_id), None)
        if belief is None:
            return None
        given = _input(request, belief.event)
        return (belief, given) if belief.covers(named_members([given.draft])) else None

    def _read(self, call: Call, request: CreateExpenseRequest) -> tuple[Belief, Input]:
        """What holds now, and the expense."""
        needed = call.method.role
        assert needed is not None, "it asks for a role in an event"
        with self._database.autocommit(call.timeout_seconds) as connection:
            connects = self._database.connects
            caller = authorize(connection, call.token_hash, call.now, request.event_id, needed)
            given = _input(request, caller.in_event.event)
            wanted = named_members([given.draft])
            return read_belief(connection, caller, wanted, connects), given

    def _remember(self, token_hash: bytes, belief: Belief) -> None:
        if len(belief.members) > MOST_MEMBERS:
            return
        with self._lock:
            self._beliefs[token_hash, belief.event.id] = belief
            if len(self._beliefs) > MOST_BELIEFS:
                del self._beliefs[next(iter(self._beliefs))]

    def _outcome(self, plan: _Plan) -> _Outcome:
        try:
            return self._write(plan, plan.attempt.deadline - time.monotonic())
        except TimeoutError:
            return _Outcome.FAILED

    def _write_all(self, plans: Sequence[_Plan]) -> list[_Outcome]:
        """What becomes of each. Of those of one event, only the first can be written."""
        with self._database.autocommit(DEFAULT_TIMEOUT_SECONDS) as connection:
            connects = self._database.connects
            tried: dict[str, _Plan] = {}
            for plan in plans:
                if plan.belief.connects == connects:
                    tried.setdefault(plan.belief.event.id, plan)
            outcomes = _written(connection, tuple(tried.values()))
        return [outcomes.get(plan, _Outcome.STALE) for plan in plans]


def _written(connection: Connection, plans: Sequence[_Plan]) -> dict[_Plan, _Outcome]:
    """What became of plans for different events."""
    if not plans:
        return {}
    try:
        written = write_optimistically(connection, [plan.attempt for plan in plans])
    except DBAPIError as error:
        # One of them may be to blame, and the others not: each goes the ordinary way.
        failed = _Outcome.UNKNOWN if error.connection_invalidated else _Outcome.FAILED
        return dict.fromkeys(plans, failed)
    return {
        plan: _Outcome.WRITTEN if plan.belief.event.id in written else _Outcome.STALE
        for plan in plans
    }


def _input(request: CreateExpenseRequest, event: Event) -> Input:
    draft = parse_draft(request.expense, event.currency_code)
    return check_input(Input(draft, "expense"))


def _plan(
    call: Call,
    request: CreateExpenseRequest,
    context: grpc.ServicerContext,
    belief: Belief,
    given: Input,
) -> _Plan:
    write = begin_optimistic_write(belief, call.now)
    [expense], inserts = new_expenses(write, [given])
    response = expense_message(expense)
    key = given_key(call, request)
    if key is not None:
        inserts[INSERT_KEYS] = [key.row(write.user_id, response.SerializeToString(), call.now)]
    deadline = time.monotonic() + seconds_left(context, call.timeout_seconds)
    attempt = Attempt(write, call.token_hash, deadline, inserts, key.key if key else "")
    return _Plan(belief, attempt, response)
