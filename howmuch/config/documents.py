"""The settings as documents: a JSON Schema of the file, and an example of it with every setting explained."""

import json
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from howmuch.config.keys import is_secret
from howmuch.config.live import is_live
from howmuch.config.secret_files import SUFFIX
from howmuch.config.settings import Settings

Schema = dict[str, Any]

_WIDTH = 100

_HEAD = """\
# Settings of howmuch, all of them, at their defaults. Made by `howmuch config example`.
#
# A line that begins with # and no space is a setting: remove the # to change it. What is empty is
# not set. The same settings may be flags (--grpc-listen), variables (HOWMUCH_GRPC__LISTEN) and names
# in etcd (/howmuch/grpc/listen): flags win over variables, which win over this file, which wins over
# etcd.

"""


def json_schema() -> Schema:
    """The JSON Schema, of 2020-12, that files of settings keep."""
    made = Settings.model_json_schema()
    definitions = made.pop("$defs")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of howmuch",
        **_group(made, definitions, ""),
        "description": "The file that --config names, or howmuch.yaml in the working directory.",
    }


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
                "description": f"File with {name} in it, instead of {name} here.",
            }
    return {
        "description": " ".join(found["description"].split()),
        # A group whose lines are all commented out is null.
        "type": ["object", "null"],
        "properties": properties,
        "additionalProperties": False,
    }


def _setting(field: Schema, *, secret: bool) -> Schema:
    made = {name: value for name, value in field.items() if name != "title"}
    if secret:
        del made["default"]  # Its mask, which is no default.
    if "default" not in made:
        made["type"] = [made["type"], "null"]  # Not set: the default is found at the start.
    if made.get("type") == "array":
        made["type"] = ["array", "string"]  # In one line as well: a,b.
    return made


def example_file() -> str:
    """The file, in YAML, with every setting commented out at its default."""
    lines = list(_lines(json_schema()["properties"], ""))
    return _HEAD + "\n".join([*lines, ""])


def _lines(properties: Mapping[str, Schema], prefix: str) -> Iterator[str]:
    indent = "  " * prefix.count(".")
    # First a group's own settings, then the groups in it.
    for name, schema in sorted(properties.items(), key=lambda item: "properties" in item[1]):
        key = prefix + name
        if "properties" in schema:
            yield from ["", *_comment(schema["description"], indent), f"{indent}{name}:"]
            yield from _lines(schema["properties"], f"{key}.")
        elif not is_secret(key.removesuffix(SUFFIX)) or is_secret(key):
            yield from _comment(meaning(key, schema), indent)
            default = schema.get("default")
            value = "" if default is None else json.dumps(default)
            yield f"{indent}#{name}: {value}".rstrip()


def meaning(key: str, schema: Schema) -> str:
    """What a setting is for, its bounds and what else holds for it, in sentences."""
    text = str(schema["description"])
    if bounds := _bounds(schema):
        text += f" {bounds}."
    if is_secret(key):
        text += f" {key.rpartition('.')[2]}{SUFFIX} names a file that holds it instead."
    if is_live(key):
        text += " A change in etcd takes effect at once."
    return text


def _bounds(schema: Schema) -> str:
    """The range of a number, in words; nothing where there is none."""
    parts = []
    if "minimum" in schema:
        parts.append(f"at least {schema['minimum']:g}")
    if "exclusiveMinimum" in schema:
        parts.append(f"more than {schema['exclusiveMinimum']:g}")
    if "maximum" in schema:
        # Not with :g, which turns 1073741824 into 1.07374e+09.
        parts.append(f"at most {int(schema['maximum'])}")
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def _comment(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=f"{indent}# ",
        subsequent_indent=f"{indent}# ",
        break_long_words=False,
        break_on_hyphens=False,
    )
