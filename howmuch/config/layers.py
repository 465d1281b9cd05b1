"""Where settings come from: the layers, their errors, and values as they may be shown."""

import difflib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_settings import (
    JsonConfigSettingsSource,
    TomlConfigSettingsSource,
    YamlConfigSettingsSource,
)

from howmuch.config.kinds import Group
from howmuch.config.settings import ENVIRONMENT_PREFIX, Settings

DEFAULT_FILE = Path("howmuch.yaml")

Key = str
"""Dotted path of a setting: `grpc.listen`."""


class ConfigError(Exception):
    """A setting that cannot be used. The text is one line: source, key, what was expected."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and for each key its source.

    A source is `flag --grpc-listen`, `environment NAME`, `file PATH` or `default`.
    """

    settings: Settings
    sources: Mapping[Key, str]


Layer = dict[Key, tuple[Any, str]]
"""Key to value and source."""


def load(
    flags: Mapping[Key, Any],
    config_file: Path | None = None,
    flag_names: Mapping[Key, str] | None = None,
) -> Loaded:
    """The settings out of all layers.

    flags: key to value, None for a flag that was not given. config_file: must exist; None takes
    howmuch.yaml in the working directory where it exists. flag_names: of flags that are not named after their
    keys. Raises ConfigError.
    """
    given = _flag_layer(flags, flag_names or {})
    layers = [_file_layer(config_file), _environment_layer(), given]
    found: Layer = {}
    for layer in layers:
        found |= layer
    known = _fields()
    for key, (_, source) in found.items():
        if key not in known:
            raise ConfigError(_unknown(key, source))
    try:
        settings = Settings(**_nested({key: value for key, (value, _) in found.items()}))
    except ValidationError as error:
        raise ConfigError(_explain(error, found)) from None
    sources = {key: found[key][1] if key in found else "default" for key in known}
    if "database.url" not in found:
        settings = _with_embedded_database(settings)
        sources["database.url"] = "default, in data_dir"
    return Loaded(settings, sources)


def items(settings: Settings) -> Iterator[tuple[Key, Any]]:
    """Every key and its value, in the order of the fields; secrets stay wrapped."""
    for key in _fields():
        value: Any = settings
        for name in key.split("."):
            value = getattr(value, name)
        yield key, value


def shown(value: Any) -> str:
    """A value as it may be shown: what is secret in it is masked."""
    if isinstance(value, SecretStr):
        return mask(value.get_secret_value())
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def mask(secret: str) -> str:
    """A secret as it may be shown: a URL without its password, anything else not at all."""
    return mask_url(secret) if "://" in secret or not secret else "***"


def _is_secret(key: Key) -> bool:
    return key.endswith(("password", "database.url", "broker.url"))


def mask_url(url: str) -> str:
    """A URL without its password, which may stand before the host or in the query."""
    # The user name ends at the first colon and the password at the last @, whatever it contains.
    masked = re.sub(r"^(\w+://[^:/@]*):.*@", r"\1:***@", url)
    return re.sub(r"(?i)([?&][^=&]*password)=[^&]*", r"\1=***", masked)


def to_json(settings: Settings) -> str:
    """The settings, secrets included, for a process that `from_json` reads them in."""
    values = {
        key: value.get_secret_value() if isinstance(value, SecretStr) else value
        for key, value in items(settings)
    }
    return json.dumps(_nested(values), default=str)


def from_json(text: str) -> Settings:
    """The inverse of `to_json`."""
    return Settings(**json.loads(text))


def _fields(model: type[BaseModel] = Settings, prefix: str = "") -> list[Key]:
    keys: list[Key] = []
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Group):
            keys += _fields(kind, f"{prefix}{name}.")
        else:
            keys.append(prefix + name)
    return keys


def _flag_layer(flags: Mapping[Key, Any], names: Mapping[Key, str]) -> Layer:
    return {
        key: (value, f"flag {names.get(key) or flag_name(key)}")
        for key, value in flags.items()
        if value is not None
    }


