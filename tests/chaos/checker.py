"""Says what is wrong after a campaign. It reads evidence alone, and asks no server."""

from collections.abc import Iterator
from itertools import chain

from tests.chaos.checks.access import check_access
from tests.chaos.checks.money import check_balances
from tests.chaos.checks.notices import check_notices
from tests.chaos.checks.streams import check_revisions, check_watches
from tests.chaos.checks.writes import check_writes
from tests.chaos.evidence import Evidence, Rule, Violation


def check(evidence: Evidence) -> list[Violation]:
    """Every broken rule."""
    return list(
        chain(
            _check_stuck(evidence),
            check_writes(evidence),
            check_revisions(evidence),
            check_watches(evidence),
            check_balances(evidence),
            check_access(evidence),
            check_notices(evidence),
        )
    )


def _check_stuck(evidence: Evidence) -> Iterator[Violation]:
    for text in evidence.stuck:
        yield Violation(Rule.STUCK, text)
