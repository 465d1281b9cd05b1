"""From errors to gRPC statuses: the table of codes, and the google.rpc details of each error."""

from collections.abc import Iterator

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from howmuch import errors

DOMAIN = "howmuch"

CODES: dict[type[errors.HowmuchError], grpc.StatusCode] = {
    errors.InvalidArgument: grpc.StatusCode.INVALID_ARGUMENT,
    errors.Unauthenticated: grpc.StatusCode.UNAUTHENTICATED,
    errors.PermissionDenied: grpc.StatusCode.PERMISSION_DENIED,
    errors.NotFound: grpc.StatusCode.NOT_FOUND,
    errors.AlreadyExists: grpc.StatusCode.ALREADY_EXISTS,
    errors.FailedPrecondition: grpc.StatusCode.FAILED_PRECONDITION,
    errors.Aborted: grpc.StatusCode.ABORTED,
    errors.ResourceExhausted: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.DeadlineExceeded: grpc.StatusCode.DEADLINE_EXCEEDED,
    errors.Cancelled: grpc.StatusCode.CANCELLED,
    errors.Unavailable: grpc.StatusCode.UNAVAILABLE,
}


def to_status(error: errors.HowmuchError, request_id: str) -> grpc.Status:
    """The status of an error, with details for programs: reason, field or resource, and request id."""
    details: list[Message] = [
        error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata)
    ]
    if isinstance(error, errors.InvalidArgument):
        details.append(_bad_request(error))
    elif isinstance(error, errors.NotFound):
        details.append(
            error_details_pb2.ResourceInfo(
                resource_type=error.resource_type,
                resource_name=error.resource_name,
                description=error.message,
            )
        )
    elif isinstance(error, errors.FailedPrecondition):
        violation = error_details_pb2.PreconditionFailure.Violation(
            type=error.reason, description=error.message
        )
        details.append(error_details_pb2.PreconditionFailure(violations=[violation]))
    elif isinstance(error, errors.ResourceExhausted):
        details += _exhausted(error)
    elif isinstance(error, errors.Unavailable):
        details += _retry_info(error.retry_after_seconds)
    return _status(CODES[type(error)], error.message, details, request_id)


def internal_status(request_id: str) -> grpc.Status:
    """The status of an unexpected exception, without internals."""
    message = f"Something went wrong on our side. Quote {request_id} when you report it."
    info = error_details_pb2.ErrorInfo(reason="INTERNAL", domain=DOMAIN)
    return _status(grpc.StatusCode.INTERNAL, message, [info], request_id)


def _exhausted(error: errors.ResourceExhausted) -> Iterator[Message]:
    if error.quota_subject:
        violation = error_details_pb2.QuotaFailure.Violation(
            subject=error.quota_subject, description=error.message
        )
        yield error_details_pb2.QuotaFailure(violations=[violation])
    yield from _retry_info(error.retry_after_seconds)


def _retry_info(seconds: float | None) -> Iterator[Message]:
    if seconds is not None:
        delay = Duration()
        delay.FromMilliseconds(round(seconds * 1000))
        yield error_details_pb2.RetryInfo(retry_delay=delay)


def _bad_request(error: errors.InvalidArgument) -> error_details_pb2.BadRequest:
    return error_details_pb2.BadRequest(
        field_violations=[
            error_details_pb2.BadRequest.FieldViolation(
                field=violation.field,
                description=violation.description,
                reason=violation.reason,
            )
            for violation in error.violations
        ]
    )


def _status(
    code: grpc.StatusCode, message: str, details: list[Message], request_id: str
) -> grpc.Status:
    packed = []
    for detail in (*details, error_details_pb2.RequestInfo(request_id=request_id)):
        wrapper = Any()
        wrapper.Pack(detail)
        packed.append(wrapper)
    number: int = code.value[0]
    return rpc_status.to_status(status_pb2.Status(code=number, message=message, details=packed))