def flag_name(key: Key) -> str:
    """The flag of a key: `grpc.listen` is `--grpc-listen`."""
    return "--" + re.sub(r"[._]", "-", key)


def _environment_layer() -> Layer:
    return {
        name.removeprefix(ENVIRONMENT_PREFIX).lower().replace("__", "."): (
            value,
            f"environment {name}",
        )
        for name, value in os.environ.items()
        if name.startswith(ENVIRONMENT_PREFIX)
    }


_FILE_SOURCES: Mapping[str, Any] = {
    ".yaml": YamlConfigSettingsSource,
    ".yml": YamlConfigSettingsSource,
    ".json": JsonConfigSettingsSource,
    ".toml": TomlConfigSettingsSource,
}


def _file_layer(config_file: Path | None) -> Layer:
    path = config_file or DEFAULT_FILE
    if not path.is_file():
        if config_file is None:
            return {}
        raise ConfigError(f"flag --config: expected a file, and there is no {path}")
    source = _FILE_SOURCES.get(path.suffix.lower())
    if source is None:
        raise ConfigError(f"file {path}: expected a name that ends in {', '.join(_FILE_SOURCES)}")
    try:
        values = source(Settings, path)()
    except OSError as error:
        raise ConfigError(f"file {path}: cannot be read: {error.strerror}") from None
    except Exception as error:  # noqa: BLE001 - each format's parser raises errors of its own
        reason = " ".join(str(error).split())
        raise ConfigError(f"file {path}: expected a mapping of settings: {reason}") from None
    return {key: (value, f"file {path}") for key, value in _flat(values)}


def _flat(values: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[Key, Any]]:
    """Keys and values of nested mappings, down to the settings."""
    for name, value in values.items():
        key = f"{prefix}{name}"
        if not _is_group(key):
            yield key, value
        elif isinstance(value, Mapping):
            yield from _flat(value, f"{key}.")
        elif value is not None:  # None is a group whose lines are all commented out.
            yield key, value


def _is_group(key: Key) -> bool:
    return any(known.startswith(f"{key}.") for known in _fields())


def _nested(values: Mapping[Key, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for key, value in values.items():
        *groups, name = key.split(".")
        at = nested
        for group in groups:
            at = at.setdefault(group, {})
        at[name] = value
    return nested


def _unknown(key: Key, source: str) -> str:
    if _is_group(key):
        example = next(known for known in _fields() if known.startswith(f"{key}."))
        return f"{source}: {key}: expected settings in it, such as {example}"
    close = difflib.get_close_matches(key, _fields(), n=1)
    hint = f"did you mean {close[0]}?" if close else "`howmuch config show` lists the settings"
    return f"{source}: {key} is not a setting; {hint}"


_WORDS = (
    ("Value error, ", ""),
    ("Input should be ", "expected "),
    (", unable to parse string as an integer", ""),
    (", unable to parse string as a number", ""),
    ("greater than or equal to", "at least"),
    ("less than or equal to", "at most"),
    ("greater than", "more than"),
)
"""What pydantic says, and what a person is told."""


def _explain(error: ValidationError, found: Layer) -> str:
    """The first error in one line: source, key, what was expected and what came."""
    detail = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in detail["loc"])
    expected = detail["msg"]
    for theirs, ours in _WORDS:
        expected = expected.replace(theirs, ours)
    if key in found:
        value, source = found[key]
        came = mask(str(value)) if _is_secret(key) else repr(value)
        return f"{source}: {key}: {expected}, not {came}"
    # A rule over several settings: its text names them, and so says whose sources matter.
    sources = [source for name, (_, source) in found.items() if name in expected]
    sources = sources or [
        source for name, (_, source) in found.items() if name.split(".")[-1] in expected
    ]
    return f"{', '.join(sources)}: {expected}"


def _with_embedded_database(settings: Settings) -> Settings:
    path = settings.data_dir.expanduser().absolute() / "howmuch.db"
    url = SecretStr(f"sqlite:///{path}")
    return settings.model_copy(
        update={"database": settings.database.model_copy(update={"url": url})}
    )
