"""The document and the gateway agree, case by case: what is accepted and answered is what is described."""

import json
import math
import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest

from howmuch.gateway.codec import Codec
from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.replies import printer
from howmuch.gateway.routes import Route, RouteTable
from howmuch.runtime.cache import SizedCache
from tests.gateway import schema
from tests.gateway.cases import Case, all_cases
from tests.gateway.openapi.documents import (
    Document,
    answer_schema,
    conformance,
    is_valid,
    operation,
    operation_id,
    operations,
    parameters,
    path_of,
)

NOT_PROMISED = {
    "body-enum-number": "enums by number",
    "body-enum-unknown-number": "enums by number",
    "body-field-path-inside-same": "once more what the path says",
    "body-map-bool-keys": "64 bits as a number",
    "body-null-oneof": "null for what is not set",
    "body-null-optional": "null for what is not set",
    "body-null-repeated": "null for what is not set",
    "body-null-scalar": "null for what is not set",
    "body-proto-names": "names as in the proto file",
    "patch-infer-null-clears": "null for what is not set",
    "query-bytes-urlsafe-nopad": "the other alphabet of base64",
    "query-enum-number": "enums by number",
    "query-enum-unknown-number": "enums by number",
    "query-repeated-enum": "enums by number",
    "query-wrapper-bytes": "the other alphabet of base64",
    "typed-bytes-urlsafe": "the other alphabet of base64",
    "typed-enum-negative-number": "enums by number",
    "typed-enum-number": "enums by number",
}
"""What the gateway reads although the document does not say so: other spellings, which ProtoJSON allows."""

NOT_SAID = {
    "body-any-unknown-type": "which types the server knows",
    "body-duplicate-key": "that a key is there once",
    "body-lone-surrogate": "that half a character is none",
}
"""What the gateway refuses although the document allows it: JSON Schema has no words for it."""

UNKNOWN_NUMBER = {"resp-enum-name": "a number that the enum does not have"}
"""What the gateway answers although the document does not say so: a document can only list what is known."""


@cache
def _table() -> RouteTable:
    return RouteTable.from_descriptors(Descriptors(schema.descriptor_set()))


@cache
def _codec() -> Codec:
    return Codec(Descriptors(schema.descriptor_set()).files)


def _route(case: Case) -> Route | None:
    found = _table().match(case.request["method"], case.request["path"])
    return None if isinstance(found, frozenset) else found.route


@cache
def _shown() -> frozenset[str]:
    return frozenset(each["operationId"] for _, _, each in operations(conformance()))


def _judged_by_request(case: Case) -> bool:
    """Whether what becomes of a case depends on nothing but path, query and JSON body."""
    route = _route(case)
    kind = case.request.get("headers", {}).get("content-type", "application/json")
    return (
        route is not None
        and operation_id(route) in _shown()
        and case.expect.get("status") in (200, 400)
        and (case.expect.get("status") == 400) == (case.expect.get("request", "") is None)
        and not case.config
        and case.request["method"] != "HEAD"
        and (case.body is None or kind.startswith("application/json"))
        and not any(0xD800 <= ord(letter) < 0xE000 for letter in _decoded(case.request["path"]))
        and _is_json(case)
    )


def _decoded(path: str) -> str:
    return unquote(path, errors="surrogateescape")


def _is_json(case: Case) -> bool:
    try:
        return not case.body or json.loads(case.body.decode("utf-8-sig")) is not ...
    except ValueError:
        return False


@pytest.mark.parametrize(
    "case", [each for each in all_cases() if _judged_by_request(each)], ids=lambda case: case.id
)
def test_request_is_described_as_it_is_judged(case: Case) -> None:
    """The document allows what is accepted and forbids what is refused, but for what is listed above."""
    accepted = case.expect["status"] == 200
    allowed = _allows(conformance(), case)
    if case.id in NOT_PROMISED:
        assert (accepted, allowed) == (True, False)
    elif case.id in NOT_SAID:
        assert (accepted, allowed) == (False, True)
    else:
        assert accepted == allowed


def _allows(document: Document, case: Case) -> bool:
    route = _route(case)
    assert route is not None
    name = operation_id(route)
    return (
        _allows_path(document, name, case.request["path"])
        and _allows_query(document, name, case.request.get("query", ""))
        and _allows_body(document, name, case.body)
    )


