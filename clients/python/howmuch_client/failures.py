"""The reason of a failed call, from the error details of google.rpc."""

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
    """A failed call.

    code: of gRPC. reason: the stable reason, such as ETAG_STALE. Empty means that the response is not from a
    howmuch server. message: a sentence for people. metadata: data of the reason, by name. fields: path in the
    request, such as `expense.amount`, to the error of that field. retry_after_seconds: None means not given.
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
    """Reads the details of an error."""
    # At run time the error of a call is also the call; its type does not show it.
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
