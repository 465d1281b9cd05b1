"""Faults that hurt users of other systems, and how this one does not have them over REST either."""

import copy
from typing import Any

import pytest
from google.api import annotations_pb2

from howmuch.ids import new_id
from howmuch.rpc.methods import SERVICES, Method
from howmuch.usecases.ledger_check import check_event
from howmuch.v1 import expense_pb2
from howmuch.v1 import expense_service_pb2 as xs
from tests.databases import QueryCounter
from tests.rest.client import Answer, Rest
from tests.rest.steps import expense, new_event, refusal, spend
from tests.rest.transcoding import call, http_form
from tests.service.api import Api
from tests.service.requests import FACTORIES, METHODS, name_of, set_field
from tests.service.test_lessons_access import KINDS, children, get_field
from tests.service.test_lessons_at_once import at_once, key
from tests.service.world import World, contents

READS = [method for method in METHODS.values() if not method.writes]
STREAMS = {
    method.name for service in SERVICES for method in service.methods if method.server_streaming
}


@pytest.mark.parametrize(
    ("name", "value", "field", "expected", "actual", "difference"),
    [
        ("payments", [{"amount": "9.98"}], "payments", "10.00", "9.98", "-0.02"),
        ("exact", {"amount": "10.5"}, "split.exact.parts", "10.00", "10.50", "0.50"),
        ("percent", {"percent": "99.5"}, "split.percent.parts", "100", "99.5", "-0.5"),
    ],
)
def test_l04_a_sum_that_does_not_fit_says_the_difference(
    ana: Rest, name: str, value: Any, field: str, expected: str, actual: str, difference: str
) -> None:
    """Expected, actual and the signed difference are in the details, and in the sentence for people."""
    path, (mine,) = new_event(ana)
    change: dict[str, Any]
    if name == "payments":
        change = {"payments": [{"memberId": mine, **payment} for payment in value]}
    else:
        change = {"split": {name: {"parts": [{"memberId": mine, **value}]}}}
    answer = ana.post(f"{path}/expenses", {**expense(mine, "10.00"), **change})
    assert refusal(answer) == (400, "SUM_MISMATCH")
    failed = answer.failure
    assert failed.metadata == {"expected": expected, "actual": actual, "difference": difference}
    assert list(failed.fields) == [field]
    assert difference in failed.message


def test_l10_get_and_head_never_write(api: Api, rest: Rest, query_counter: QueryCounter) -> None:
    """Every read over GET and HEAD runs nothing but SELECT; HEAD has the headers of GET."""
    world = World(api)
    reads = [(name_of(read), FACTORIES[name_of(read)](world, "owner")) for read in READS]
    caller, before = rest.signed_in(world.owner.token), world.owner.revision(world.event_id)
    with query_counter(api.database.engine) as statements:
        for name, request in reads:
            got = call(caller, name, request)
            assert got.status == 200
            if name not in STREAMS:
                form = http_form(name, request)
                head = caller.request("HEAD", form.path, query=form.query)
                own = {"date", "x-request-id", "content-encoding"}
                same = (got.headers.keys() | head.headers.keys()) - own
                assert {n: head.headers.get(n) for n in same} == {
                    n: got.headers.get(n) for n in same
                }
    assert len(statements) > 2 * len(reads)
    assert {statement.split()[0] for statement in statements} == {"SELECT"}
    assert world.owner.revision(world.event_id) == before


def test_l10_what_writes_is_never_get() -> None:
    """Reads, and nothing else, are bound to GET, which browsers, proxies and crawlers send unasked."""
    verbs = {
        method.name: method.GetOptions().Extensions[annotations_pb2.http].WhichOneof("pattern")
        for service in SERVICES
        for method in service.methods
    }
    gets = {name for name, verb in verbs.items() if verb == "get"}
    assert gets == {name_of(method) for method in READS}