def _allows_path(document: Document, name: str, path: str) -> bool:
    known = parameters(document, name, "path")
    pattern = re.escape(path_of(document, name)).replace(r"\{", "{").replace(r"\}", "}")
    for each in known.values():
        group = ".*" if each.get("x-multi-segment") else "[^/]+"
        pattern = pattern.replace(f"{{{re.escape(each['name'])}}}", f"({group})")
    found = re.fullmatch(pattern, path)
    if found is None:  # Zero segments of a **, or a literal that is escaped without need.
        return True
    return all(
        is_valid(document, each["schema"], _value(each["schema"], unquote(text)))
        for each, text in zip(known.values(), found.groups(), strict=True)
    )


def _allows_query(document: Document, name: str, query: str) -> bool:
    known = parameters(document, name, "query")
    given: dict[str, list[str]] = {}
    for key, text in parse_qsl(query, keep_blank_values=True, errors="surrogateescape"):
        given.setdefault(_json_name(key), []).append(text)
    for key, texts in given.items():
        if key not in known or any("\udc80" <= letter <= "\udcff" for letter in "".join(texts)):
            return False
        its_schema = known[key]["schema"]
        if its_schema.get("type") == "array":
            value: Any = [_value(its_schema["items"], text) for text in texts]
        elif len(texts) > 1:
            return False
        else:
            value = _value(its_schema, texts[0])
        if not is_valid(document, its_schema, value):
            return False
    chosen = {pair for key in given for pair in known[key].get("x-oneof", {}).items()}
    return len(chosen) == len(dict(chosen))


def _allows_body(document: Document, name: str, body: bytes | None) -> bool:
    described = operation(document, name).get("requestBody")
    if not body:
        return described is None or not described.get("required", False)
    if described is None:
        return True
    given = json.loads(body.decode("utf-8-sig"))
    return is_valid(document, described["content"]["application/json"]["schema"], given)


def _json_name(key: str) -> str:
    """Cases name fields as the proto file does; that this is read as well is not the point here."""
    names = {
        field.name: field.json_name
        for message in ("Everything", "Sub", "UpdateResourceRequest")
        for field in schema.pool().FindMessageTypeByName(f"{schema.PACKAGE}.{message}").fields
    }
    return ".".join(names.get(part, part) for part in key.split("."))


def _value(its_schema: Mapping[str, Any], text: str) -> Any:
    """What the text of a parameter stands for."""
    kinds = [its_schema, *its_schema.get("anyOf", ())]
    for kind in kinds:
        if kind.get("type") == "integer" and re.fullmatch(r"-?[0-9]+", text):
            return int(text)
        if kind.get("type") == "number" and _is_number(text):
            return float(text)
        if kind.get("type") == "boolean" and text in ("true", "false"):
            return text == "true"
    return text


def _is_number(text: str) -> bool:
    found = re.fullmatch(r"-?[0-9.]+(e[+-]?[0-9]+)?", text)
    return found is not None and math.isfinite(float(text))


def _answered(case: Case) -> bool:
    route = _route(case)
    return (
        route is not None
        and operation_id(route) in _shown()
        and case.expect.get("status") == 200
        and not printer(route, _codec(), SizedCache(0)).raw
        and case.request["method"] != "HEAD"
        # An update of nothing in a test is not answered with a resource that could be.
        and route.method.output_type.name != "Resource"
    )


@pytest.mark.parametrize(
    "case", [each for each in all_cases() if _answered(each)], ids=lambda case: case.id
)
def test_answer_is_described(case: Case) -> None:
    """What the gateway prints of the backend's messages satisfies the schema of the operation."""
    route = _route(case)
    assert route is not None
    response_class = schema.methods()[case.rpc].response_class
    given = case.backend.get("responses", [case.backend.get("response", {})])
    print_ = printer(route, _codec(), SizedCache(0)).print
    bodies = [
        print_(schema.message(response_class, each).SerializeToString()).body for each in given
    ]
    found = answer_schema(conformance(), operation_id(route))
    values = [json.loads(body) for body in bodies]
    for value in [values] if route.method.server_streaming else values:
        assert is_valid(conformance(), found, value) == (case.id not in UNKNOWN_NUMBER)
