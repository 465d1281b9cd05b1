"""Adds a small expense by one statement, if the caller's last snapshot of the event still holds.

Without this interceptor every CreateExpense takes the ordinary way: more statements, the same answers. It
words no error: where anything is wrong, the ordinary way runs and says so. docs/speed.md has its savings.
"""

import threading
import time
from typing import NamedTuple

import grpc

from howmuch.broadcast.local import Broadcast
from howmuch.errors import HowmuchError, ResourceExhausted
from howmuch.ids import EVENT, check_id
from howmuch.rpc.call import Call, current_call
from howmuch.rpc.convert import expense_message
from howmuch.rpc.expense_service import read_new
from howmuch.rpc.group_writer import GroupWriter, Outcome
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.interceptors.deadline import seconds_left
from howmuch.rpc.interceptors.idempotency import given_key
from howmuch.rpc.interceptors.quota import Admission
from howmuch.rpc.methods import Method
from howmuch.storage.database import Database
from howmuch.storage.database_errors import unavailable
from howmuch.storage.written import current_written
from howmuch.usecases.access import authorize
from howmuch.usecases.days import today_in
from howmuch.usecases.expense_size import Input, count_pairs
from howmuch.usecases.expenses import named_members, new_expenses
from howmuch.usecases.fast_add import (
    ConditionalWrite,
    EventSnapshot,
    begin_conditional_write,
    read_snapshot,
)
from howmuch.usecases.idempotency import INSERT_KEYS
from howmuch.v1 import expense_pb2
from howmuch.v1.expense_service_pb2 import CreateExpenseRequest

CREATE_EXPENSE = "/howmuch.v1.ExpenseService/CreateExpense"

MOST_SNAPSHOTS = 2_000
MOST_MEMBERS = 100
"""In a snapshot."""
MOST_ROWS = 320
"""Of one expense: about 100 shares with their balances and debts. All calls of a group wait for its largest
expense, and beside more rows than that the saved trips to the database are little."""

_NO_TIME_LEFT = ("DATABASE_BUSY", "DEADLINE_EXCEEDED")
"""Reasons why there is no connection. The ordinary way would only wait once more."""


