"""The gateway alone against the document of the conformance cases: nothing behind it refuses anything."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.protobuf.descriptor import MethodDescriptor
from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.openapi.checks import JsonSchemaError, RejectedPositiveData
from schemathesis.schemas import BaseSchema

from tests.contract.engine import Report, Target, run
from tests.contract.respelling import Respelling
from tests.contract.summary import PROPERTY
from tests.gateway import schema
from tests.gateway.backend import running_backend
from tests.gateway.engine import running_gateway

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("schemathesis"), pytest.mark.timeout(600)]

EXAMPLES = 10
LEAST_REQUESTS = 600
PHASES = ("examples", "fuzzing")
"""All corners of all schemas of this document, which have everything, would take ten thousand requests."""

_PASSED_ON = frozenset({ParameterLocation.HEADER})
"""What a header may be is for the service to say, and the one of the tests takes any."""

_NUMBER = re.compile(r"-?[0-9]{10,20}")


def test_gateway_answers_as_documented(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """What is valid is passed on and answered, and what is not is refused, with every kind of field."""
    report = Report()
    with running_backend() as backend, running_gateway(backend.port) as port:
        url = f"http://127.0.0.1:{port}"
        document = httpx.get(f"{url}/openapi.json", trust_env=False, timeout=30.0).json()
        respelling = Respelling(document, dict(_methods(document)), _PASSED_ON)

        def register(registered: BaseSchema) -> None:
            @registered.hooks.hook
            def filter_failure(
                context: HookContext, failure: Failure, case: Case[Any], response: Response
            ) -> bool:
                return not _is_none(failure, case, response, respelling)

        run(Target(document, url, {}, tmp_path, register), report, PHASES, examples=EXAMPLES)
    record_property(PROPERTY, f"the gateway against the document of the cases: {report}")
    report.fail_with_all()
    assert report.cases.total() >= LEAST_REQUESTS, report
    operations = {
        each["operationId"] for item in document["paths"].values() for each in item.values()
    }
    assert report.served() == operations


def _methods(document: Mapping[str, Any]) -> Iterator[tuple[str, MethodDescriptor]]:
    """The methods by operation id. An additional binding has a number after its name."""
    for name in schema.services():
        service = schema.pool().FindServiceByName(name)
        for method in service.methods:
            operation_id = f"{service.name}_{method.name}"
            yield operation_id, method
            for number in range(1, 10):
                yield f"{operation_id}_{number}", method


def _is_none(failure: Failure, case: Case[Any], response: Response, respelling: Respelling) -> bool:
    """Whether what schemathesis takes for a failure is none."""
    if isinstance(failure, AcceptedNegativeData):
        return respelling.is_documented(case)
    if isinstance(failure, RejectedPositiveData):
        return (
            # No schema can say which parameters exclude each other: `x-oneof` does.
            _has_two_of_a_oneof(case)
            # Nor which messages there are in a google.protobuf.Any.
            or "an object with an @type that the server knows" in response.text
            # Patterns say how many digits a number has, and `format` what schemathesis passes over.
            or any(map(_is_out_of_bounds, (case.body, case.query, case.path_parameters)))
        )
    # The backend answers with nothing in it, which is no Resource.
    return isinstance(failure, JsonSchemaError) and "displayName" in failure.message


def _has_two_of_a_oneof(case: Case[Any]) -> bool:
    """Whether parameters exclude each other."""
    oneofs = {
        each["name"]: each.get("x-oneof", {})
        for each in case.operation.definition.raw.get("parameters", ())
        if each.get("in") == "query"
    }
    chosen = {pair for name in case.query for pair in oneofs.get(name, {}).items()}
    return len(chosen) != len(dict(chosen))


def _is_out_of_bounds(value: Any) -> bool:
    """Whether a string in it is a number beyond 64 bits, or a key of a map one beyond 32."""
    if isinstance(value, str):
        return _is_number(value) and not -(2**63) <= int(value) < 2**63
    if isinstance(value, Mapping):
        return any(
            (len(name) < 12 and _is_number(name) and abs(int(name)) >= 2**31)
            or _is_out_of_bounds(part)
            for name, part in value.items()
        )
    return isinstance(value, list) and any(map(_is_out_of_bounds, value))


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None
