"""Answers a read again with its earlier answer while the revision of the event is the same.

Every write to an event raises its revision, in the same transaction. So an answer that follows from the event
and its day alone is the same for one revision on one day, for every caller and whichever process wrote last.
Each call reads the revision with the caller's membership, in the transaction that would read the rest.
Without this interceptor every call reads and builds its answer again.
"""

import datetime as dt
from typing import Any, NamedTuple

import grpc

from howmuch.rpc.call import current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.methods import Method
from howmuch.runtime.cache import SizedCache
from howmuch.usecases.days import today_in

CACHED_METHODS = frozenset(
    {
        "/howmuch.v1.EventService/GetBalances",
        "/howmuch.v1.EventService/GetSettlement",
        "/howmuch.v1.EventService/GetTotals",
        "/howmuch.v1.ExpenseService/GetExpense",
        "/howmuch.v1.ExpenseService/ListExpenses",
        "/howmuch.v1.ExpenseService/ListRecentlyUsed",
    }
)
"""Methods whose answer depends on the request, the event and its day, not on the caller."""

MOST_BYTES = 4 * 2**20


class _Key(NamedTuple):
    generation: int
    path: str
    event_id: str
    revision: int
    today: dt.date
    request: bytes


class AnswerCacheInterceptor(MethodInterceptor):
    """Innermost: only for callers who may see the answer."""

    def __init__(self, methods: dict[str, Method]) -> None:
        super().__init__(methods)
        self._answers: SizedCache[_Key, bytes] = SizedCache(MOST_BYTES)

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Keeps answers, never errors: requests for what does not exist are without number."""
        if method.path not in CACHED_METHODS:
            return behavior

        def cached(request: Any, context: grpc.ServicerContext) -> Any:
            call = current_call()
            event = call.caller.in_event.event
            asked = request.SerializeToString(deterministic=True)
            today = today_in(event, call.now)
            key = _Key(call.generation, method.path, event.id, event.revision, today, asked)
            wire = self._answers.get(key)
            if wire is not None:
                return method.response.FromString(wire)
            response = behavior(request, context)
            wire = response.SerializeToString()
            self._answers.keep(key, wire, len(asked) + len(wire))
            return response

        return cached
