"""The examples of both documents: accepted by the gateway, and right by their own schemas."""

import json

import pytest

from howmuch.gateway.bodies import Shapes
from howmuch.gateway.codec import Codec
from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.requests import RequestReader
from howmuch.gateway.routes import RouteTable
from tests.gateway import schema
from tests.gateway.openapi.documents import (
    Document,
    conformance,
    howmuch,
    howmuch_descriptor_set,
    operation,
    operation_id,
    operations,
    validator,
)


@pytest.mark.parametrize("name", ["conformance", "howmuch"])
def test_examples_of_requests_are_accepted(name: str) -> None:
    """Every example of a body is one that the gateway reads."""
    document = conformance() if name == "conformance" else howmuch()
    files = schema.descriptor_set() if name == "conformance" else howmuch_descriptor_set()
    descriptors = Descriptors(files)
    codec, shapes = Codec(descriptors.files), Shapes()
    read = set()
    for route in RouteTable.from_descriptors(descriptors).routes:
        if route.method.client_streaming or not route.body or route.http_method == "*":
            continue
        content = operation(document, operation_id(route))["requestBody"]["content"]
        if "application/json" in content:
            reader = RequestReader(route, codec, shapes, GatewayOptions())
            texts = ["1" for _ in route.template.variables]
            body = json.dumps(content["application/json"]["example"]).encode()
            reader.with_body(texts, b"", body)  # Raises where it is not accepted.
            read.add(operation_id(route))
    assert len(read) > 15


@pytest.mark.parametrize("document", [conformance(), howmuch()], ids=["conformance", "howmuch"])
def test_examples_are_valid(document: Document) -> None:
    """Every example satisfies the schema that it stands beside."""
    checked = 0
    for _, _, each in operations(document):
        holders = [each.get("requestBody", {}), *each["responses"].values()]
        holders += document["components"]["responses"].values()
        for holder in holders:
            media = holder.get("content", {}).get("application/json", {})
            shared = media.get("examples", {}).get("example")
            if shared is not None:
                name = shared["$ref"].rpartition("/")[2]
                media = {**media, "example": document["components"]["examples"][name]["value"]}
            if "example" in media:
                validator(document, media["schema"]).validate(media["example"])
                checked += 1
    assert checked > len(document["paths"])
