"""Requests of protobuf as HTTP requests: what google.api.http makes of each, without the gateway's help."""

import copy
import importlib.resources
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from google.api import annotations_pb2
from google.protobuf import json_format
from google.protobuf.message import Message

from howmuch.rpc.methods import SERVICES
from tests.rest.client import Answer, Rest

_DESCRIPTORS = {method.name: method for service in SERVICES for method in service.methods}
_VARIABLE = re.compile(r"\{([a-z_.]+)\}")
_MASK_PATH = re.compile(r"[a-z0-9_.*]+")
_MAPPING = re.compile(r"HTTP Mapping: (\d{3}).*?\n  (\w+) = \d+;", re.DOTALL)

HTTP_STATUS = {
    code: int(status)
    for status, code in _MAPPING.findall(
        (importlib.resources.files("google.rpc") / "code.proto").read_text()
    )
}
"""Name of a code to its HTTP status, as the comments of google/rpc/code.proto have it."""


class InexpressibleError(ValueError):
    """A request that no HTTP request stands for."""


@dataclass(frozen=True)
class HttpForm:
    """A request over HTTP. body: None for a method that takes none."""

    verb: str
    path: str
    query: list[tuple[str, str]]
    body: Any


def http_form(name: str, request: Message) -> HttpForm:
    """A request of the method with this name. LookupError where the method has no HTTP rule."""
    rule = _DESCRIPTORS[name].GetOptions().Extensions[annotations_pb2.http]
    verb = rule.WhichOneof("pattern")
    if verb is None:
        raise LookupError(f"{name} has no google.api.http rule")
    rest = copy.deepcopy(request)
    path = _VARIABLE.sub(lambda found: _take(rest, found[1]), getattr(rule, verb))
    fields = _to_json(rest)
    body = None
    if rule.body == "*":
        body, fields = fields, {}
    elif rule.body:
        body = fields.pop(rest.DESCRIPTOR.fields_by_name[rule.body].json_name, {})
    query = [pair for field, value in fields.items() for pair in _pairs(field, value)]
    return HttpForm(verb.upper(), path, query, body)


def written(name: str, field: str) -> str:
    """What the sender of an HTTP request for this method calls a field of its message."""
    rule = _DESCRIPTORS[name].GetOptions().Extensions[annotations_pb2.http]
    in_path = _VARIABLE.findall(getattr(rule, rule.WhichOneof("pattern")))
    if field.startswith("update_mask."):
        return "updateMask"
    if field in in_path:
        *parents, last = field.split(".")
        return in_json(f"{parents[0]}_id" if parents and last == "id" else last)
    return in_json(field.removeprefix(f"{rule.body}."))


def in_json(text: str) -> str:
    """A text with JSON names for proto names."""
    return re.sub(r"(?<=[a-z])_([a-z])", lambda found: found[1].upper(), text)


def call(
    caller: Rest, name: str, request: Message, headers: Mapping[str, str] | None = None
) -> Answer:
    """Calls the method with this name. Of a stream, takes the first message, which is not in the answer."""
    form = http_form(name, request)
    # White space around the value of a header is not part of it, and no client sends it.
    headers = {header: value.strip() for header, value in (headers or {}).items()}
    if _DESCRIPTORS[name].server_streaming:
        with caller.stream(form.path, query=form.query, headers=headers) as stream:
            if stream.head.status == 200:
                next(stream.messages)
            return stream.head
    return caller.request(form.verb, form.path, body=form.body, query=form.query, headers=headers)


def _take(message: Any, path: str) -> str:
    """The text of a field, which is cleared: it is in the path and nowhere else."""
    *parents, name = path.split(".")
    for parent in parents:
        message = getattr(message, parent)
    value = str(getattr(message, name))
    if not value:
        raise InexpressibleError(f"{path} is empty, and a path has no empty segment")
    message.ClearField(name)
    return quote(value, safe="")


def _to_json(message: Any) -> dict[str, Any]:
    """ProtoJSON that reads as the same message."""
    try:
        fields = json_format.MessageToDict(message)
        same = json_format.ParseDict(fields, type(message)()) == message
    except (ValueError, json_format.Error) as error:
        raise InexpressibleError(str(error)) from error
    paths = message.update_mask.paths if "updateMask" in fields else ()
    if not same or not all(map(_MASK_PATH.fullmatch, paths)):
        raise InexpressibleError(f"{fields} does not read as the same message")
    return fields


def _pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """The query parameters of a field."""
    if isinstance(value, dict):
        for inner, part in value.items():
            yield from _pairs(f"{name}.{inner}", part)
    elif isinstance(value, list):
        for part in value:
            yield from _pairs(name, part)
    elif isinstance(value, bool):
        yield name, str(value).lower()
    else:
        yield name, str(value)
