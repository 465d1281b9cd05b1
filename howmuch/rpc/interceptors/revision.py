"""Answers again what it has answered for the same revision of an event.

Every write to an event raises its revision, in the same transaction. So what follows from its expenses alone
is the same for as long as the revision is, whoever asks and whichever process wrote last. The revision is
read for each call, with the caller's membership, in the transaction that would read the rest.
"""

from typing import Any

import grpc

from howmuch.rpc.call import current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.methods import Method
from howmuch.runtime.cache import SizedCache

OF_THE_REVISION = frozenset(
    {
        "/howmuch.v1.EventService/GetBalances",
        "/howmuch.v1.EventService/GetSettlement",
        "/howmuch.v1.EventService/GetTotals",
        "/howmuch.v1.ExpenseService/GetExpense",
        "/howmuch.v1.ExpenseService/ListExpenses",
    }
)
"""Methods whose answer depends on the request and on what is in the event, and not on who asks or when."""

MOST_BYTES = 4 * 2**20


class RevisionInterceptor(MethodInterceptor):
    """Innermost: for a caller who may see it."""

    def __init__(self, methods: dict[str, Method]) -> None:
        super().__init__(methods)
        self._answers: SizedCache[tuple[str, str, int, bytes], bytes] = SizedCache(MOST_BYTES)

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Errors are not kept: who asks for what there is not may ask for anything."""
        if method.path not in OF_THE_REVISION:
            return behavior

        def remembered(request: Any, context: grpc.ServicerContext) -> Any:
            event = current_call().caller.in_event.event
            asked = request.SerializeToString(deterministic=True)
            key = (method.path, event.id, event.revision, asked)
            wire = self._answers.get(key)
            if wire is not None:
                return method.response.FromString(wire)
            response = behavior(request, context)
            wire = response.SerializeToString()
            self._answers.keep(key, wire, len(asked) + len(wire))
            return response

        return remembered
