"""The document as JSON or YAML text."""

import json
import sys
from typing import Any

import yaml

from howmuch.gateway.openapi.options import JsonObject


def to_json(document: JsonObject) -> bytes:
    """Indented JSON in UTF-8."""
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"


def to_yaml(document: JsonObject) -> bytes:
    """YAML in UTF-8, with block style for multi-line strings."""
    text: str = yaml.dump(
        document,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=sys.maxsize,
    )
    return text.encode()


class _Dumper(yaml.SafeDumper):
    """Writes no aliases, and indents lists."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
