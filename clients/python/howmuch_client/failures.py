"""Why a call failed: what a server says in the model of google.rpc."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status

Detail = TypeVar("Detail", bound=Message)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a call failed.

    code: of gRPC. reason: the word that stays, such as ETAG_STALE; empty where what answered is no howmuch
    server. message: a sentence for people. metadata: what the reason is about, by name. fields: path in the
    request, such as `expense.amount`, to what is wrong there. retry_after_seconds: None: not said.
    """

    code: grpc.StatusCode
    reason: str
    message: str
    metadata: Mapping[str, str]
    fields: Mapping[str, str]
    retry_after_seconds: float | None

    def __str__(self) -> str:
        """One line, with the fields."""
        said = [f"{field}: {text}" for field, text in self.fields.items()] or [self.message]
        return f"{self.reason or self.code.name}: {' '.join(said)}"


def failure(error: grpc.RpcError) -> Failure:
    """What an error of a call says."""
    # An error of a call is also that call, which its class does not say.
    call = cast("grpc.Call", error)
    info = _detail(call, error_details_pb2.ErrorInfo)
    request = _detail(call, error_details_pb2.BadRequest)
    retry = _detail(call, error_details_pb2.RetryInfo)
    return Failure(
        code=call.code(),
        reason=info.reason if info else "",
        message=call.details() or "",
        metadata=dict(info.metadata) if info else {},
        fields={v.field: v.description for v in request.field_violations} if request else {},
        retry_after_seconds=retry.retry_delay.ToTimedelta().total_seconds() if retry else None,
    )


def _detail(call: grpc.Call, kind: type[Detail]) -> Detail | None:
    status = rpc_status.from_call(call)
    for packed in status.details if status else ():
        found = kind()
        if packed.Unpack(found):
            return found
    return None
