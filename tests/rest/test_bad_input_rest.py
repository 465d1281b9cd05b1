"""What is refused over gRPC is refused over REST: with the same code, reason, field and sentence.

Fields have the names of JSON, and their paths begin where the body begins.

One case of each method and code: that each rule refuses is in tests/service/test_bad_input.
"""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from howmuch.config.http import HttpSettings
from tests.databases import closing_database, new_sqlite_url
from tests.rest.client import Rest
from tests.rest.serving import serving
from tests.rest.transcoding import (
    HTTP_STATUS,
    InexpressibleError,
    call,
    http_form,
    in_json,
    written,
)
from tests.service.api import failure
from tests.service.bad_input import WITH_REQUEST, Case, World, make_world
from tests.service.test_bad_input import CASES
from tests.service.world import contents

Both = tuple[World, Rest]

MOST_IN_A_TARGET = HttpSettings().max_header_bytes
EMPTY = World({}, {})
"""A world in which the `$` names of cases stand for themselves."""


def is_http(case: Case) -> bool:
    """Whether there is an HTTP request for it, and its target is not beyond the bound of the gateway."""
    try:
        form = http_form(case.rpc, EMPTY.request(case.rpc, case.change))
    except InexpressibleError:
        return False
    return len(form.path) + len(urlencode(form.query)) < MOST_IN_A_TARGET


def one_of_each() -> list[Case]:
    """Of each method and code, the last case that can be sent."""
    chosen: dict[tuple[str, str], Case] = {}
    for case in reversed(CASES):
        if (case.rpc, case.code) not in chosen and is_http(case):
            chosen[case.rpc, case.code] = case
    return list(chosen.values())


OVER_HTTP = one_of_each()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """What all requests are sent to, over gRPC and REST: none of them changes a row."""
    url = new_sqlite_url(tmp_path_factory.mktemp("sqlite"))
    with closing_database(url) as database, serving(database) as (api, rest):
        world = make_world(api)
        before = contents(api.database)
        yield world, rest
        assert contents(api.database) == before


@pytest.mark.parametrize("case", OVER_HTTP, ids=lambda case: f"{case.rpc}-{case.reason}")
def test_refusal_is_the_same_over_rest(both: Both, case: Case) -> None:
    """Status, code, reason, message, fields and details agree with the answer over gRPC."""
    world, rest = both
    request = world.request(case.rpc, case.change)
    caller = rest.signed_in(world.people[case.caller].token)
    over_grpc = failure(lambda: world.send(case.rpc, request, case.caller, metadata=case.headers))
    answer = call(caller, case.rpc, request, dict(case.headers))
    over_rest = answer.failure
    by_header = case.reason == "ETAG_STALE" and bool(case.headers)
    assert (answer.status, over_rest.code, over_rest.reason) == (
        412 if by_header else HTTP_STATUS[case.code],
        case.code,
        case.reason,
    )
    for failed in (over_grpc, over_rest):
        assert failed.details.pop("RequestInfo").request_id
    assert {field: in_json(said) for field, said in over_rest.fields.items()} == {
        written(case.rpc, field): in_json(said) for field, said in over_grpc.fields.items()
    }
    if over_rest.fields:
        said = [f"{field}: {said}" for field, said in over_rest.fields.items()]
        assert over_rest.message == " ".join(said)
    else:
        # An error that is not about the form of a field may begin with its path.
        field = over_grpc.metadata.get("field", "")
        assert over_rest.message == over_grpc.message.replace(field, written(case.rpc, field), 1)
    assert over_rest.metadata == over_grpc.metadata
    assert over_rest.details.keys() == over_grpc.details.keys()


def test_table_is_sent_over_rest() -> None:
    """There is a case of every method with a request, and of every code."""
    assert {case.rpc for case in OVER_HTTP} >= WITH_REQUEST
    assert {case.code for case in OVER_HTTP} == {case.code for case in CASES}


@pytest.mark.parametrize("where", ["path", "query"])
def test_target_that_is_too_long_is_refused_as_such(ana: Rest, where: str) -> None:
    """An id or a page token beyond all bounds never reaches the server: 414, or 431 by its headers."""
    long = "0" * (MOST_IN_A_TARGET + 1)
    if where == "path":
        answer = ana.get(f"/v1/events/evt_{long}")
    else:
        answer = ana.get("/v1/events", pageToken=long)
    assert answer.status in (414, 431), answer.body


@pytest.mark.parametrize("mask", ["name\0", "a,,b", "name,", "name title"])
def test_mask_that_is_none_is_refused(ana: Rest, mask: str) -> None:
    """A mask is names with commas between; the gateway says so, and of which parameter."""
    refused = ana.patch("/v1/users/me", {"name": "Bo"}, updateMask=mask)
    assert refused.status == 400
    [info, bad_request] = refused.json["details"]
    assert info["domain"] == "gateway"
    assert [violation["field"] for violation in bad_request["fieldViolations"]] == ["updateMask"]
    assert ana.get("/v1/users/me").ok["name"] == "Ana"
