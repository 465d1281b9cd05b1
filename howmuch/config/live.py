"""Settings that etcd can change while the program runs."""

from collections.abc import Mapping, Sequence
from typing import Any

from howmuch.config.config_errors import ConfigError, Layer
from howmuch.config.keys import Key, default_of, items
from howmuch.config.layers import Loaded, etcd_layer, validated


def is_live(key: Key) -> bool:
    """Whether a change takes effect without a restart."""
    return key in ("log.level", "mail.window_seconds") or key.startswith(
        ("rate_limits.", "quotas.")
    )


def with_live_values(loaded: Loaded, values: Mapping[str, str]) -> tuple[Loaded, Sequence[str]]:
    """Return the settings with the present values of etcd, and one line for each problem in etcd.

    values: all names below the prefix, to their values. Only live settings that no stronger layer sets
    change. A setting that etcd no longer has returns to its default; an invalid value changes nothing.
    """
    layer, problems = etcd_layer(loaded.settings.etcd, values)
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
    return Loaded(settings, sources), problems


def _open_keys(loaded: Loaded) -> Sequence[Key]:
    return [
        key
        for key, source in loaded.sources.items()
        if is_live(key) and source.startswith(("etcd ", "default"))
    ]
