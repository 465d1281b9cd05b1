"""Refuses calls without valid credentials before their body is read.

The service authorizes every call itself. This guard keeps strangers from making the gateway read, decompress
and convert bodies of calls that the service would refuse.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc.aio
from google.protobuf.descriptor import MethodDescriptor
from google.rpc import code_pb2

from howmuch.gateway.call_errors import call_refusal
from howmuch.gateway.codec import Codec
from howmuch.gateway.concurrency_limit import ConcurrencyLimit
from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.exchange import Exchange
from howmuch.gateway.headers import Metadata
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.status import Refusal, refusal
from howmuch.gateway.stopping import why_cancelled

CHECK_SECONDS = 10.0
_FORWARDED = frozenset({"authorization", "x-request-id", "x-forwarded-for", "traceparent"})


@dataclass(frozen=True, slots=True)
class Guard:
    """The guard of all methods. check: calls the method that checks credentials; None means no check."""

    descriptors: Descriptors
    options: GatewayOptions
    codec: Codec
    limit: ConcurrencyLimit
    check: Callable[..., Any] | None

    def is_public(self, method: MethodDescriptor) -> bool:
        """Whether a method declares that it needs no credentials."""
        option = self.options.info.public_option
        return option is not None and (
            str(self.descriptors.method_option(method, option.name)) == option.value
        )

    async def admit(self, exchange: Exchange, metadata: Metadata) -> None:
        """Raises Refusal for a call without credentials, and for a large one with wrong ones."""
        if not exchange.headers.get(b"authorization"):
            raise self._missing(exchange.request_id)
        if self.check is None or not exchange.may_be_large():
            return
        forwarded = [(name, value) for name, value in metadata if name in _FORWARDED]
        with self.limit:
            call = self.check(b"", timeout=CHECK_SECONDS, metadata=iter(forwarded))
            exchange.connection.on_gone = call.cancel
            try:
                await call
            except grpc.aio.AioRpcError as error:
                raise call_refusal(error, self.codec) from None
            except asyncio.CancelledError:
                raise why_cancelled() from None
            finally:
                exchange.connection.on_gone = None
                call.cancel()

    def _missing(self, request_id: str) -> Refusal:
        said = self.options.credentials
        challenge = (b"www-authenticate", b"Bearer")
        if said is None or not said.reason:
            return refusal(
                code_pb2.UNAUTHENTICATED,
                "CREDENTIALS_REQUIRED",
                "This needs credentials: send them in the Authorization header.",
                headers=[challenge],
            )
        return Refusal(
            code_pb2.UNAUTHENTICATED,
            said.message,
            details=[
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": said.reason,
                    "domain": said.domain,
                },
                {
                    "@type": "type.googleapis.com/google.rpc.RequestInfo",
                    "requestId": request_id,
                },
            ],
            headers=[challenge],
        )
