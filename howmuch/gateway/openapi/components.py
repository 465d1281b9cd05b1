"""Schemas that are written once and referred to by name.

A key identifies a component while the document is put together: a full name of protobuf, or one of a body.
Only when all are known are they named: shortly, and with their package where two would have the same name.
"""

import re
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Any

from howmuch.gateway.openapi.options import JsonObject

_PREFIX = "#/components/schemas/"
EXAMPLES = "#/components/examples/"
_FORBIDDEN = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(slots=True)
class Component:
    """A schema with the names that it may get.

    open: whether it takes and gives members that it does not list. only_sent: required members that answers
    never have. one_of: whether all that it can hold is one member of a oneof.
    """

    short: str
    qualified: str
    schema: JsonObject = field(default_factory=dict)
    open: bool = True
    only_sent: tuple[str, ...] = ()
    one_of: bool = False


class Components:
    """The components so far, by key."""

    def __init__(self) -> None:
        self.made: dict[str, Component] = {}

    def names(self, keys: Container[str]) -> dict[str, str]:
        """The final name of each key."""
        wanted = {key: component for key, component in self.made.items() if key in keys}
        counts = Counter(component.short for component in wanted.values())
        names: dict[str, str] = {}
        taken: set[str] = set()
        for key, component in wanted.items():
            unique = counts[component.short] == 1
            base = _FORBIDDEN.sub("_", component.short if unique else component.qualified)
            name, number = base, 1
            while name in taken:
                number += 1
                name = f"{base}_{number}"
            taken.add(name)
            names[key] = name
        return names

    def reached(self, value: Any) -> set[str]:
        """The keys that a part of the document refers to, and those that they refer to."""
        found: set[str] = set()
        waiting = list(keys_in(value))
        while waiting:
            key = waiting.pop()
            if key not in found:
                found.add(key)
                waiting += keys_in(self.made[key].schema)
        return found

    def resolve(self, schema: JsonObject) -> JsonObject:
        """The schema itself where another refers to it."""
        key = key_of(schema)
        return self.made[key].schema if key is not None else schema


def reference(key: str) -> JsonObject:
    """A reference to the component of a key."""
    return {"$ref": f"{_PREFIX}{key}"}


def key_of(schema: JsonObject) -> str | None:
    """The key that a schema refers to; None where it is written out."""
    target = schema.get("$ref")
    return target.removeprefix(_PREFIX) if isinstance(target, str) else None


def keys_in(value: Any) -> Iterator[str]:
    """The keys of schemas that a part of the document refers to."""
    if isinstance(value, dict):
        target = value.get("$ref")
        if isinstance(target, str) and target.startswith(_PREFIX):
            yield target.removeprefix(_PREFIX)
        for inner in value.values():
            yield from keys_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_in(inner)


def renamed(value: Any, names: dict[str, str]) -> Any:
    """A part of the document with the final names in its references."""
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
