"""Which path templates and which rules are accepted, by the same file as the cases."""

from collections.abc import Mapping
from typing import Any

import pytest
from google.api import annotations_pb2
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.routes import RouteTable, RuleError
from howmuch.gateway.templates import TemplateError, parse_template
from tests.gateway import schema
from tests.gateway.cases import document


def by_id(case: Mapping[str, Any]) -> str:
    return str(case["id"])


def with_rule(rule: HttpRule) -> bytes:
    """The schema, with this rule for Paths.Internal, which has none."""
    files = FileDescriptorSet.FromString(schema.descriptor_set())
    [internal] = [
        method
        for file in files.file
        for service in file.service
        for method in service.method
        if (service.name, method.name) == ("Paths", "Internal")
    ]
    assert not internal.options.HasExtension(annotations_pb2.http)
    internal.options.Extensions[annotations_pb2.http].CopyFrom(rule)
    return files.SerializeToString()


def http_rule(rule: Mapping[str, str]) -> HttpRule:
    """The rule of a case; one without a method has no pattern at all."""
    pattern = {rule["method"].lower(): rule["template"]} if rule["method"] else {}
    rest = {name: value for name, value in rule.items() if name not in ("method", "template")}
    return HttpRule(**pattern, **rest)


@pytest.mark.parametrize("case", document()["templates"], ids=by_id)
def test_template_is_accepted_or_refused(case: Mapping[str, Any]) -> None:
    """The grammar of http.proto decides; beyond it, literals after `**` and the root are taken."""
    if case["valid"]:
        parse_template(case["template"])
    else:
        with pytest.raises(TemplateError):
            parse_template(case["template"])


@pytest.mark.parametrize("case", document()["registration"], ids=by_id)
def test_rule_that_cannot_work_is_refused(case: Mapping[str, Any]) -> None:
    """A rule that the message does not bear is an error at the start, not of a request."""
    assert not case["valid"]
    with pytest.raises((RuleError, TemplateError)):
        RouteTable.from_descriptors(Descriptors(with_rule(http_rule(case["rule"]))))


def test_rule_that_works_is_accepted() -> None:
    """What the other rules are refused for is theirs alone."""
    RouteTable.from_descriptors(Descriptors(schema.descriptor_set()))
    RouteTable.from_descriptors(Descriptors(with_rule(HttpRule(get="/v1/internal/{id}"))))


def test_errors_are_value_errors() -> None:
    """Whoever reads a descriptor set from a file catches one error."""
    assert issubclass(RuleError, ValueError)
    assert issubclass(TemplateError, ValueError)
