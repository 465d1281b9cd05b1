"""Settings: what a person may set, and where each value came from.

Layers, the strongest first: flags, environment (`HOWMUCH_GRPC__LISTEN` is `grpc.listen`), a file in
YAML, JSON or TOML (`--config`, else `howmuch.yaml` in the working directory where there is one),
defaults. A value that cannot be used is a ConfigError, whose one line names its key and source.
"""

from howmuch.config.layers import (
    ConfigError,
    Loaded,
    flag_name,
    from_json,
    items,
    load,
    mask_url,
    shown,
    to_json,
)
from howmuch.config.settings import Settings

__all__ = [
    "ConfigError",
    "Loaded",
    "Settings",
    "flag_name",
    "from_json",
    "items",
    "load",
    "mask_url",
    "shown",
    "to_json",
]
