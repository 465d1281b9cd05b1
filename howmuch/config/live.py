"""Settings that etcd can change while the program runs."""

from collections.abc import Mapping, Sequence
from typing import Any

from howmuch.config.config_errors import ConfigError, Layer
from howmuch.config.keys import Key, default_of, is_live, items
from howmuch.config.layers import Loaded, etcd_layer, validated


def with_live_values(loaded: Loaded, values: Mapping[str, str]) -> tuple[Loaded, Sequence[str]]:
    """Return the settings with the present values of etcd, and one line for each problem in etcd.

    values: all names below the prefix, to their values. Only live settings that no stronger layer sets
    change. A setting that etcd no longer has returns to its default; an invalid value changes nothing.
    Invalid values of other settings are problems too: with them the program would not start.
    """
    layer, wrong_names = etcd_layer(loaded.settings.etcd, values)
    problems = list(wrong_names.values())
    present: dict[Key, Any] = dict(items(loaded.settings))
    sources = dict(loaded.sources)
    settings = loaded.settings
    for key in _open_keys(loaded):
        given = layer.get(key, (default_of(key), "default"))
        trial: Layer = {name: (value, "") for name, value in present.items()}
        try:
            settings = validated(trial | {key: given})
        except ConfigError as error:
            problems.append(str(error))
            continue
        present = dict(items(settings))
        _, sources[key] = given
    return Loaded(settings, sources), problems + _problems_of_next_start(loaded, layer)


def _problems_of_next_start(loaded: Loaded, layer: Layer) -> list[str]:
    """One line for the settings that are read at start, if their values in etcd are invalid."""
    given = {key: layer[key] for key in _from_etcd(loaded) if key in layer and not is_live(key)}
    others: Layer = {
        key: (value, loaded.sources[key])
        for key, value in items(loaded.settings)
        if not loaded.sources[key].startswith(("etcd ", "default"))
    }
    try:
        validated(others | given)
    except ConfigError as error:
        return [str(error)]
    return []


def _open_keys(loaded: Loaded) -> Sequence[Key]:
    return [key for key in _from_etcd(loaded) if is_live(key)]


def _from_etcd(loaded: Loaded) -> Sequence[Key]:
    """The settings that no stronger layer sets."""
    return [
        key for key, source in loaded.sources.items() if source.startswith(("etcd ", "default"))
    ]
