"""The layers of settings, and the settings that they make together."""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
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
from howmuch.config.duplicates import check_duplicates
from howmuch.config.etcd import Etcd, EtcdError, read_once
from howmuch.config.keys import Key, close_to, fields, is_group, is_live, items, nested
from howmuch.config.secret_files import read_secret_files
from howmuch.config.settings import ENVIRONMENT_PREFIX, EtcdSettings, Settings

DEFAULT_FILE = Path("howmuch.yaml")

CLIENT_VARIABLES = ("HOWMUCH_SERVER", "HOWMUCH_EVENT")
"""Environment variables of the client commands. They are not settings."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and the source of each value.

    A source is `flag --grpc-listen`, `environment NAME`, `file PATH`, `etcd NAME` or `default`. The source of
    a secret in its own file is `file PATH (environment NAME)`. ignored: one line for each value of etcd that
    is wrong and not used.
    """

    settings: Settings
    sources: Mapping[Key, str]
    ignored: Sequence[str] = ()


def load(
    flags: Mapping[Key, Any],
    config_file: Path | None = None,
    flag_names: Mapping[Key, str] | None = None,
) -> Loaded:
    """Read the settings from all layers.

    flags: key to value; None means that the flag was not given. config_file: None means howmuch.yaml in the
    working directory, if it exists. flag_names: key to flag, for flags that are not named after their keys.
    Raises ConfigError.
    """
    stronger = _stronger_layers(flags, config_file, flag_names or {})
    layer, ignored = _read_etcd(_etcd_settings(stronger))
    found = layer | stronger
    settings = validated(found)
    sources = {key: found[key][1] if key in found else "default" for key in fields()}
    if "database.url" not in found:
        settings = _with_embedded_database(settings)
        sources["database.url"] = "default, in data_dir"
    return Loaded(settings, sources, tuple(ignored))


def _stronger_layers(
    flags: Mapping[Key, Any], config_file: Path | None, flag_names: Mapping[Key, str]
) -> Layer:
    """The layers above etcd together."""
    found = read_secret_files(_file_layer(config_file))
    found |= read_secret_files(_environment_layer())
    found |= _flag_layer(flags, flag_names)
    for key, (_, source) in found.items():
        if key not in fields():
            raise ConfigError(unknown(key, source))
    # A key without a value in a file is not set.
    return {key: given for key, given in found.items() if given[0] is not None}


def _etcd_settings(stronger: Layer) -> EtcdSettings:
    of_etcd = {key: given for key, given in stronger.items() if key.startswith("etcd.")}
    return validated(of_etcd).etcd


def validated(found: Layer) -> Settings:
    """Make the settings from these values and the defaults. Raises ConfigError."""
    try:
        return Settings(**nested({key: value for key, (value, _) in found.items()}))
    except ValidationError as error:
        raise ConfigError(explain(error, found)) from None


def to_json(loaded: Loaded) -> str:
    """Write settings, secrets included, and sources on one line. `from_json` reads it."""
    values = {
        key: value.get_secret_value() if isinstance(value, SecretStr) else value
        for key, value in items(loaded.settings)
    }
    return json.dumps({"settings": nested(values), "sources": dict(loaded.sources)}, default=str)


def from_json(text: str) -> Loaded:
    """The inverse of `to_json`."""
    read = json.loads(text)
    return Loaded(Settings(**read["settings"]), read["sources"])


def etcd_layer(etcd: EtcdSettings, values: Mapping[str, str]) -> tuple[Layer, dict[Key, str]]:
    """Return the layer of etcd, and for each name that is not a setting its key with one line.

    values: names in etcd, such as /howmuch/log/level, to values, written as in the environment.
    """
    layer: Layer = {}
    problems: dict[Key, str] = {}
    for name, value in values.items():
        source = f"etcd {name}"
        key = name.removeprefix(etcd.prefix).replace("/", ".")
        if name != (expected := etcd_name(etcd, key)):
            problems[key] = f"{source}: expected the name {expected}"
        elif key.startswith("etcd."):
            problems[key] = (
                f"{source}: {key} cannot come from etcd, because it says how to reach etcd"
            )
        elif key not in fields():
            problems[key] = unknown(key, source)
        else:
            # A value that was put from a file or a pipe ends in a newline.
            layer[key] = (value.removesuffix("\n"), source)
    return layer, problems


