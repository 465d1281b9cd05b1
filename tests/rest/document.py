"""The OpenAPI document that the gateway serves, as a judge of every answer."""

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_URI = "urn:howmuch:openapi"
_VARIABLE = re.compile(r"\\\{[^/{}]+\\\}")


@dataclass(frozen=True)
class _Operation:
    """pattern: of a path, as it stands in a request. at: where in the document the operation is."""

    verb: str
    pattern: re.Pattern[str]
    at: str


class Document:
    """What is documented: `check` and `check_message` raise AssertionError for anything else."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        resource = Resource.from_contents(content, default_specification=DRAFT202012)
        self._registry = Registry().with_resource(_URI, resource)
        # The most literal path goes first: /v1/users/me before /v1/users/{id}, and that with a verb.
        self._operations = [
            _Operation(verb.upper(), _pattern(path), f"/paths/{_escaped(path)}/{verb}")
            for path in sorted(content["paths"], key=lambda path: (path.count("{"), -len(path)))
            for verb in content["paths"][path]
        ]
        self._validator = functools.cache(self._compile)

    def check(
        self, verb: str, path: str, status: int, headers: Mapping[str, str], body: bytes
    ) -> None:
        """Holds an answer against the operation. headers: names in lower case. body: unpacked."""
        at = self._response(verb, path, status)
        response = self._at(at)
        for name, header in response.get("headers", {}).items():
            required = self._at(self._target(header, "")).get("required")
            assert not required or name.lower() in headers, f"{status} without {name}"
        content = response.get("content", {})
        if verb == "HEAD" or not (body or content):
            assert not body, f"{verb} was answered {status} with a body"
            return
        media_type = headers.get("content-type", "")
        if "*/*" in content:  # google.api.HttpBody: bytes of whatever type the service says.
            assert media_type, f"{status} without a type"
            return
        media_type = media_type if media_type in content else media_type.partition(";")[0]
        assert media_type in content, f"{status} as {media_type!r} is not documented"
        assert body, f"{status} without the body that is documented"
        value = json.loads(body) if media_type == "application/json" else body.decode()
        self._validate(f"{at}/content/{_escaped(media_type)}/schema", value)

    def check_message(self, path: str, media_type: str, message: Any) -> None:
        """Holds a message of a stream against what the array of all of them is to hold."""
        at = f"{self._response('GET', path, 200)}/content"
        assert media_type in self._at(at), f"{media_type!r} is not documented"
        self._validate(f"{at}/application~1json/schema/items", message)

    def _response(self, verb: str, path: str, status: int) -> str:
        """Where the answer of an operation is described."""
        wanted = "GET" if verb == "HEAD" else verb
        found = [
            operation.at
            for operation in self._operations
            if operation.verb == wanted and operation.pattern.fullmatch(path)
        ]
        assert found, f"{verb} {path[:100]} is not documented"
        at = f"{found[0]}/responses"
        responses = self._at(at)
        # What is not an error does not go as one.
        for key in (str(status), f"{status // 100}XX", *(["default"] if status >= 400 else ())):
            if key in responses:
                return self._target(responses[key], f"{at}/{key}")
        raise AssertionError(f"{verb} {path[:100]}: {status} is not documented")

    def _target(self, value: Mapping[str, Any], at: str) -> str:
        """Where a value really is: where it refers to, or `at`."""
        reference = value.get("$ref")
        return at if reference is None else reference.removeprefix("#")

    def _at(self, pointer: str) -> Any:
        return self._registry.resolver(_URI).lookup(f"#{pointer}").contents

    def _validate(self, at: str, value: Any) -> None:
        errors = [
            f"{error.json_path}: {error.message}"
            for error in self._validator(at).iter_errors(value)
        ]
        assert not errors, (at, errors, value)

    def _compile(self, at: str) -> Draft202012Validator:
        return Draft202012Validator(
            {"$ref": f"{_URI}#{at}"},
            registry=self._registry,
            format_checker=Draft202012Validator.FORMAT_CHECKER,
        )


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(_VARIABLE.sub("[^/]+", re.escape(path)))


def _escaped(name: str) -> str:
    """A name as a JSON pointer has it, in a URI fragment."""
    escaped = name.replace("~", "~0").replace("/", "~1")
    return escaped.replace("{", "%7B").replace("}", "%7D")
