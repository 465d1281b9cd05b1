"""L16: log-in is throttled over both protocols together, and no header gets around it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import pytest

from howmuch.storage.database import Database
from howmuch.v1 import user_service_pb2 as us
from tests.rest.client import Rest
from tests.rest.serving import serving
from tests.rest.steps import refusal
from tests.service.api import Api, failure
from tests.service.world import PASSWORD, World

WRONG, TOO_OFTEN = "CREDENTIALS_WRONG", "TOO_MANY_REQUESTS"


def over_grpc(api: Api, email: str, password: str = PASSWORD, address: str = "") -> str:
    """Why a log-in failed. address: what the caller says of their own; empty: nothing."""
    request = us.LogInRequest(email=email, password=password)
    metadata = (("x-forwarded-for", address),) if address else ()
    return failure(lambda: api.nobody().users.LogIn(request, metadata=metadata)).reason


def over_rest(
    rest: Rest, email: str, password: str = PASSWORD, headers: Mapping[str, str] | None = None
) -> str:
    """Why a log-in failed; who comes too often is told when to come again."""
    answer = rest.post("/v1/sessions", {"email": email, "password": password}, headers)
    status, reason = refusal(answer)
    assert status == {WRONG: 401, TOO_OFTEN: 429}[reason]
    if reason == TOO_OFTEN:
        assert 1 <= int(answer.headers["retry-after"]) <= 60
    return reason


@contextmanager
def three_tries(database: Database, limit: str, *proxies: str) -> Iterator[tuple[Api, Rest]]:
    """A server where three log-ins a minute are the limit. proxies: whose X-Forwarded-For is believed."""
    limits = {limit: "3 per minute"}
    with serving(database, rate_limits=limits, http={"trusted_proxies": proxies}) as running:
        yield running


@pytest.mark.parametrize("ways", [("gRPC", "REST"), ("REST", "gRPC")])
def test_l16_tries_count_over_both_protocols(database: Database, ways: tuple[str, str]) -> None:
    """After three wrong passwords, over whichever, the right one is refused over both."""
    with three_tries(database, "log_in_by_account") as (api, rest):
        known = api.person("Ana")
        World(api).set_password(known)
        for email in (known.email, "nobody@example.com"):
            log_in = {
                "gRPC": partial(over_grpc, api, email),
                "REST": partial(over_rest, rest, email.upper()),
            }
            tries = [log_in[way]("not the password") for way in (*ways, ways[0])]
            assert tries == [WRONG] * 3
            assert [log_in[way]() for way in ways] == [TOO_OFTEN] * 2


@pytest.mark.parametrize(
    "header", ["x-forwarded-for", "forwarded", "x-real-ip", "grpc-metadata-x-forwarded-for"]
)
def test_l16_a_client_cannot_claim_another_address(sqlite_database: Database, header: str) -> None:
    """What a client says of its own address is not believed, neither over REST nor over gRPC."""
    addresses = [f"192.0.2.{number}" for number in range(8)]
    emails = [f"{number}@example.com" for number in range(8)]
    with three_tries(sqlite_database, "log_in_by_peer") as (api, rest):
        reasons = [
            over_grpc(api, email, address=address)
            if number % 2
            else over_rest(rest, email, headers={header: address})
            for number, (email, address) in enumerate(zip(emails, addresses, strict=True))
        ]
    assert reasons == [WRONG] * 3 + [TOO_OFTEN] * 5


def test_l16_a_trusted_proxy_names_the_client(sqlite_database: Database) -> None:
    """The address that the proxy saw counts; what the client had said before it does not."""
    with three_tries(sqlite_database, "log_in_by_peer", "127.0.0.1") as (_, rest):

        def log_in(number: int, client: str) -> str:
            hops = {"x-forwarded-for": f"198.51.100.{number}, {client}"}
            return over_rest(rest, f"{number}@example.com", headers=hops)

        assert [log_in(number, "192.0.2.7") for number in range(4)] == [*[WRONG] * 3, TOO_OFTEN]
        assert log_in(4, "192.0.2.8") == WRONG
