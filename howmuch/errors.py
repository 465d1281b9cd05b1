"""The one error tree. Domain code raises these; `howmuch.rpc.status` turns them into gRPC codes.

    HowmuchError
    |-- InvalidArgument        a field breaks a rule; names the field, the value and the rule
    |-- Unauthenticated        no session, or one that has ended
    |-- PermissionDenied       a member, but with too small a role
    |-- NotFound               it does not exist, or this user may not know of it
    |-- AlreadyExists          a unique name is taken
    |-- FailedPrecondition     the state of the event or account does not allow it
    |-- Aborted                another request changed it first (stale etag)
    |-- ResourceExhausted      a limit was reached; says when to try again
    |-- DeadlineExceeded       the caller's deadline passed before the work was done
    |-- Cancelled              the caller has left
    `-- Unavailable            a dependency is down; try again

Every error has a `reason`: a stable UPPER_SNAKE word for programs (google.rpc.ErrorInfo.reason, domain
"howmuch"). `message` is a complete sentence for people. `metadata` holds the values in the sentence as
strings, so that a program need not parse it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One field that breaks one rule.

    field: path as on the wire, snake_case, with indexes: `expense.payments[1].amount`.
    description: a sentence that names the value and the rule.
    reason: UPPER_SNAKE word for programs, such as AMOUNT_TOO_PRECISE.
    """

    field: str
    description: str
    reason: str


class HowmuchError(Exception):
    """Base of all errors that a caller is told."""

    def __init__(
        self, reason: str, message: str, *, metadata: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata: dict[str, str] = dict(metadata or {})
        self.caller_id: str | None = None
        """The user who was refused, for the log alone. None means not known, or known elsewhere."""


class InvalidArgument(HowmuchError):
    """The request itself is wrong, in any state of the system."""

    def __init__(
        self, violations: Sequence[FieldViolation], *, metadata: Mapping[str, str] | None = None
    ) -> None:
        message = " ".join(f"{v.field}: {v.description}" for v in violations)
        super().__init__(violations[0].reason, message, metadata=metadata)
        self.violations = tuple(violations)

    def under(self, path: str) -> "InvalidArgument":
        """The same error for a message at `path` in the request: `expenses[3]`."""
        return InvalidArgument(
            [replace(v, field=f"{path}.{v.field}") for v in self.violations], metadata=self.metadata
        )


class Unauthenticated(HowmuchError):
    """No session token, an unknown one, or one that has ended."""


class PermissionDenied(HowmuchError):
    """The user is a member of the event, but their role does not allow this."""


class NotFound(HowmuchError):
    """The resource does not exist, or this user may not know of it."""

    def __init__(self, resource_type: str, resource_name: str, message: str = "") -> None:
        super().__init__(
            f"{resource_type.upper()}_NOT_FOUND",
            message or f"There is no {resource_type} {resource_name!r} that you can see.",
            metadata={"resource_type": resource_type, "resource_name": resource_name},
        )
        self.resource_type = resource_type
        self.resource_name = resource_name


class AlreadyExists(HowmuchError):
    """A unique name is taken."""


class FailedPrecondition(HowmuchError):
    """The request is valid, but the present state forbids it; change the state first."""


class Aborted(HowmuchError):
    """Another request changed the resource since it was read; read it again and reapply the change."""


class ResourceExhausted(HowmuchError):
    """A limit was reached. retry_after_seconds: a retry may succeed then; None means never by itself.

    quota_subject: the user or event whose quota it is. Empty means that it is not a quota.
    """

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        retry_after_seconds: float | None,
        quota_subject: str = "",
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(reason, message, metadata=metadata)
        self.retry_after_seconds = retry_after_seconds
        self.quota_subject = quota_subject


class DeadlineExceeded(HowmuchError):
    """The caller's deadline passed first; nothing was written."""


class Cancelled(HowmuchError):
    """The caller has left and gets no answer."""


class Unavailable(HowmuchError):
    """The database or another dependency does not answer.

    retry_after_seconds: a retry may succeed then; None means that the server cannot tell.
    """

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        retry_after_seconds: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(reason, message, metadata=metadata)
        self.retry_after_seconds = retry_after_seconds


def invalid(
    field: str, reason: str, description: str, *, metadata: Mapping[str, str] | None = None
) -> InvalidArgument:
    """An InvalidArgument for one field."""
    return InvalidArgument([FieldViolation(field, description, reason)], metadata=metadata)
