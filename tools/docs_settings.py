"""The page of the settings, from their schema: the common settings, then a table for each group."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby

from howmuch.config.documents import Schema, is_common, json_schema, meaning, setting_schemas

_HEAD = """\
# Settings

Every setting, its meaning, its bounds and its default. [Configuration](../configuration.md) lists the sources
of settings and their order; [howmuch.example.yaml](../howmuch.example.yaml) is a file to start from. In the
environment `grpc.listen` is `HOWMUCH_GRPC__LISTEN`, in etcd `/howmuch/grpc/listen`.

## Common settings {{ #common }}

{common}
## Advanced settings {{ #advanced }}

The defaults suit most installations.

{advanced}"""

Settings = Sequence[tuple[str, Schema]]


def settings_page() -> str:
    """The page, in Markdown."""
    schemas = setting_schemas().items()
    common = [(key, schema) for key, schema in schemas if is_common(schema)]
    advanced = [(key, schema) for key, schema in schemas if not is_common(schema)]
    groups = groupby(advanced, lambda item: item[0].rpartition(".")[0])
    return _HEAD.format(
        common="\n".join(_table(common)),
        advanced="\n".join(line for key, group in groups for line in _group(key, list(group))),
    )


def _group(key: str, settings: Settings) -> Iterator[str]:
    if key:
        schema = json_schema()
        for name in key.split("."):
            schema = schema["properties"][name]
        yield from (f"### {key} {{ #{key} }}", "", schema["description"], "")
    yield from _table(settings)


def _table(settings: Settings) -> Iterator[str]:
    yield from ("| Setting | Default | Meaning |", "|---|---|---|")
    for key, schema in settings:
        yield f"| `{key}` | {_default(schema)} | {_cell(meaning(key, schema))} |"
    yield ""


def _default(schema: Schema) -> str:
    default = schema.get("default")
    return "" if default in (None, "", []) else f"`{json.dumps(default)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
