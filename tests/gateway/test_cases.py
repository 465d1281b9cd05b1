"""Every case of cases.json, through the gateway."""

from collections.abc import Callable

import pytest

from tests.gateway.backend import Backend
from tests.gateway.cases import Case, all_cases
from tests.gateway.engine import configured
from tests.gateway.exchange import exchange
from tests.gateway.outcomes import Exchange, Result, category, judge
from tests.gateway.summary import PROPERTY

PLAIN = [case for case in all_cases() if not case.config]
CONFIGURED = [case for case in all_cases() if case.config]


def case_id(case: Case) -> str:
    return case.id


def check(seen: Exchange, record_property: Callable[[str, object], None]) -> None:
    """An exact outcome, or where the case is contested an acceptable one; never a forbidden one."""
    verdict = judge(seen.case, seen.reply, seen.calls)
    record_property(PROPERTY, category(seen.case, verdict))
    passed = verdict.result in (Result.EXACT, Result.ACCEPTABLE)
    assert passed, "\n".join([f"{seen.case.id}: {verdict.result}", *verdict.mismatches])


@pytest.mark.parametrize("case", PLAIN, ids=case_id)
def test_case_ends_as_it_should(
    case: Case,
    gateway_port: int,
    backend: Backend,
    record_property: Callable[[str, object], None],
) -> None:
    """A gateway with default options does what the case says."""
    check(exchange(case, gateway_port, backend), record_property)


@pytest.mark.parametrize("case", CONFIGURED, ids=case_id)
def test_case_with_options_ends_as_it_should(
    case: Case, record_property: Callable[[str, object], None]
) -> None:
    """A gateway with the options of the case does what the case says."""
    with configured(case.config) as (port, backend):
        check(exchange(case, port, backend), record_property)
