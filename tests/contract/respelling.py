"""Other spellings of what is documented: the gateway reads all that ProtoJSON asks readers to accept.

The document describes one way to say one thing, so that clients have no choice to make; see
howmuch/gateway/openapi/wellknown.py. To schemathesis every other way is wrong. It is not where protobuf's own
reader, which is not the gateway's, makes of it a message whose ProtoJSON is as documented: null for what is
not set, enums by number, whole numbers for 64 bits, names as in the proto file.
"""

import json
from collections.abc import Mapping, Set
from typing import Any

from google.api import annotations_pb2
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.message_factory import GetMessageClass
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from schemathesis import Case
from schemathesis.core import NotSet
from schemathesis.core.parameters import ParameterLocation

_URI = "urn:document"
_BODY = "requestBody/content/application~1json/schema"


class Respelling:
    """Judges requests to the operations of a document.

    methods: by operation id. passed_on: where the gateway takes what there is as it is.
    """

    def __init__(
        self,
        document: Mapping[str, Any],
        methods: Mapping[str, MethodDescriptor],
        passed_on: Set[ParameterLocation] = frozenset(),
    ) -> None:
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self._registry = Registry().with_resource(_URI, resource)
        self._methods = methods
        self._passed_on = passed_on

    def is_documented(self, case: Case[Any]) -> bool:
        """Whether everything in a request that is not as documented is another spelling of what is."""
        meta, raw = case.meta, case.operation.definition.raw
        assert meta is not None
        method = self._methods[raw["operationId"]]
        wrong = {place for place in meta.components if meta.is_negative_at(place)}
        if not wrong:
            return False
        wrong -= self._passed_on
        if wrong - {ParameterLocation.BODY, ParameterLocation.QUERY}:
            return False
        at = f"{_URI}#/paths/{_escaped(case.path)}/{case.operation.method.lower()}"
        try:
            return all(
                self._body_is_documented(case, method, at)
                if place == ParameterLocation.BODY
                else self._query_is_documented(case, method, raw)
                for place in wrong
            )
        except (json_format.Error, ValueError, TypeError):
            return False

    def _body_is_documented(self, case: Case[Any], method: MethodDescriptor, at: str) -> bool:
        rule = method.GetOptions().Extensions[annotations_pb2.http]
        value = case.body
        if isinstance(value, NotSet):
            value = {}  # No body is an empty message.
        elif isinstance(value, bytes):
            value = json.loads(value)
        if value is None and rule.body != "*":
            return True  # Null for what is not set: the whole body is not.
        fields = {field.json_name for field in method.input_type.fields}
        if value is None and fields <= set(case.path_parameters):
            value = {}  # All that the message has is in the path.
        if method.client_streaming and isinstance(value, list):
            plain: Any = [_plain(method, rule.body, part) for part in value]
        else:
            plain = _plain(method, rule.body, value)
        return self._is_valid(plain, {"$ref": f"{at}/{_BODY}"})

    def _query_is_documented(
        self, case: Case[Any], method: MethodDescriptor, raw: Mapping[str, Any]
    ) -> bool:
        message = GetMessageClass(method.input_type)()
        given: dict[str, Any] = {}
        for name, value in case.query.items():
            *outer, last = name.split(".")
            within, descriptor = given, method.input_type
            for each in outer:
                within = within.setdefault(each, {})
                inner = _field(descriptor, each).message_type
                assert inner is not None, name
                descriptor = inner
            within[last] = _read(_field(descriptor, last), value)
        json_format.ParseDict(given, message)
        plain = json_format.MessageToDict(message)
        return all(
            self._parameter_is_documented(plain, parameter)
            for parameter in raw["parameters"]
            if parameter.get("in") == "query"
        )

    def _parameter_is_documented(
        self, plain: Mapping[str, Any], parameter: Mapping[str, Any]
    ) -> bool:
        value: Any = plain
        for name in parameter["name"].split("."):
            if name not in value:
                return not parameter.get("required")
            value = value[name]
        return self._is_valid(value, parameter["schema"])

    def _is_valid(self, value: Any, schema: Mapping[str, Any]) -> bool:
        schema = json.loads(json.dumps(schema).replace('"$ref": "#', f'"$ref": "{_URI}#'))
        return bool(Draft202012Validator(schema, registry=self._registry).is_valid(value))


def _plain(method: MethodDescriptor, body: str, value: Any) -> Any:
    """A body as it is documented. body: of the rule. Raises json_format.Error for what is no message."""
    message = GetMessageClass(method.input_type)()
    if body == "*":
        json_format.ParseDict(value, message)
        return json_format.MessageToDict(message)
    name = method.input_type.fields_by_name[body].json_name
    json_format.ParseDict({name: value}, message)
    return json_format.MessageToDict(message).get(name, {})


def _field(message: Descriptor, name: str) -> FieldDescriptor:
    """The field of a name in JSON or in the proto file. Raises ValueError."""
    for each in message.fields:
        if name in (each.json_name, each.name):
            return each
    raise ValueError(name)


def _read(field: FieldDescriptor, value: Any) -> Any:
    """The value of a query parameter as JSON has it."""
    if isinstance(value, list):
        return [_read_one(field, str(part)) for part in value]
    one = _read_one(field, str(value))
    return [one] if field.is_repeated else one


def _read_one(field: FieldDescriptor, text: str) -> Any:
    if field.enum_type is not None and text.lstrip("-").isdigit():
        return int(text)
    if field.type == FieldDescriptor.TYPE_BOOL:
        return {"true": True, "false": False}.get(text, text)
    return text


def _escaped(name: str) -> str:
    """A name as a JSON pointer has it, in a URI fragment."""
    escaped = name.replace("~", "~0").replace("/", "~1")
    return escaped.replace("{", "%7B").replace("}", "%7D")
