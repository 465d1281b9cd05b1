"""Where settings come from: the layers, and what they make together."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic_settings import (
    JsonConfigSettingsSource,
    TomlConfigSettingsSource,
    YamlConfigSettingsSource,
)

from howmuch.config.config_errors import ConfigError, Layer, explain, unknown
from howmuch.config.etcd import EtcdError, read_once
from howmuch.config.keys import Key, fields, is_group, items, nested
from howmuch.config.secret_files import read_secret_files
from howmuch.config.settings import ENVIRONMENT_PREFIX, EtcdSettings, Settings

DEFAULT_FILE = Path("howmuch.yaml")

CLIENT_VARIABLES = ("HOWMUCH_SERVER", "HOWMUCH_EVENT")
"""Variables of the commands that call a server, which are no settings of one."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and for each key its source.

    A source is `flag --grpc-listen`, `environment NAME`, `file PATH`, `etcd NAME` or `default`. That of a
    secret in a file of its own is `file PATH (environment NAME)`.
    """

    settings: Settings
    sources: Mapping[Key, str]


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
    found = read_secret_files(_file_layer(config_file))
    found |= read_secret_files(_environment_layer())
    found |= _flag_layer(flags, flag_names or {})
    for key, (_, source) in found.items():
        if key not in fields():
            raise ConfigError(unknown(key, source))
    # A line of a file that gives no value leaves it to the layers below.
    found = {key: said for key, said in found.items() if said[0] is not None}
    where = {key: said for key, said in found.items() if key.startswith("etcd.")}
    found = _read_etcd(validated(where).etcd) | found
    settings = validated(found)
    sources = {key: found[key][1] if key in found else "default" for key in fields()}
    if "database.url" not in found:
        settings = _with_embedded_database(settings)
        sources["database.url"] = "default, in data_dir"
    return Loaded(settings, sources)


def validated(found: Layer) -> Settings:
    """The settings out of these values, and defaults. Raises ConfigError."""
    try:
        return Settings(**nested({key: value for key, (value, _) in found.items()}))
    except ValidationError as error:
        raise ConfigError(explain(error, found)) from None


def to_json(loaded: Loaded) -> str:
    """All of it in one line, secrets included, for a process that `from_json` reads it in."""
    values = {
        key: value.get_secret_value() if isinstance(value, SecretStr) else value
        for key, value in items(loaded.settings)
    }
    return json.dumps({"settings": nested(values), "sources": dict(loaded.sources)}, default=str)


def from_json(text: str) -> Loaded:
    """The inverse of `to_json`."""
    read = json.loads(text)
    return Loaded(Settings(**read["settings"]), read["sources"])


def etcd_layer(etcd: EtcdSettings, values: Mapping[str, str]) -> tuple[Layer, list[str]]:
    """What etcd says, and one line for each of its names that is no setting's.

    values: names in etcd, such as /howmuch/log/level, to values, which are written as in the environment.
    """
    layer: Layer = {}
    problems = []
    for name, value in values.items():
        source = f"etcd {name}"
        key = name.removeprefix(etcd.prefix).replace("/", ".")
        if name != (expected := etcd_name(etcd, key)):
            problems.append(f"{source}: expected the name {expected}")
        elif key.startswith("etcd."):
            problems.append(f"{source}: {key} cannot come from etcd, which is found by it")
        elif key not in fields():
            problems.append(unknown(key, source))
        else:
            # What was put from a file or a pipe ends in a newline, which is not part of the value.
            layer[key] = (value.removesuffix("\n"), source)
    return layer, problems


def etcd_name(etcd: EtcdSettings, key: Key) -> str:
    """The name of a setting in etcd: `log.level` is /howmuch/log/level."""
    return etcd.prefix + key.replace(".", "/")


def _read_etcd(etcd: EtcdSettings) -> Layer:
    if not etcd.endpoints:
        return {}
    try:
        values = read_once(etcd)
    except EtcdError as error:
        raise ConfigError(f"etcd: cannot be read: {error}") from None
    layer, problems = etcd_layer(etcd, values)
    if problems:
        raise ConfigError(problems[0])
    return layer


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
        if name.startswith(ENVIRONMENT_PREFIX) and name not in CLIENT_VARIABLES
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
        if not is_group(key):
            yield key, value
        elif isinstance(value, Mapping):
            yield from _flat(value, f"{key}.")
        elif value is not None:  # None is a group whose lines are all commented out.
            yield key, value


def _with_embedded_database(settings: Settings) -> Settings:
    path = settings.data_dir.expanduser().absolute() / "howmuch.db"
    url = SecretStr(f"sqlite:///{path}")
    return settings.model_copy(
        update={"database": settings.database.model_copy(update={"url": url})}
    )
