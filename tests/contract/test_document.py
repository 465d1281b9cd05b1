"""One document, wherever it is had from."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from howmuch.app.gateway import descriptor_set, gateway_options
from howmuch.config.http import HttpSettings
from howmuch.config.settings import Settings
from howmuch.gateway.descriptors import http_rules
from howmuch.gateway.http_server import GatewayServer
from howmuch.rpc.methods import SERVICES
from tests.cli.program import howmuch

COMMITTED = Path(__file__).parents[2] / "gen" / "openapi"
NOWHERE = "127.0.0.1:1"
_VARIABLE = re.compile(r"\{[^{}]+\}")


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """The gateway of howmuch; its pages need no service behind it."""
    settings = Settings(http=HttpSettings(listen="127.0.0.1:0"))
    server = GatewayServer(
        descriptor_set(settings, NOWHERE, None), NOWHERE, gateway_options(settings)
    )
    server.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.stop(1.0)


@pytest.fixture(scope="module")
def document(base: str) -> Any:
    """The document that is served."""
    return json.loads(fetch(f"{base}/openapi.json"))


def fetch(url: str) -> str:
    """What is served; the first time it is made first."""
    return httpx.get(url, trust_env=False, timeout=30.0).raise_for_status().text


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    """Every operation, with its verb and path."""
    for path, item in document["paths"].items():
        for verb, each in item.items():
            yield verb, path, each


@pytest.mark.parametrize("kind", ["json", "yaml"])
def test_served_printed_and_committed_document_are_one(base: str, kind: str) -> None:
    """At /openapi.json and .yaml, by `howmuch openapi`, and in gen/openapi: byte for byte."""
    committed = (COMMITTED / f"openapi.{kind}").read_text()
    assert howmuch("openapi", "--format", kind).stdout == committed
    assert fetch(f"{base}/openapi.{kind}") == committed


def test_served_document_is_valid(document: Any) -> None:
    """By the schema of OpenAPI 3.1 and its rules beyond."""
    OpenAPIV31SpecValidator(document).validate()


def test_every_operation_is_named_told_and_may_fail(document: Any) -> None:
    """An id of its own, a sentence, a tag that is described, and what an error looks like."""
    tags = {tag["name"] for tag in document["tags"] if tag["description"]}
    ids = [each["operationId"] for _, _, each in operations(document)]
    assert len(ids) == len(set(ids))
    for _, _, each in operations(document):
        assert each["summary"].endswith("."), each["operationId"]
        assert each["tags"], each["operationId"]
        assert set(each["tags"]) <= tags, each["operationId"]
        assert each["responses"]["default"] == {"$ref": "#/components/responses/Error"}
    error = document["components"]["responses"]["Error"]["content"]["application/json"]["schema"]
    assert error == {"$ref": "#/components/schemas/Status"}


def test_every_http_rule_is_an_operation(document: Any) -> None:
    """What the proto files bind to HTTP is documented, as what it is, and nothing else is."""
    bound = {}
    for service in SERVICES:
        for method in service.methods:
            for number, rule in enumerate(http_rules(method)):
                verb = rule.WhichOneof("pattern")
                path = _VARIABLE.sub("{}", getattr(rule, verb))
                suffix = f"_{number}" if number else ""
                bound[verb, path] = f"{service.name}_{method.name}{suffix}"
    assert bound == {
        (verb, _VARIABLE.sub("{}", path)): each["operationId"]
        for verb, path, each in operations(document)
    }
