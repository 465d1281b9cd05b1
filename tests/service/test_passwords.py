"""Passwords: which are refused, in which form they are hashed, and what a new one ends."""

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

import argon2
import grpc
import pytest
from sqlalchemy import select, update

from howmuch.rpc.grpc_server import GrpcServer, build_server
from howmuch.rpc.server_options import ServerOptions
from howmuch.storage.database import Database
from howmuch.storage.tables import users as users_table
from howmuch.usecases.passwords import PasswordHasher
from howmuch.v1 import user_service_pb2 as us
from tests.service.api import PASSWORD_OF_CHEAP_HASH, Api, Person, failure
from tests.service.conftest import UNLIMITED
from tests.service.world import PASSWORD, World, mailed_token
from tests.waiting import until

COMPOSED = "une journée à Évora"
COMMON = [
    "1234567890",
    "password123",
    "Password1234",
    "qwertyuiop",
    "iloveyou123",
    "aaaaaaaaaaaa",
    "abcabcabcabc",
    "passwordpassword",
    "howmuchhowmuch",
]


def sign_up(api: Api, email: str, password: str, name: str = "Ana") -> None:
    api.nobody().users.SignUp(us.SignUpRequest(email=email, password=password, name=name))


def log_in(api: Api, email: str, password: str) -> str:
    return api.nobody().users.LogIn(us.LogInRequest(email=email, password=password)).token


def stored_hash(api: Api, person: Person) -> str:
    with api.database.read() as connection:
        statement = select(users_table.c.password_hash).where(users_table.c.id == person.user_id)
        return str(connection.execute(statement).scalar_one())


def store_hash_of(api: Api, person: Person, password: str) -> None:
    """As a release did that hashed what was typed."""
    typed = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(password)
    with api.database.begin() as connection:
        statement = update(users_table).where(users_table.c.id == person.user_id)
        connection.execute(statement.values(password_hash=typed))


@pytest.mark.parametrize("password", COMMON)
def test_common_password_is_refused(api: Api, password: str) -> None:
    """With a reason, and without the password in the error."""
    refused = failure(sign_up, api, f"{password}@example.com", password)
    assert (refused.code, refused.reason) == ("INVALID_ARGUMENT", "PASSWORD_TOO_COMMON")
    assert list(refused.fields) == ["password"]
    assert password not in refused.message


@pytest.mark.parametrize(
    "password", ["ana.maria@example.org", "Ana.Maria@Example.ORG1", "Bartholomew", "bartholomew1"]
)
def test_own_address_or_name_is_no_password(api: Api, password: str) -> None:
    """Nobody else would be refused it for that reason."""
    refused = failure(sign_up, api, "ana.maria@example.org", password, "Bartholomew Cubbins")
    assert refused.reason == "PASSWORD_TOO_COMMON"


def test_new_password_is_as_good_as_a_first_one(api: Api, ana: Person) -> None:
    """Whether it is changed or reset; the old one stays."""
    change = us.ChangePasswordRequest(
        current_password=PASSWORD_OF_CHEAP_HASH, new_password=f"{ana.email}1"
    )
    reset = us.ResetPasswordRequest(
        token=mailed_token(api, ana.user_id, "RESET_PASSWORD"), new_password="password123"
    )
    for refused in (
        failure(ana.users.ChangePassword, change),
        failure(api.nobody().users.ResetPassword, reset),
    ):
        assert (refused.reason, list(refused.fields)) == ("PASSWORD_TOO_COMMON", ["new_password"])
    log_in(api, ana.email, PASSWORD_OF_CHEAP_HASH)
    reset.new_password = PASSWORD
    api.nobody().users.ResetPassword(reset)
    log_in(api, ana.email, PASSWORD)


def test_password_is_the_same_from_every_keyboard(api: Api) -> None:
    """Set in one Unicode form, typed in another, by whichever method."""
    decomposed = unicodedata.normalize("NFD", COMPOSED)
    assert decomposed != COMPOSED
    for number, (first, second) in enumerate([(COMPOSED, decomposed), (decomposed, COMPOSED)]):
        email = f"evora{number}.{id(api)}@example.com"
        sign_up(api, email, first)
        ana = api.caller(log_in(api, email, second))
        ana.users.ChangePassword(
            us.ChangePasswordRequest(current_password=second, new_password=second + "!")
        )
        log_in(api, email, first + "!")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_hash_of_another_form_is_accepted_and_replaced(api: Api, ana: Person, form: str) -> None:
    """A hash from before lets its owner in, and is of the normalized form then."""
    typed = unicodedata.normalize(form, COMPOSED)  # type: ignore[arg-type]  # a Literal
    store_hash_of(api, ana, typed)
    before = stored_hash(api, ana)
    log_in(api, ana.email, typed)
    after = stored_hash(api, ana)
    assert (after != before) is (form == "NFD")
    assert argon2.PasswordHasher().verify(after, COMPOSED)
    log_in(api, ana.email, COMPOSED)
    assert stored_hash(api, ana) == after


def test_wrong_password_stays_wrong_in_every_form(api: Api, ana: Person) -> None:
    """Forms are spellings of one text, and nothing looser."""
    store_hash_of(api, ana, COMPOSED)
    for wrong in ("une journee a Evora", COMPOSED.upper(), COMPOSED + " "):
        assert failure(log_in, api, ana.email, wrong).reason == "CREDENTIALS_WRONG"


def test_link_that_resets_dies_with_the_password(api: Api, ana: Person) -> None:
    """Who has an old mail cannot take the account back from its owner."""
    token = mailed_token(api, ana.user_id, "RESET_PASSWORD")
    ana.users.ChangePassword(
        us.ChangePasswordRequest(current_password=PASSWORD_OF_CHEAP_HASH, new_password=PASSWORD)
    )
    request = us.ResetPasswordRequest(token=token, new_password="another password 4")
    assert failure(api.nobody().users.ResetPassword, request).reason == "TOKEN_INVALID"
    log_in(api, ana.email, PASSWORD)


@pytest.fixture
def server(sqlite_database: Database) -> Iterator[tuple[GrpcServer, Api]]:
    options = ServerOptions(listen="127.0.0.1:0", rate_limits=UNLIMITED)
    made = build_server(sqlite_database, options)
    made.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{made.port}") as channel:
            yield made, Api(channel, sqlite_database, f"127.0.0.1:{made.port}")
    finally:
        made.stop(grace_seconds=5.0)


@contextmanager
def stuck(hasher: PasswordHasher) -> Iterator[None]:
    """Its threads hash for as long as the block lasts."""
    release = threading.Event()
    hasher._executor.submit(release.wait, 60)
    try:
        yield
    finally:
        release.set()


def test_changes_of_passwords_do_not_keep_log_ins_out(server: tuple[GrpcServer, Api]) -> None:
    """However many wait for a hash: log-ins have a hasher of their own."""
    made, api = server
    ana = api.person()
    World(api).set_password(ana)
    change = us.ChangePasswordRequest(
        current_password="not the password", new_password="another password 4"
    )
    with stuck(made._change_hasher):
        threads = [
            threading.Thread(target=lambda: failure(ana.users.ChangePassword, change))
            for _ in range(10)
        ]
        for thread in threads:
            thread.start()
        until(lambda: made._change_hasher._waiting._value == 0, "all places are taken")
        assert log_in(api, ana.email, PASSWORD)
    for thread in threads:
        thread.join(60)
