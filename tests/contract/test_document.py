"""One document, wherever it is had from."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from howmuch.app.gateway import descriptor_set, gateway_options
from howmuch.config.http import HttpSettings
from howmuch.config.settings import Settings
from howmuch.gateway.server import GatewayServer
from tests.cli.program import howmuch

COMMITTED = Path(__file__).parents[2] / "gen" / "openapi"
NOWHERE = "127.0.0.1:1"


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """The gateway of howmuch; its pages need no service behind it."""
    settings = Settings(http=HttpSettings(listen="127.0.0.1:0"))
    server = GatewayServer(descriptor_set(settings, NOWHERE), NOWHERE, gateway_options(settings))
    server.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.stop(1.0)


@pytest.mark.parametrize("kind", ["json", "yaml"])
def test_served_printed_and_committed_document_are_one(base: str, kind: str) -> None:
    """At /openapi.json and .yaml, by `howmuch openapi`, and in gen/openapi: byte for byte."""
    committed = (COMMITTED / f"openapi.{kind}").read_text()
    assert howmuch("openapi", "--format", kind).stdout == committed
    assert httpx.get(f"{base}/openapi.{kind}", trust_env=False).text == committed


def test_served_document_is_valid(base: str) -> None:
    """By the schema of OpenAPI 3.1 and its rules beyond."""
    document = json.loads(httpx.get(f"{base}/openapi.json", trust_env=False).content)
    OpenAPIV31SpecValidator(document).validate()
