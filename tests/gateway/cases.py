"""The cases of cases.json as values; what their keys mean is written there, under `format`."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.gateway.schema import CONFORMANCE

Outcome = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """One request and what may come of it."""

    id: str
    rpc: str
    request: Mapping[str, Any]
    expect: Outcome
    contested: bool
    acceptable: tuple[Outcome, ...] = ()
    forbidden: tuple[Outcome, ...] = ()
    backend: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Everything the case says about any outcome."""
        return (self.expect, *self.acceptable, *self.forbidden)

    @property
    def body(self) -> bytes | None:
        """The body as it is sent; None: the request has none, not even an empty one."""
        if "body_b64" in self.request:
            return base64.b64decode(self.request["body_b64"])
        text = self.request.get("body")
        return None if text is None else text.encode()

    @property
    def target(self) -> str:
        """Path and query, not changed in any way."""
        query = self.request.get("query")
        return str(self.request["path"]) + ("" if query is None else f"?{query}")


@cache
def document() -> Mapping[str, Any]:
    """cases.json as it is."""
    cases: Mapping[str, Any] = json.loads((CONFORMANCE / "cases.json").read_text())
    return cases


@cache
def all_cases() -> tuple[Case, ...]:
    """Every case, in the order of the file."""
    return tuple(
        Case(
            id=case["id"],
            rpc=case["rpc"],
            request=case["request"],
            expect=case["expect"],
            contested=case["contested"],
            acceptable=tuple(case.get("acceptable", ())),
            forbidden=tuple(case.get("forbidden", ())),
            backend=case.get("backend", {}),
            config=case.get("config", {}),
        )
        for case in document()["cases"]
    )
