"""HTTP rules that cannot be served as they are written: the gateway names them at the start."""

import pytest

from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.routes import RouteTable, RuleError
from tests.gateway.openapi.documents import compiled

RULES = {
    # google/api/http.proto: additional_bindings must not contain additional_bindings themselves.
    """get: "/a" additional_bindings { get: "/b" additional_bindings { get: "/c" } }""": (
        "additional_bindings"
    ),
    """custom { kind: "SHELVE" path: "/a" }""": "SHELVE",
    """custom { kind: "GET IT" path: "/a" }""": "GET IT",
    """custom { kind: "CONNECT" path: "/a" }""": "CONNECT",
}


def routes(rule: str) -> RouteTable:
    text = """
        package library.v1;
        message Book {}
        service Shelf { rpc Get(Book) returns (Book) { option (google.api.http) = { %s }; } }
    """
    return RouteTable.from_descriptors(Descriptors(compiled(text % rule)))


@pytest.mark.parametrize("rule", RULES)
def test_rule_that_cannot_be_served_is_refused(rule: str) -> None:
    """With its method and the part that is wrong, instead of a path that never answers."""
    with pytest.raises(RuleError, match=f"library.v1.Shelf.Get.*{RULES[rule]}"):
        routes(rule)


@pytest.mark.parametrize("kind", ["HEAD", "OPTIONS", "PROPFIND", "report", "*"])
def test_methods_of_http_are_served(kind: str) -> None:
    """Those that a request can carry, and the rule for all of them."""
    assert routes(f'custom {{ kind: "{kind}" path: "/a" }}').routes[0].http_method == kind.upper()
