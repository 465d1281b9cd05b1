"""Components: schemas that the document defines once and refers to.

A key identifies a component while the document is built: a full name of protobuf, or a key of a body. Final
names are given at the end, since only name conflicts need the package.
"""

import re
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from howmuch.gateway.openapi.options import JsonObject

_PREFIX = "#/components/schemas/"
EXAMPLES = "#/components/examples/"
_FORBIDDEN = re.compile(r"[^A-Za-z0-9._-]")


class Names(NamedTuple):
    """The names that a component may get. qualified: with its package, for conflicts."""

    short: str
    qualified: str


@dataclass(slots=True)
class Component:
    """A schema.

    open: whether other members are allowed. only_sent: required members that responses never have. one_of:
    whether it holds nothing but one member of a oneof.
    """

    names: Names
    schema: JsonObject = field(default_factory=dict)
    open: bool = True
    only_sent: tuple[str, ...] = ()
    one_of: bool = False


class Components:
    """The components by key."""

    def __init__(self) -> None:
        self.made: dict[str, Component] = {}

    def names(self, keys: Container[str]) -> dict[str, str]:
        """The final name of each key."""
        wanted = {key: component for key, component in self.made.items() if key in keys}
        counts = Counter(component.names.short for component in wanted.values())
        names: dict[str, str] = {}
        taken: set[str] = set()
        for key, component in wanted.items():
            unique = counts[component.names.short] == 1
            base = _FORBIDDEN.sub("_", component.names[0 if unique else 1])
            name, number = base, 1
            while name in taken:
                number += 1
                name = f"{base}_{number}"
            taken.add(name)
            names[key] = name
        return names

    def reached(self, value: Any) -> set[str]:
        """The keys that a part of the document refers to, directly and indirectly."""
        found: set[str] = set()
        waiting = list(references(value))
        while waiting:
            target = waiting.pop()
            key = target.removeprefix(_PREFIX)
            if key != target and key not in found:
                found.add(key)
                waiting += references(self.made[key].schema)
        return found

    def resolve(self, schema: JsonObject) -> JsonObject:
        """The schema itself, also if it is a reference."""
        key = key_of(schema)
        return self.made[key].schema if key is not None else schema


def reference(key: str) -> JsonObject:
    return {"$ref": f"{_PREFIX}{key}"}


def key_of(schema: JsonObject) -> str | None:
    """The key that a schema refers to; None means that it is not a reference."""
    target = schema.get("$ref")
    return target.removeprefix(_PREFIX) if isinstance(target, str) else None


def references(value: Any) -> Iterator[str]:
    """The targets of the references in a part of the document."""
    if isinstance(value, dict):
        if isinstance(target := value.get("$ref"), str):
            yield target
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        yield from references(inner)


def renamed(value: Any, names: dict[str, str]) -> Any:
    """Puts the final names into the references of a part of the document."""
    if isinstance(value, list):
        return [renamed(inner, names) for inner in value]
    if not isinstance(value, dict):
        return value
    made = {name: renamed(inner, names) for name, inner in value.items()}
    target = made.get("$ref")
    for prefix in (_PREFIX, EXAMPLES):
        if isinstance(target, str) and target.startswith(prefix):
            made["$ref"] = prefix + names[target.removeprefix(prefix)]
    return made
