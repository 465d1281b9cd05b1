"""The retry policy repeats what may be repeated, and nothing else."""

import json
from typing import Any

import grpc
import pytest

from howmuch.client.retries import channel_options, service_config
from howmuch.rpc.methods import Method
from howmuch.v1 import user_service_pb2, user_service_pb2_grpc
from tests.far import far
from tests.service.api import Api, Person
from tests.service.conftest import ana, api
from tests.service.requests import FACTORIES, METHODS, call, name_of
from tests.service.world import World

__all__ = ["ana", "api"]

# The answer to a repetition is another than the first, so it is left to people.
NOT_RETRIED = {
    "SignUp": "the address has an account now",
    "VerifyEmail": "the link has been used",
    "ResetPassword": "the link has been used",
    "ConfirmEmailChange": "the link has been used",
    "UndoEmailChange": "the link has been used",
    "LogOut": "the session that calls has ended",
    "DeleteMe": "the session that calls has ended",
}
# Public, so without a key; once more does no harm, though the answer of LogIn is a session of its own.
HARMLESS = {"LogIn", "RequestPasswordReset", "Unsubscribe"}
KEYED = [
    method
    for method in METHODS.values()
    if method.writes and name_of(method) not in NOT_RETRIED | dict.fromkeys(HARMLESS)
]


def policy() -> dict[str, Any]:
    config: dict[str, Any] = json.loads(service_config())
    return config


def test_every_method_is_retried_or_has_a_reason() -> None:
    """A new method is put into the policy, or among those that are not."""
    [config] = policy()["methodConfig"]
    named = {f"/{each['service']}/{each['method']}" for each in config["name"]}
    assert len(named) == len(config["name"])
    assert named == {path for path, each in METHODS.items() if name_of(each) not in NOT_RETRIED}
    assert all(METHODS[path].writes for path in METHODS.keys() - named)


def test_only_what_was_not_done_for_sure_or_can_be_repeated_is_retried() -> None:
    """UNAVAILABLE alone: any other code is an answer."""
    [config] = policy()["methodConfig"]
    assert config["retryPolicy"]["retryableStatusCodes"] == ["UNAVAILABLE"]


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
@pytest.mark.parametrize("method", KEYED, ids=name_of)
def test_repetition_of_a_write_gets_the_first_answer(api: Api, method: Method) -> None:
    """Under its key, whatever the first one has changed."""
    world = World(api)
    who = "stranger" if name_of(method) == "AcceptInvitation" else "owner"
    request = FACTORIES[name_of(method)](world, who)
    key = (("idempotency-key", "again"),)
    first = call(world(who), method, request, metadata=key)
    assert call(world(who), method, request, metadata=key) == first


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_repetition_of_a_public_write_succeeds(api: Api, name: str) -> None:
    """It takes no key."""
    [method] = [method for method in METHODS.values() if name_of(method) == name]
    world = World(api)
    request = FACTORIES[name](world, "owner")
    for _ in range(2):
        call(world.api.nobody(), method, request)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_server_that_is_far_away_is_reached(api: Api, ana: Person) -> None:
    """A call waits until the connection is made, and not for the next attempt at one."""
    port = int(api.target.rpartition(":")[2])
    session = (("authorization", f"Bearer {ana.token}"),)
    with far(port, 0.5) as there:
        with grpc.insecure_channel(f"127.0.0.1:{there.port}", channel_options()) as channel:
            stub = user_service_pb2_grpc.UserServiceStub(channel)
            me = stub.GetMe(user_service_pb2.GetMeRequest(), metadata=session, timeout=30)
        assert (me.name, there.connections) == ("Ana", 1)