def etcd_name(etcd: EtcdSettings, key: Key) -> str:
    """Return the name of a setting in etcd: `log.level` is /howmuch/log/level."""
    return etcd.prefix + key.replace(".", "/")


def put_into_etcd(
    flags: Mapping[Key, Any],
    config_file: Path | None,
    flag_names: Mapping[Key, str],
    values: Mapping[Key, str],
) -> list[str]:
    """Write settings into etcd, all or none, and return their names there. flags and so on: as for `load`.

    Raises ConfigError, and writes nothing, if a setting does not exist, does not take its value, or makes the
    others invalid. It can correct settings with which the program would not start.
    """
    stronger = _stronger_layers(flags, config_file, flag_names)
    etcd = _etcd_settings(stronger)
    if not etcd.endpoints:
        raise ConfigError("etcd.endpoints is not set; name the addresses of etcd")
    named = {etcd_name(etcd, key): value for key, value in values.items()}
    given, problems = etcd_layer(etcd, named)
    for problem in problems.values():
        raise ConfigError(problem)
    client = Etcd(etcd)
    try:
        present, _ = etcd_layer(etcd, client.read().values)
        before = present if _is_valid(present | stronger) else {}
        validated(before | given | {key: one for key, one in stronger.items() if key not in given})
        client.put(named)
    except EtcdError as error:
        raise ConfigError(f"etcd: cannot be written: {error}") from None
    finally:
        client.close()
    return list(named)


def _is_valid(found: Layer) -> bool:
    try:
        validated(found)
    except ConfigError:
        return False
    return True


def _read_etcd(etcd: EtcdSettings) -> tuple[Layer, list[str]]:
    """The layer of etcd, and one line for each part of it that is ignored. Raises ConfigError.

    A wrong value of a live setting is ignored, as while the program runs. So is an unknown name that is close
    to one of them. Any other mistake could mean another database, or no TLS.
    """
    if not etcd.endpoints:
        return {}, []
    try:
        values = read_once(etcd)
    except EtcdError as error:
        raise ConfigError(f"etcd: cannot be read: {error}") from None
    layer, problems = etcd_layer(etcd, values)
    for key, problem in problems.items():
        if not is_live(key if key in fields() else close_to(key) or ""):
            raise ConfigError(problem)
    ignored = list(problems.values())
    for key in filter(is_live, tuple(layer)):
        try:
            validated({key: layer[key]})
        except ConfigError as error:
            ignored.append(str(error))
            del layer[key]
    return layer, ignored


def _flag_layer(flags: Mapping[Key, Any], names: Mapping[Key, str]) -> Layer:
    return {
        key: (value, f"flag {names.get(key) or flag_name(key)}")
        for key, value in flags.items()
        if value is not None
    }


def flag_name(key: Key) -> str:
    """Return the flag of a key: `grpc.listen` is `--grpc-listen`."""
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
        raise ConfigError(f"flag --config: there is no file {path}")
    source = _FILE_SOURCES.get(path.suffix.lower())
    if source is None:
        raise ConfigError(f"file {path}: expected a name ending in {', '.join(_FILE_SOURCES)}")
    try:
        check_duplicates(path)
        values = source(Settings, path)()
    except ConfigError:
        raise
    except OSError as error:
        raise ConfigError(f"file {path}: cannot be read: {error.strerror}") from None
    except Exception as error:  # noqa: BLE001 - each format's parser raises errors of its own
        reason = " ".join(str(error).split())
        raise ConfigError(f"file {path}: expected a mapping of settings: {reason}") from None
    layer: Layer = {}
    for key, value in _flat(values):
        if key in layer:
            raise ConfigError(f"file {path}: {key} is set twice, as {key} and in a group")
        layer[key] = (value, f"file {path}")
    return layer


def _flat(values: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[Key, Any]]:
    """Yield dotted keys and their values from nested mappings."""
    for name, value in values.items():
        key = f"{prefix}{name}"
        if not is_group(key):
            yield key, value
        elif isinstance(value, Mapping):
            yield from _flat(value, f"{key}.")
        elif value is not None:  # None means that all lines of the group are commented out.
            yield key, value


def _with_embedded_database(settings: Settings) -> Settings:
    path = settings.data_dir.expanduser().absolute() / "howmuch.db"
    url = SecretStr(f"sqlite:///{path}")
    return settings.model_copy(
        update={"database": settings.database.model_copy(update={"url": url})}
    )
