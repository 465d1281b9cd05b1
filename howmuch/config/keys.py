"""The keys of settings, the field behind each, and mappings nested by keys."""

import difflib
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
    """Return every key with its field, in order."""
    return dict(_fields_of(Settings, ""))


def _fields_of(model: type[BaseModel], prefix: str) -> Iterator[tuple[Key, FieldInfo]]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Group):
            yield from _fields_of(kind, f"{prefix}{name}.")
        else:
            yield prefix + name, field


def is_group(key: Key) -> bool:
    """Whether the key names a group: `grpc`."""
    return any(known.startswith(f"{key}.") for known in fields())


def is_secret(key: Key) -> bool:
    """Whether the value of the setting must be masked."""
    return key in fields() and fields()[key].annotation is SecretStr


def is_live(key: Key) -> bool:
    """Whether a change takes effect without a restart."""
    return key in ("log.level", "mail.window_seconds") or key.startswith(
        ("rate_limits.", "quotas.")
    )


def close_to(key: Key) -> Key | None:
    """Return the setting with the most similar name. None means that no name is similar."""
    close = difflib.get_close_matches(key, fields(), n=1)
    return close[0] if close else None


def default_of(key: Key) -> Any:
    """Return the default of a setting."""
    return fields()[key].get_default(call_default_factory=True)


def items(settings: Settings) -> Iterator[tuple[Key, Any]]:
    """Yield every key with its value, in order. Secrets stay wrapped."""
    for key in fields():
        value: Any = settings
        for name in key.split("."):
            value = getattr(value, name)
        yield key, value


def nested(values: Mapping[Key, Any]) -> dict[str, Any]:
    """Turn dotted keys into nested mappings."""
    made: dict[str, Any] = {}
    for key, value in values.items():
        *groups, name = key.split(".")
        at = made
        for group in groups:
            at = at.setdefault(group, {})
        at[name] = value
    return made
