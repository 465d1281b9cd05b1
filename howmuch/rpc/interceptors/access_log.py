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
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.methods import Method
from howmuch.runtime.networks import parse_networks
from howmuch.telemetry.origin import set_request_id
from howmuch.telemetry.waits import lock_wait_seconds, reset_waits

log = structlog.get_logger()

_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}", re.ASCII)


LOGGED_WAIT_SECONDS = 0.005
"""A call that took a lock at once says nothing of it."""


class AccessLogInterceptor(MethodInterceptor):
    """Read or make the request id, answer with it, and log method, code, user, duration and reason.

    The line of a refused log-in has the account, as its address.

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
                peer=peer_of(context.peer(), metadata.get("x-forwarded-for"), self._trusted),
                now=dt.datetime.now(dt.UTC),
            )
            set_current_call(call)
            set_request_id(call.request_id)
            reset_waits()
            context.set_trailing_metadata(call.trailing_metadata)
            try:
                return behavior(request, context, *send)
            finally:
                # A gateway in this process logs one line for the request and its call.
                waited = lock_wait_seconds()
                write = context.set_line if isinstance(context, InProcessContext) else _log
                write(
                    method=method.path,
                    code=call.code.name,
                    duration_ms=round((time.perf_counter() - started) * 1000, 3),
                    request_id=call.request_id,
                    user_id=call.known_caller.user_id
                    if call.known_caller
                    else call.refused_user_id,
                    **({"account": call.account} if call.account and call.reason else {}),
                    **(
                        {"lock_wait_ms": round(waited * 1000, 3)}
                        if waited > LOGGED_WAIT_SECONDS
                        else {}
                    ),
                    **({"reason": call.reason} if call.reason else {}),
                )

        return logged


def _log(**line: object) -> None:
    log.info("rpc", **line)


def _request_id(given: str | bytes | None) -> str:
    if isinstance(given, str) and _REQUEST_ID.fullmatch(given):
        return given
    return uuid.uuid4().hex
