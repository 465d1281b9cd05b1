"""Whether an address has an account is told by no answer, and by no work that takes longer.

The exception is SignUp, which must say that an address is taken; it is throttled.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from typing import Any

import argon2
import grpc
import pytest

from howmuch.ids import new_id
from howmuch.rpc.interceptors.rate_limit import RateLimits
from howmuch.storage.database import Database
from howmuch.v1 import user_service_pb2 as us
from tests.databases import QueryCounter
from tests.service.api import Api, failure
from tests.service.conftest import UNLIMITED, serve
from tests.service.world import PASSWORD, World

UNKNOWN = "nobody.at.all@example.com"


@pytest.fixture
def api(sqlite_database: Database) -> Iterator[Api]:
    """A server."""
    yield from serve(sqlite_database)


@pytest.fixture
def known(api: Api) -> str:
    """An address with an account whose password is PASSWORD."""
    person = api.person()
    World(api).set_password(person)
    return person.email


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The parameters of every hash that a password is compared with."""
    compared: list[str] = []
    verify = argon2.PasswordHasher.verify

    def spy(self: argon2.PasswordHasher, stored: str, password: str) -> bool:
        compared.append(stored.rpartition("$")[0].rpartition("$")[0])
        return verify(self, stored, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", spy)
    return compared


def test_log_in_answers_alike_after_the_same_work(
    api: Api, known: str, hashes: list[str], query_counter: QueryCounter
) -> None:
    """The same words and details, the same statements, and one hash of the same cost."""
    seen = []
    for email in (known, UNKNOWN):
        request = us.LogInRequest(email=email, password="not the password")
        with query_counter(api.database.engine) as statements:
            refused = failure(api.nobody().users.LogIn, request)
        assert (refused.code, refused.reason) == ("UNAUTHENTICATED", "CREDENTIALS_WRONG")
        assert email not in refused.message
        seen.append((refused.message, refused.metadata, list(refused.details), statements))
    assert seen[0] == seen[1]
    assert hashes == ["$argon2id$v=19$m=19456,t=2,p=1"] * 2


def test_password_reset_answers_alike_after_the_same_work(
    api: Api, known: str, query_counter: QueryCounter
) -> None:
    """The address is not even looked up before the worker does it."""
    seen = []
    for email in (known, UNKNOWN):
        request = us.RequestPasswordResetRequest(email=email)
        with query_counter(api.database.engine) as statements:
            answer = api.nobody().users.RequestPasswordReset(request)
        assert not [each for each in statements if "users" in each]
        seen.append((answer.SerializeToString(), statements))
    assert seen[0] == seen[1]


def test_sign_up_hashes_before_it_says_that_an_address_is_taken(
    api: Api, known: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so, as people have to know; it takes as long as one that succeeds."""
    made: list[str] = []
    hash_of = argon2.PasswordHasher.hash

    def spy(self: argon2.PasswordHasher, password: str, **more: Any) -> str:
        made.append(password)
        return hash_of(self, password, **more)

    monkeypatch.setattr(argon2.PasswordHasher, "hash", spy)
    request = us.SignUpRequest(email=known, password=PASSWORD, name="Eve")
    refused = failure(lambda: api.nobody().users.SignUp(request))
    assert (refused.code, refused.reason) == ("ALREADY_EXISTS", "EMAIL_TAKEN")
    assert made == [PASSWORD]


def sign_up(api: Api, email: str) -> Any:
    return api.nobody().users.SignUp(us.SignUpRequest(email=email, password=PASSWORD, name="Eve"))


def log_in(api: Api, email: str) -> Any:
    return api.nobody().users.LogIn(us.LogInRequest(email=email, password=PASSWORD))


def forget(api: Api, email: str) -> Any:
    return api.nobody().users.RequestPasswordReset(us.RequestPasswordResetRequest(email=email))


@pytest.mark.parametrize(
    ("limit", "call"),
    [("sign_up_by_peer", sign_up), ("log_in_by_peer", log_in), ("reset_by_peer", forget)],
)
def test_addresses_cannot_be_tried_one_after_the_other(
    sqlite_database: Database, limit: str, call: Callable[[Api, str], Any]
) -> None:
    """From one place, the methods that take an address stop answering, whichever addresses are tried."""
    given = {each.name: getattr(UNLIMITED, each.name) for each in fields(RateLimits)}
    limits = RateLimits(**(given | {limit: "2 per hour"}))
    with contextmanager(serve)(sqlite_database, rate_limits=limits) as slow:
        for name in ("first", "second"):
            with suppress(grpc.RpcError):
                call(slow, f"{new_id('usr')}.{name}@example.com")
        refused = failure(lambda: call(slow, "third@example.com"))
    assert (refused.code, refused.reason) == ("RESOURCE_EXHAUSTED", "TOO_MANY_REQUESTS")
    assert refused.details["RetryInfo"].retry_delay.ToSeconds() > 0
