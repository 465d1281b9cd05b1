"""The settings as documents: a JSON Schema of the file, and an example of the file."""

import json
import textwrap
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from howmuch.config.keys import Key, fields, is_live, is_secret
from howmuch.config.kinds import COMMON
from howmuch.config.secret_files import SUFFIX
from howmuch.config.settings import Settings

Schema = dict[str, Any]

_WIDTH = 100

_HEAD = """\
# Settings of howmuch, with their defaults. Printed by `howmuch config example`.
#
# To change a setting, remove the # before it. The same settings can be flags (--grpc-listen),
# environment variables (HOWMUCH_GRPC__LISTEN) and names in etcd (/howmuch/grpc/listen). Flags win
# over the environment, the environment over this file, this file over etcd.

"""
_ADVANCED = """\

# ---- advanced: the defaults suit most installations ----

"""


def json_schema() -> Schema:
    """The JSON Schema, draft 2020-12, of a file of settings. Keys are nested or dotted: grpc.listen."""
    tree = _tree()
    for key in _leaves(tree, ""):
        if "." in key:
            path = "/properties/".join(key.split("."))
            tree["properties"][key] = {"$ref": f"#/properties/{path}"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of howmuch",
        **tree,
        "description": "The file that --config names, or howmuch.yaml in the working directory.",
    }


def setting_schemas() -> dict[Key, Schema]:
    """The schema of each setting, in order."""
    return {key: schema for key, schema in _leaves(_tree(), "").items() if key in fields()}


def is_common(schema: Schema) -> bool:
    """Whether people often change this setting; otherwise it is advanced."""
    return schema.items() >= COMMON.items()


def _tree() -> Schema:
    made = Settings.model_json_schema()
    return _group(made, made.pop("$defs"), "")


def _leaves(group: Schema, prefix: str) -> dict[Key, Schema]:
    """The schema of each key below a group, `_file` of secrets included."""
    found: dict[Key, Schema] = {}
    for name, schema in group["properties"].items():
        if "properties" in schema:
            found |= _leaves(schema, f"{prefix}{name}.")
        else:
            found[prefix + name] = schema
    return found


def _group(found: Schema, definitions: Mapping[str, Schema], prefix: str) -> Schema:
    properties: dict[str, Schema] = {}
    for name, field in found["properties"].items():
        key = prefix + name
        if "$ref" in field:
            group = definitions[field["$ref"].rpartition("/")[2]]
            properties[name] = _group(group, definitions, f"{key}.")
            continue
        properties[name] = _setting(field, secret=is_secret(key))
        if is_secret(key):
            properties[name + SUFFIX] = {
                "type": ["string", "null"],
                "description": f"File that holds {name}.",
            }
    return {
        "description": " ".join(found["description"].split()),
        # YAML reads a group without values as null.
        "type": ["object", "null"],
        "properties": properties,
        "additionalProperties": False,
    }


def _setting(field: Schema, *, secret: bool) -> Schema:
    made = {name: value for name, value in field.items() if name != "title"}
    if secret:
        del made["default"]  # It is masked.
    if "default" not in made:
        made["type"] = [made["type"], "null"]  # The program computes the default.
    if made.get("type") == "array":
        made["type"] = ["array", "string"]  # On one line: a,b.
    return made


def example_file() -> str:
    """The file, in YAML: the common settings, then the advanced ones, each commented out at its default."""
    schemas = setting_schemas()
    common = {key: schema for key, schema in schemas.items() if is_common(schema)}
    advanced = {key: schema for key, schema in schemas.items() if key not in common}
    return _HEAD + _part(common) + _ADVANCED + _part(advanced)


def _part(schemas: Mapping[Key, Schema]) -> str:
    """Settings, with an empty line between groups."""
    groups = groupby(schemas.items(), lambda item: item[0].rpartition(".")[0])
    return "\n".join("".join(_lines(*item) for item in group) for _, group in groups)


def _lines(key: Key, schema: Schema) -> str:
    comment = textwrap.fill(
        meaning(key, schema),
        _WIDTH,
        initial_indent="# ",
        subsequent_indent="# ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    default = schema.get("default")
    value = "" if default is None else f" {json.dumps(default)}"
    return f"{comment}\n#{key}:{value}\n"


def meaning(key: Key, schema: Schema) -> str:
    """Sentences: the meaning of a setting, its bounds, and other ways to set it."""
    text = str(schema["description"])
    if bounds := _bounds(schema):
        text += f" {bounds}."
    if is_secret(key):
        text += f" Or set {key}{SUFFIX} to a file that holds it."
    if is_live(key):
        text += " A change in etcd takes effect at once."
    return text


def _bounds(schema: Schema) -> str:
    """The range of a number. Empty means that there are no bounds."""
    parts = []
    if "minimum" in schema:
        parts.append(f"at least {schema['minimum']:g}")
    if "exclusiveMinimum" in schema:
        parts.append(f"more than {schema['exclusiveMinimum']:g}")
    if "maximum" in schema:
        # Not with :g, which turns 1073741824 into 1.07374e+09.
        parts.append(f"at most {int(schema['maximum'])}")
    return ", ".join(parts).capitalize()
