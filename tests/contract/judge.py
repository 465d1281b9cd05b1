"""What schemathesis takes for a failure and is none, each with the reason.

Every check is on. What a check cannot know about howmuch is decided here, failure by failure: a refusal by
the gateway of what is as documented, a status of 5xx and an acceptance of what means nothing in ProtoJSON are
never excused.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.openapi.checks import (
    EnsureResourceAvailability,
    RejectedPositiveData,
    UseAfterFree,
)
from schemathesis.schemas import BaseSchema

from tests.contract.respelling import Respelling

BEYOND_SCHEMAS = {
    "Bounds of lengths, sizes and numbers are in the descriptions: no rule in the proto files says them.": (
        "AMOUNT_NEGATIVE AMOUNT_NOT_POSITIVE AMOUNT_TOO_LARGE BATCH_SIZE BATCH_TOO_LARGE"
        " DATE_OUT_OF_RANGE DEFAULT_SPLIT_TOO_LARGE FIELD_REQUIRED INDEX_REQUIRED"
        " NUMBER_OUT_OF_RANGE PAGE_SIZE_NEGATIVE PASSWORD_LENGTH PASSWORD_TOO_COMMON PAYMENTS_EMPTY"
        " PERCENT_OUT_OF_RANGE REVISION_OUT_OF_RANGE SPLIT_EMPTY TEXT_TOO_LONG TOO_MANY_ITEMS"
        " TOO_MANY_PAIRS TOO_MANY_SHARES TTL_OUT_OF_RANGE WEIGHTS_ALL_ZERO WEIGHT_OUT_OF_RANGE"
    ),
    "Ids, amounts, dates, addresses, codes and masks are strings whose form is in the descriptions.": (
        "AMOUNT_MALFORMED AMOUNT_TOO_PRECISE TEXT_WITHOUT_LETTERS CHARACTER_NOT_ALLOWED COLOUR_MALFORMED"
        " CURRENCY_UNKNOWN DATE_MALFORMED DATE_REQUIRED EMAIL_MALFORMED ENUM_UNKNOWN FIELD_IS_WHOLE"
        " FIELD_UNKNOWN ID_MALFORMED ID_REQUIRED LOCALE_MALFORMED ORDER_UNKNOWN PAGE_TOKEN_MALFORMED"
        " PERCENT_MALFORMED PERCENT_REQUIRED PERCENT_TOO_PRECISE TIME_ZONE_UNKNOWN TOKEN_MALFORMED"
        " WEIGHT_MALFORMED WEIGHT_TOO_PRECISE"
    ),
    "Parts of a request have to fit each other: sums, and members who are named once.": (
        "AMOUNTS_REVERSED AMOUNT_REQUIRED DATES_REVERSED DEBT_TO_SELF DEFAULT_SPLIT_MODE"
        " FIELD_READ_ONLY INVITATION_OF_OTHER_GUEST MEMBER_DUPLICATE PAGE_TOKEN_OF_OTHER_QUERY"
        " REVISION_WITHOUT_EVENT SETTLEMENT_NEEDS_TRANSFER SHARE_NEGATIVE SUM_MISMATCH"
        " TRANSFER_ONE_PAYER TRANSFER_ONE_RECEIVER TRANSFER_TO_SELF WEIGHTS_DIFFER WEIGHT_REQUIRED"
    ),
    "No document knows which things there are, and whose passwords and links are right.": (
        "COMMENT_NOT_FOUND CREDENTIALS_WRONG EVENT_NOT_FOUND EXPENSE_NOT_FOUND"
        " EXPENSE_VERSION_NOT_FOUND INVITATION_NOT_FOUND MEMBER_NOT_FOUND MEMBER_UNKNOWN"
        " SESSION_NOT_FOUND TOKEN_INVALID"
    ),
    "What has been done before decides what can be done now.": (
        "ANSWER_TOO_LARGE BALANCE_OPEN BARRED BAR_OF_ACTIVE BAR_OF_GUEST BAR_OF_SELF"
        " COLOUR_OF_OTHERS COMMENT_OF_OTHERS CURRENCY_REQUIRED DELETED_TOO_LONG EMAIL_TAKEN"
        " EMAIL_UNCHANGED ETAG_STALE EVENT_ARCHIVED EVENT_DELETED EVENT_ID_TAKEN EVENT_NOT_DELETED"
        " EXPENSE_DELETED EXPENSE_ID_TAKEN EXPENSE_NOT_DELETED GUEST_IS_ONE GUEST_TAKEN"
        " IDEMPOTENCY_KEY_REUSED LAST_OWNER MEMBER_INACTIVE MUTE_OF_OTHERS NAME_LOOKS_LIKE_ANOTHER"
        " NAME_OF_OTHERS ROLE_TOO_HIGH ROLE_TOO_SMALL SETTLEMENT_CHANGED STATE_NOT_SETTABLE"
        " TOO_MANY_COMMENTS TOO_MANY_EMAIL_CHANGES TOO_MANY_MEMBERS"
    ),
    "The password that it needs goes into a body, which DELETE does not have: clients from before call it.": (
        "PASSWORD_REQUIRED"
    ),
}
"""Why howmuch may refuse what is as documented: to reasons of google.rpc.ErrorInfo, in its own domain."""

SOFT_DELETES = {
    "DELETE /v1/events/{eventId}",
    "DELETE /v1/events/{eventId}/expenses/{expenseId}",
    "DELETE /v1/events/{eventId}/expenses/{expenseId}/comments/{commentId}",
}
STAYS_READABLE = "Deleted events and expenses can be read, and deleting a deleted thing returns it."
OTHER_PERSON = (
    "A session can be ended by whoever logged in, and the next request is somebody else's."
)
RESPELLED = "Another spelling of what is documented, by the rules of ProtoJSON."

_EXCUSES = {
    reason: excuse for excuse, reasons in BEYOND_SCHEMAS.items() for reason in reasons.split()
}


class Judge:
    """The hook that decides. excused: how often which reason was good for something."""

    def __init__(self, respelling: Respelling) -> None:
        self._respelling = respelling
        self.excused: Counter[str] = Counter()

    def register(self, schema: BaseSchema) -> None:
        """Registers the hook."""

        @schema.hooks.hook
        def filter_failure(
            context: HookContext, failure: Failure, case: Case[Any], response: Response
        ) -> bool:
            excuse = self.excuse(failure, case, response)
            if excuse:
                self.excused[excuse] += 1
            return not excuse

    def excuse(self, failure: Failure, case: Case[Any], response: Response) -> str:
        """Why a failure is none; empty where it is one."""
        if isinstance(failure, AcceptedNegativeData):
            return RESPELLED if self._respelling.is_documented(case) else ""
        if isinstance(failure, RejectedPositiveData):
            return next(filter(None, map(_EXCUSES.get, _reasons(response))), "")
        if isinstance(failure, UseAfterFree) and failure.operation in SOFT_DELETES:
            return STAYS_READABLE
        if isinstance(failure, EnsureResourceAvailability):
            return OTHER_PERSON if failure.operation == "POST /v1/sessions" else ""
        return ""


def _reasons(response: Response) -> Iterator[str]:
    """The reasons that howmuch gives; not the gateway's."""
    for detail in response.json()["details"]:
        if detail.get("domain") == "howmuch":
            yield detail.get("reason", "")
