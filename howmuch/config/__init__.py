"""Settings, and the source of each value.

Layers, the strongest first:

- flags
- environment (`HOWMUCH_GRPC__LISTEN` is `grpc.listen`)
- a file in YAML, JSON or TOML (`--config`, else `howmuch.yaml` in the working directory, if it exists)
- etcd (`/howmuch/grpc/listen`), if `etcd.endpoints` is set
- defaults

An invalid value raises ConfigError.
"""

from howmuch.config.config_errors import ConfigError
from howmuch.config.keys import is_live, items
from howmuch.config.layers import Loaded, flag_name, from_json, load, to_json
from howmuch.config.live import with_live_values
from howmuch.config.settings import Settings
from howmuch.config.shown import mask_url, shown

__all__ = [
    "ConfigError",
    "Loaded",
    "Settings",
    "flag_name",
    "from_json",
    "is_live",
    "items",
    "load",
    "mask_url",
    "shown",
    "to_json",
    "with_live_values",
]