class SnapshotCache:
    """Snapshots that writes left behind, by session and event; bounded by their number.

    A snapshot has the generation of the connection that read it, which the writer compares.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._snapshots: dict[tuple[bytes, str], EventSnapshot] = {}

    def take(self, token_hash: bytes, event_id: str) -> EventSnapshot | None:
        """Removes and returns a snapshot: a write by it leaves the next one."""
        with self._lock:
            return self._snapshots.pop((token_hash, event_id), None)

    def keep(self, token_hash: bytes, snapshot: EventSnapshot) -> None:
        """Keeps a snapshot, in the place of the oldest if there are too many."""
        with self._lock:
            self._snapshots[token_hash, snapshot.event.id] = snapshot
            if len(self._snapshots) > MOST_SNAPSHOTS:
                del self._snapshots[next(iter(self._snapshots))]


class _TooLarge(Exception):
    """The expense would hold up the others of its group."""


class _Found(NamedTuple):
    """A snapshot, and the request read by it."""

    snapshot: EventSnapshot
    given: Input


class _PlannedAdd(NamedTuple):
    """A write, and the response if it succeeds."""

    write: ConditionalWrite
    response: expense_pb2.Expense


class FastAddInterceptor(MethodInterceptor):
    """Around the transaction, which it makes unnecessary. Only for a database with `autocommit`."""

    def __init__(
        self,
        methods: dict[str, Method],
        database: Database,
        broadcast: Broadcast,
        admission: Admission,
    ) -> None:
        super().__init__(methods)
        self._database = database
        self._broadcast = broadcast
        self._admit = admission
        self._snapshots = SnapshotCache()
        self._writer = GroupWriter(database)

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """CreateExpense alone."""
        if method.path != CREATE_EXPENSE:
            return behavior

        def added(request: CreateExpenseRequest, context: grpc.ServicerContext) -> object:
            call = current_call()
            response = self._add(call, request, context)
            if response is None:
                call.timeout_seconds = seconds_left(context, call.timeout_seconds)
                return behavior(request, context)
            self._broadcast.tell("event", request.event_id)
            return response

        return added

    def _add(
        self, call: Call, request: CreateExpenseRequest, context: grpc.ServicerContext
    ) -> expense_pb2.Expense | None:
        """The response; None if nothing was written and the ordinary way has to do it.

        With the event locked, that way also checks whether an id that the client has chosen is free, and
        compares a payment with the settlement plan.
        """
        if request.expense_id or request.expense.HasField("settlement_transfer"):
            return None
        for find in (self._recall, self._read):
            try:
                check_id(EVENT, request.event_id, "event_id")
                found = find(call, request)
                if found is None:
                    continue
                self._admit(call, found.snapshot.caller.user_id, request.event_id, request)
                planned = _plan(call, request, context, found)
            except _TooLarge:
                return None
            except ResourceExhausted:
                raise
            except HowmuchError as error:
                if error.reason in _NO_TIME_LEFT:
                    raise
                return None
            call.known_caller = found.snapshot.caller
            outcome = self._writer.write(planned.write)
            if outcome is Outcome.WRITTEN:
                after = found.snapshot.after(planned.write.write)
                self._snapshots.keep(call.token_hash, after)
                written = current_written()
                if written is not None:
                    written.add_all(planned.write.written)
                return planned.response
            if outcome is Outcome.UNKNOWN:
                raise unavailable()
            if outcome is Outcome.FAILED:
                return None
        return None

    def _recall(self, call: Call, request: CreateExpenseRequest) -> _Found | None:
        """By the snapshot of this caller's last write; None if that is not enough."""
        snapshot = self._snapshots.take(call.token_hash, request.event_id)
        if snapshot is None:
            return None
        given = read_new(request, snapshot.event, call.now)
        return _Found(snapshot, given) if snapshot.covers(named_members([given.draft])) else None

    def _read(self, call: Call, request: CreateExpenseRequest) -> _Found:
        """By a snapshot of now."""
        needed = call.method.role
        assert needed is not None, "CreateExpense needs a role in an event"
        with self._database.autocommit(call.timeout_seconds) as connection:
            generation = self._database.generation_of(connection)
            caller = authorize(connection, call.token_hash, call.now, request.event_id, needed)
            given = read_new(request, caller.in_event.event, call.now)
            wanted = named_members([given.draft])
            if wanted is not None and len(wanted) > MOST_MEMBERS:
                raise _TooLarge
            return _Found(read_snapshot(connection, caller, wanted, generation), given)


def _plan(
    call: Call, request: CreateExpenseRequest, context: grpc.ServicerContext, found: _Found
) -> _PlannedAdd:
    snapshot = found.snapshot
    if len(snapshot.members) > MOST_MEMBERS:
        raise _TooLarge
    write = begin_conditional_write(snapshot, call.now)
    # Before the debts are computed. Those of members who pay and share cancel out, so that fewer are rows.
    if count_pairs(found.given.draft, write.active_count) > 2 * MOST_ROWS:
        raise _TooLarge
    [expense], inserts = new_expenses(write, [found.given])
    if sum(map(len, inserts.values())) > MOST_ROWS:
        raise _TooLarge
    response = expense_message(expense, today_in(write.event, call.now))
    key = given_key(call, request)
    if key is not None:
        inserts[INSERT_KEYS] = [key.row(write.user_id, response.SerializeToString(), call.now)]
    wanted = ConditionalWrite(
        write,
        call.token_hash,
        deadline=time.monotonic() + seconds_left(context, call.timeout_seconds),
        generation=snapshot.generation,
        inserts=inserts,
        key=key.key if key else "",
    )
    return _PlannedAdd(wanted, response)
