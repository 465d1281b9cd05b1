"""Keys that a file of settings has twice. The parsers of YAML and JSON keep the last one, without a word."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from howmuch.config.config_errors import ConfigError


def check_duplicates(path: Path) -> None:
    """Raises ConfigError for the first key that a mapping has twice. TOML's parser does so by itself."""
    if path.suffix.lower() == ".json":
        json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_checked(path))
    elif path.suffix.lower() in (".yaml", ".yml"):
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        for key in _keys_twice(root):
            line = key.start_mark.line + 1
            raise ConfigError(f"file {path}: line {line}: {key.value} is set twice; remove one")


def _checked(path: Path) -> Any:
    def make(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in pairs:
            if key in made:
                raise ConfigError(f"file {path}: {key} is set twice; remove one")
            made[key] = value
        return made

    return make


def _keys_twice(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    """The second of each two equal keys, in the document's order."""
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _keys_twice(each)
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield key
                seen.add(key.value)
            yield from _keys_twice(value)
