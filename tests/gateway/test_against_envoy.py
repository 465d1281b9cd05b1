"""Every case without options through a real Envoy too: where the two differ, it is known why.

Compared are the status, what the backend got, the error code, the body as JSON, and whether the
headers and metadata are what the case says; see `differences.py`.
"""

import pytest

from tests.gateway.backend import Backend
from tests.gateway.cases import Case, all_cases
from tests.gateway.differences import PARTS, differing_parts, known_differences, told
from tests.gateway.exchange import exchange

# One process, and so one Envoy.
pytestmark = pytest.mark.xdist_group("envoy")

COMPARED = [case for case in all_cases() if not case.config]


def case_id(case: Case) -> str:
    return case.id


@pytest.mark.parametrize("case", COMPARED, ids=case_id)
def test_case_ends_as_in_envoy_or_the_difference_is_known(
    case: Case, gateway_port: int, envoy_port: int, backend: Backend
) -> None:
    """No difference without a reason, and no reason left over from a difference of the past."""
    ours, theirs = (exchange(case, port, backend) for port in (gateway_port, envoy_port))
    known = known_differences().get(case.id)
    found = differing_parts(ours, theirs)
    seen = f"The gateway: {told(ours)}\nEnvoy: {told(theirs)}"
    if known is None:
        assert not found, f"{case.id} differs in {found}, and no reason is listed.\n{seen}"
    else:
        assert found == known.parts, f"{case.id} differs in {found}, listed is {known}.\n{seen}"


def test_every_listed_difference_has_a_case_and_a_reason() -> None:
    """The list is about the cases that there are, in whole sentences."""
    assert known_differences().keys() <= {case.id for case in COMPARED}
    for case_id, known in known_differences().items():
        assert known.parts, case_id
        assert set(known.parts) <= PARTS.keys(), case_id
        assert known.reason.endswith("."), case_id