@pytest.mark.parametrize(
    ("method", "field"), children(), ids=lambda value: getattr(value, "path", value)
)
def test_l15_a_child_of_another_event_is_not_found(
    api: Api, rest: Rest, method: Method, field: str
) -> None:
    """What lies in another event of the same owner answers as what is nowhere."""
    world = World(api)
    other = World(api, world.owner)
    elsewhere = FACTORIES[name_of(method)](other, "owner")
    set_field(elsewhere, method.event_field, world.event_id)
    kind = field.removesuffix("_id").removesuffix(".id")
    nowhere = copy.deepcopy(elsewhere)
    set_field(nowhere, field, new_id(KINDS[kind]))
    caller, said = rest.signed_in(world.owner.token), set()
    for request in (elsewhere, nowhere):
        answer = call(caller, name_of(method), request)
        assert refusal(answer) == (404, f"{kind.upper()}_NOT_FOUND")
        said.add(answer.failure.message.replace(get_field(request, field), "ID"))
    assert len(said) == 1


def test_l17_duplicates_at_once_are_one(api: Api, ana: Rest) -> None:
    """However many clicks with one key come together, one of them counts and all get its answer."""
    path, (mine,) = new_event(ana)
    once = {"idempotency-key": "a-double-click"}
    clicks = [lambda: ana.post(f"{path}/expenses", expense(mine, "1.00", mine), once)] * 8
    answers = at_once(*clicks)
    assert [answer.ok for answer in answers] == [answers[0].ok] * 8
    assert len(ana.get(f"{path}/expenses").ok["expenses"]) == 1
    with api.database.read() as connection:
        assert check_event(connection, path.rpartition("/")[2]) == []


def test_l17_a_retry_over_the_other_protocol_is_the_same_write(api: Api, rest: Rest) -> None:
    """The key belongs to the user, not to the protocol: gRPC and REST answer with the one expense."""
    ana = api.person("Ana")
    event = ana.event()
    draft = expense_pb2.Expense(
        reason="Tram",
        date="2026-11-22",
        amount="3.00",
        payments=[expense_pb2.Payment(member_id=event.member_id)],
    )
    request = xs.CreateExpenseRequest(event_id=event.id, expense=draft)
    over_grpc = ana.expenses.CreateExpense(request, metadata=key("retry"))
    caller, once = rest.signed_in(ana.token), {"idempotency-key": "retry"}
    over_rest = call(caller, "CreateExpense", request, once)
    assert over_rest.ok["id"] == over_grpc.id
    request.expense.amount = "4.00"
    assert refusal(call(caller, "CreateExpense", request, once)) == (400, "IDEMPOTENCY_KEY_REUSED")
    assert ana.revision(event.id) == 2


@pytest.mark.parametrize("sent", ["If-Match", "etag"])
def test_l18_a_stale_etag_changes_nothing(api: Api, ana: Rest, sent: str) -> None:
    """Whoever did not see the last change gets 409 with the etag there is now; no row is written."""
    path, (mine,) = new_event(ana)
    at = f"{path}/expenses/{spend(ana, path, mine, '1.00')['id']}"
    ana.patch(at, {"reason": "Lunch"})
    ana.patch(path, {"name": "Oslo"})
    ana.patch("/v1/users/me", {"name": "Anna"})
    before = contents(api.database)
    header = {"if-match": '"v1"'} if sent == "If-Match" else {}
    field = {"etag": "v1"} if sent == "etag" else {}
    stale: list[Answer] = [
        ana.patch(at, {"reason": "Mine", **field}, header),
        ana.delete(at, header, **field),
        ana.post(f"{at}:undelete", field, header),
        ana.post(f"{at}:restore", {"version": 1, **field}, header),
        ana.patch(path, {"name": "Rome", **field}, header),
        ana.delete(path, header, **field),
        ana.patch("/v1/users/me", {"name": "Ann", **field}, header),
    ]
    for answer in stale:
        assert refusal(answer) == (412 if header else 409, "ETAG_STALE")
        assert answer.failure.metadata == {"etag": "v1", "current_etag": "v2"}
    assert contents(api.database) == before
