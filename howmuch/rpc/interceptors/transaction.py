"""One call, one transaction: committed when the servicer has answered, rolled back when it raised."""

from collections.abc import Callable, Mapping
from typing import Any

import grpc

from howmuch.errors import DeadlineExceeded
from howmuch.rpc.call import current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.methods import Method
from howmuch.signals.signals import Signals
from howmuch.storage.database import Database

# What takes long and needs no transaction, such as hashing a password. Its result is Call.prepared.
Preparation = Callable[[Any], Any]


class TransactionInterceptor(MethodInterceptor):
    """Methods that declare no side effects get a transaction that cannot write.

    preparations: method path to what runs before the transaction opens. signals: told after a write
    which event changed, empty where the method names none, and whose sessions ended.
    """

    def __init__(
        self,
        methods: dict[str, Method],
        database: Database,
        preparations: Mapping[str, Preparation],
        signals: Signals,
    ) -> None:
        super().__init__(methods)
        self._database = database
        self._preparations = preparations
        self._signals = signals

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Around whatever reads or writes."""
        prepare = self._preparations.get(method.path)
        begin = self._database.begin if method.writes else self._database.read

        def transacted(request: Any, context: grpc.ServicerContext, *send: Any) -> Any:
            call = current_call()
            if prepare is not None:
                call.prepared = prepare(request)
            try:
                with begin(call.timeout_seconds) as connection:
                    call.open_connection = connection
                    response = behavior(request, context, *send)
                    if method.writes:
                        _check_in_time(context)
            finally:
                call.open_connection = None
            if method.writes:
                if call.sessions_ended_of:
                    self._signals.tell("user", call.sessions_ended_of)
                self._signals.tell("event", method.event_id_of(request) if method.role else "")
            return response

        return transacted


def _check_in_time(context: grpc.ServicerContext) -> None:
    """Before the commit: a caller who was told that the deadline passed finds nothing written."""
    remaining: float | None = context.time_remaining()
    if remaining is not None and remaining <= 0:
        raise DeadlineExceeded(
            "DEADLINE_EXCEEDED",
            "The deadline passed before the work was done; nothing was written.",
        )
