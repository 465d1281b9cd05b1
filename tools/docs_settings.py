"""The page of the settings, from the schema of the file of settings: one table for each group."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from howmuch.config.documents import json_schema, meaning
from howmuch.config.keys import is_secret
from howmuch.config.secret_files import SUFFIX

_HEAD = """\
# Settings

Every setting, its meaning, its bounds and its default. [Configuration](../configuration.md) says where
settings come from and which source wins; [howmuch.example.yaml](../howmuch.example.yaml) is a file with all
of them. In the environment `grpc.listen` is `HOWMUCH_GRPC__LISTEN`, in etcd `/howmuch/grpc/listen`.
"""


def settings_page() -> str:
    """The page, in Markdown."""
    return "\n".join([_HEAD, *_group(json_schema(), "")])


def _group(group: Mapping[str, Any], key: str) -> Iterator[str]:
    prefix = f"{key}." if key else ""
    properties = {f"{prefix}{name}": schema for name, schema in group["properties"].items()}
    settings = {
        name: schema
        for name, schema in properties.items()
        if "properties" not in schema and not _is_file_of_secret(name)
    }
    if key:
        yield from (f"## {key} {{ #{key} }}", "", group["description"], "")
    if settings:
        yield from ("| Setting | Default | Meaning |", "|---|---|---|")
        for name, schema in settings.items():
            yield f"| `{name}` | {_default(schema)} | {_cell(meaning(name, schema))} |"
        yield ""
    for name, schema in properties.items():
        if "properties" in schema:
            yield from _group(schema, name)


def _is_file_of_secret(name: str) -> bool:
    # url_file; the meaning of url says that it is there.
    return name.endswith(SUFFIX) and is_secret(name.removesuffix(SUFFIX))


def _default(schema: Mapping[str, Any]) -> str:
    default = schema.get("default")
    return "" if default in (None, "", []) else f"`{json.dumps(default)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
