"""Every RPC over REST with each outcome that its declared access has: one case of each method and code.

Who exactly is refused is in tests/service/test_access_matrix.
"""

import copy
from collections.abc import Callable

import pytest

from howmuch.ids import EVENT, new_id
from howmuch.rpc.methods import Method
from tests.rest.client import Rest
from tests.rest.transcoding import HTTP_STATUS, call
from tests.service.api import Api
from tests.service.requests import FACTORIES, METHODS, name_of, set_field
from tests.service.test_access_matrix import ALLOWED, OF_EVENTS, expected
from tests.service.world import CALLERS, NOT_IN_EVENT, World

Worlds = Callable[[Method], World]
ONE_OF_EACH = {
    (name_of(method), expected(method, who)[0]): (method, who)
    for method in METHODS.values()
    for who in CALLERS
}

pytestmark = pytest.mark.parametrize("dialect", ["postgresql"], indirect=True, scope="session")


@pytest.fixture(scope="module")
def unchanged(worlds: Callable[[str], World]) -> Worlds:
    """Method to a world, with everybody in it, that has seen only reads, or refused calls of this method."""
    return lambda method: worlds(method.path if method.writes else "")


@pytest.mark.parametrize(
    ("method", "who"),
    ONE_OF_EACH.values(),
    ids=lambda value: value if isinstance(value, str) else name_of(value),
)
def test_l14_every_outcome_of_every_method(
    api: Api, rest: Rest, unchanged: Worlds, method: Method, who: str
) -> None:
    """Whoever has the declared access is served; all others get the status for their member_state."""
    code, _ = outcome = expected(method, who)
    changes = method.writes and outcome == ALLOWED
    world = World(api) if changes else unchanged(method)
    caller = rest.signed_in(world(who).token)
    answer = call(caller, name_of(method), FACTORIES[name_of(method)](world, who))
    assert answer.status == HTTP_STATUS[code], answer.body
    assert ("www-authenticate" in answer.headers) is (answer.status == 401)
    if outcome != ALLOWED:
        assert (answer.failure.code, answer.failure.reason) == outcome


@pytest.mark.parametrize("method", OF_EVENTS, ids=name_of)
def test_l14_existence_is_not_revealed(rest: Rest, unchanged: Worlds, method: Method) -> None:
    """Who is not in an event gets the same answer for it as for one that is not: status, headers and body."""
    world, nowhere = unchanged(method), new_id(EVENT)
    request = FACTORIES[name_of(method)](world, "stranger")
    elsewhere = copy.deepcopy(request)
    set_field(elsewhere, method.event_field, nowhere)
    answers = set()
    for who in NOT_IN_EVENT:
        caller = rest.signed_in(world(who).token)
        for asked, event_id in ((request, world.event_id), (elsewhere, nowhere)):
            answer = call(caller, name_of(method), asked, {"x-request-id": "the-same"})
            headers = {**answer.headers, "date": "now"}
            said = answer.body.decode().replace(event_id, "ID")
            answers.add((answer.status, tuple(sorted(headers.items())), said))
    [(status, _, _)] = answers
    assert status == HTTP_STATUS["NOT_FOUND"]
