"""The keys of settings: which there are, what stands behind each, and mappings nested by them."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from howmuch.config.kinds import Group
from howmuch.config.settings import Settings

Key = str
"""Dotted path of a setting: `grpc.listen`."""


@cache
def fields() -> Mapping[Key, FieldInfo]:
    """Every key and its field, in their order."""
    return dict(_fields_of(Settings, ""))


def _fields_of(model: type[BaseModel], prefix: str) -> Iterator[tuple[Key, FieldInfo]]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Group):
            yield from _fields_of(kind, f"{prefix}{name}.")
        else:
            yield prefix + name, field


def is_group(key: Key) -> bool:
    """Whether settings are in it: `grpc`."""
    return any(known.startswith(f"{key}.") for known in fields())


def is_secret(key: Key) -> bool:
    """Whether this is a setting whose value is never shown whole."""
    return key in fields() and fields()[key].annotation is SecretStr


def default_of(key: Key) -> Any:
    """What the setting is where no layer says it."""
    return fields()[key].get_default(call_default_factory=True)


def items(settings: Settings) -> Iterator[tuple[Key, Any]]:
    """Every key and its value, in the order of the fields; secrets stay wrapped."""
    for key in fields():
        value: Any = settings
        for name in key.split("."):
            value = getattr(value, name)
        yield key, value


def nested(values: Mapping[Key, Any]) -> dict[str, Any]:
    """One mapping within another for each group."""
    made: dict[str, Any] = {}
    for key, value in values.items():
        *groups, name = key.split(".")
        at = made
        for group in groups:
            at = at.setdefault(group, {})
        at[name] = value
    return made
