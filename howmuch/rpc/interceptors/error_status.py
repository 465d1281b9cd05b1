"""Turns errors into statuses. Any other exception is a fault: logged once, and answered as INTERNAL."""

from typing import Any, NoReturn

import grpc
import structlog

from howmuch.errors import HowmuchError
from howmuch.rpc.call import current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.methods import Method
from howmuch.rpc.status import internal_status, to_status

log = structlog.get_logger()


class ErrorsInterceptor(MethodInterceptor):
    """Ends a call that raised with the status of its error."""

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Around everything that may raise an error."""

        def guarded(request: Any, context: grpc.ServicerContext, *send: Any) -> Any:
            try:
                return behavior(request, context, *send)
            except HowmuchError as error:
                current_call().reason = error.reason
                current_call().refused_user_id = error.caller_id
                abort(context, to_status(error, current_call().request_id))
            except Exception:
                request_id = current_call().request_id
                log.exception("call failed", method=method.path, request_id=request_id)
                current_call().reason = "INTERNAL"
                abort(context, internal_status(request_id))

        return guarded


def abort(context: grpc.ServicerContext, status: grpc.Status) -> NoReturn:
    """Ends the call of this thread with a status."""
    call = current_call()
    call.code = status.code
    context.set_trailing_metadata((*call.trailing_metadata, *status.trailing_metadata))
    context.abort(status.code, status.details)
