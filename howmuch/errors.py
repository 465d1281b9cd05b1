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

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import TracebackType

MOST_VIOLATIONS = 20
"""Of one error."""
_MOST_BYTES = 4_000
"""Of the violations of one error together. gRPC sends them in headers, in base64, of at most 8 KiB."""
_MOST_IN_MESSAGE = 1_000
"""Bytes of the violations that the message of an error repeats. It has the first one in any case."""


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

    def size(self) -> int:
        """Bytes of its texts."""
        return len(f"{self.field}{self.description}{self.reason}".encode("utf-8", "replace"))


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
        self,
        violations: Sequence[FieldViolation],
        *,
        metadata: Mapping[str, str] | None = None,
        more: int = 0,
    ) -> None:
        """violations: at least one; those beyond the bounds are only counted. more: others that count."""
        self.violations = _within(violations, _MOST_BYTES)[:MOST_VIOLATIONS]
        self.more = more + len(violations) - len(self.violations)
        said = _within(self.violations, _MOST_IN_MESSAGE)
        sentences = [f"{v.field}: {v.description}" for v in said]
        listed = len(self.violations) - len(said)
        if listed and self.more:
            sentences.append(f"The details name {listed:,} more.")
        # The number of `more_violations`, if there is one.
        left = self.more or listed
        if left:
            sentences.append(f"{left:,} more {'fields are' if left > 1 else 'field is'} wrong.")
        super().__init__(violations[0].reason, " ".join(sentences), metadata=metadata)
        if self.more:
            self.metadata["more_violations"] = str(self.more)

    def under(self, path: str) -> "InvalidArgument":
        """The same error for a message at `path` in the request: `expenses[3]`."""
        moved = [replace(v, field=f"{path}.{v.field}") for v in self.violations]
        return InvalidArgument(moved, metadata=self.metadata, more=self.more)


def _within(violations: Sequence[FieldViolation], most_bytes: int) -> tuple[FieldViolation, ...]:
    """The first violations, at least one, with texts of at most `most_bytes` together."""
    size = 0
    for index, violation in enumerate(violations):
        size += violation.size()
        if index and size > most_bytes:
            return tuple(violations[:index])
    return tuple(violations)


class Violations:
    """Gathers the errors of several checks, so that the caller is told of all of them at once.

    Each check runs in a `with` block, which ends at its first error. `raise_any` follows the last one.
    """

    def __init__(self) -> None:
        self._found: list[FieldViolation] = []
        self._metadata: Mapping[str, str] = {}
        self._more = 0

    def __enter__(self) -> None:
        return

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if not isinstance(error, InvalidArgument):
            return False
        self.add(error)
        return True

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, error: InvalidArgument) -> None:
        """Adds the violations of an error."""
        if not self._found:
            self._metadata = error.metadata
        new = [violation for violation in error.violations if violation not in self._found]
        room = max(0, MOST_VIOLATIONS - len(self._found))
        self._found += new[:room]
        self._more += error.more + len(new[room:])

    def drop(self, reasons: Collection[str]) -> None:
        """Forgets the violations with these reasons."""
        self._found = [violation for violation in self._found if violation.reason not in reasons]

    def raise_any(self) -> None:
        """Raises InvalidArgument if a check failed; its reason and metadata are those of the first."""
        if self._found:
            raise InvalidArgument(self._found, metadata=self._metadata, more=self._more)


@contextmanager
def under(path: str) -> Iterator[None]:
    """Checks of a message at `path` in the request: their errors name its fields below that."""
    try:
        yield
    except InvalidArgument as error:
        raise error.under(path) from error


class Unauthenticated(HowmuchError):
    """No session token, an unknown one, or one that has ended."""


class PermissionDenied(HowmuchError):
    """The user is a member of the event, but their role does not allow this."""


class NotFound(HowmuchError):
    """The resource does not exist, or this user may not know of it."""

    def __init__(
        self,
        resource_type: str,
        resource_name: str,
        message: str = "",
        *,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        named = {"resource_type": resource_type, "resource_name": resource_name}
        super().__init__(
            f"{resource_type.upper()}_NOT_FOUND",
            message or f"There is no {resource_type} {resource_name!r} that you can see.",
            metadata={**named, **(metadata or {})},
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
