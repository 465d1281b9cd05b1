"""Give each call its identity, and log one line when it is done."""

import datetime as dt
import re
import time
import uuid
from collections.abc import Sequence
from typing import Any

import grpc
import structlog

from howmuch.rpc.call import Call, peer_of, set_current_call
from howmuch.rpc.in_process import InProcessContext
from howmuch.rpc.intake.threads import queued_seconds
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.methods import Method
from howmuch.runtime.networks import parse_networks
from howmuch.telemetry.origin import set_request_id
from howmuch.telemetry.waits import Waits, set_waits

log = structlog.get_logger()

_LONG_SECONDS = 0.005

_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}", re.ASCII)


class AccessLogInterceptor(MethodInterceptor):
    """Read or make the request id, answer with it, and log method, code, user, duration, reason and waits.

    The duration is from the arrival of the request to the end of the call. The wait for a thread is part of
    it, the wait for the client is not. The line of a refused log-in has the account, as its address.

    trusted_proxies: networks of gateways whose x-forwarded-for names the caller.
    """

    def __init__(self, methods: dict[str, Method], trusted_proxies: Sequence[str] = ()) -> None:
        super().__init__(methods)
        self._trusted = parse_networks(trusted_proxies)

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Wrap as the outermost interceptor: the others find a Call."""

        def logged(request: Any, context: grpc.ServicerContext, *send: Any) -> Any:
            started = time.perf_counter()
            metadata = dict(context.invocation_metadata())
            call = Call(
                method=method,
                metadata=metadata,
                request_id=_request_id(metadata.get("x-request-id")),
                transport=(transport := context.peer()),
                peer=peer_of(transport, metadata.get("x-forwarded-for"), self._trusted),
                now=dt.datetime.now(dt.UTC),
            )
            set_current_call(call)
            set_request_id(call.request_id)
            waits = call.waits
            set_waits(waits)
            waits.thread = queued_seconds()
            context.set_trailing_metadata(call.trailing_metadata)
            try:
                return behavior(request, context, *send)
            finally:
                # A gateway in this process logs one line for the request and its call.
                write = context.set_line if isinstance(context, InProcessContext) else _log
                write(
                    method=method.path,
                    code=call.code.name,
                    duration_ms=_milliseconds(
                        waits.thread + time.perf_counter() - started - waits.request
                    ),
                    request_id=call.request_id,
                    user_id=call.known_caller.user_id
                    if call.known_caller
                    else call.refused_user_id,
                    **({"account": call.account} if call.account and call.reason else {}),
                    **({"reason": call.reason} if call.reason else {}),
                    **_long_waits(waits),
                )

        return logged


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)


def _long_waits(waits: Waits) -> dict[str, float]:
    """Waits of 5 ms and more: for a thread and a place, for a lock, and for the request."""
    named = {"queued_ms": waits.queued, "lock_ms": waits.lock, "request_ms": waits.request}
    return {name: _milliseconds(each) for name, each in named.items() if each >= _LONG_SECONDS}


def _log(**line: object) -> None:
    log.info("rpc", **line)


def _request_id(given: str | bytes | None) -> str:
    if isinstance(given, str) and _REQUEST_ID.fullmatch(given):
        return given
    return uuid.uuid4().hex
