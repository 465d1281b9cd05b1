"""The bodies that the OpenAPI document shows do what they say, with ids of things that there are."""

import json
from typing import Any

import pytest
from google.protobuf.descriptor import MethodDescriptor

from howmuch.rpc.methods import SERVICES
from tests.gateway.openapi.documents import howmuch, operation
from tests.rest.client import Rest
from tests.rest.transcoding import http_form
from tests.service.api import Api
from tests.service.requests import FACTORIES
from tests.service.world import World

OF_NOBODY = {
    "VerifyEmail": "TOKEN_INVALID",
    "ResetPassword": "TOKEN_INVALID",
    "ConfirmEmailChange": "TOKEN_INVALID",
    "UndoEmailChange": "TOKEN_INVALID",
    "LogIn": "CREDENTIALS_WRONG",
    "RequestEmailChange": "CREDENTIALS_WRONG",
}
"""No document has links that work, or knows whether somebody has signed up by its example."""

EXAMPLE_MEMBER = "mbr_01kb0m6q5yf8ssqv0v8k6h3t2c"


def example(method: MethodDescriptor) -> Any:
    """The documented body of a method; None for one without a body."""
    found = operation(howmuch(), f"{method.containing_service.name}_{method.name}")
    return (
        found.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    )


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True, scope="session")
@pytest.mark.parametrize(
    "method", [each for service in SERVICES for each in service.methods], ids=lambda each: each.name
)
def test_documented_body_is_accepted(rest: Rest, api: Api, method: MethodDescriptor) -> None:
    """Only the id of a member has to be replaced, and the path."""
    name = method.name
    body = example(method)
    if body is None:
        return
    world = World(api)
    form = http_form(name, FACTORIES[name](world, "owner"))
    sent = json.loads(json.dumps(body).replace(EXAMPLE_MEMBER, world.member_id("owner")))
    caller = world("owner") if name != "AcceptInvitation" else api.person("Guest")
    answer = rest.signed_in(caller.token).request(form.verb, form.path, body=sent)
    assert answer.status == 200 or answer.failure.reason == OF_NOBODY.get(name), answer.body
