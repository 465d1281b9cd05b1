"""The settings that etcd changes while the program runs."""

from collections.abc import Mapping, Sequence
from typing import Any

from howmuch.config.config_errors import ConfigError, Layer
from howmuch.config.keys import Key, default_of, items
from howmuch.config.layers import Loaded, etcd_layer, validated


def is_live(key: Key) -> bool:
    """Whether a change takes effect without a restart."""
    return key in ("log.level", "mail.window_seconds") or key.startswith("rate_limits.")


def with_live_values(loaded: Loaded, values: Mapping[str, str]) -> tuple[Loaded, Sequence[str]]:
    """The settings as etcd has them now, and what is wrong there, one line each.

    values: all names below the prefix, to their values. Only live settings change, and of these only those
    that no stronger layer says. One that etcd has no more is at its default; one whose value is wrong stays.
    """
    layer, problems = etcd_layer(loaded.settings.etcd, values)
    present: dict[Key, Any] = dict(items(loaded.settings))
    sources = dict(loaded.sources)
    settings = loaded.settings
    for key in _open_keys(loaded):
        said, source = layer.get(key, (default_of(key), "default"))
        trial: Layer = {name: (value, "") for name, value in present.items()}
        try:
            settings = validated(trial | {key: (said, source)})
        except ConfigError as error:
            problems.append(str(error))
            continue
        present = dict(items(settings))
        sources[key] = source
    return Loaded(settings, sources), problems


def _open_keys(loaded: Loaded) -> Sequence[Key]:
    return [
        key
        for key, source in loaded.sources.items()
        if is_live(key) and source.startswith(("etcd ", "default"))
    ]
