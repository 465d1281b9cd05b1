"""Who may call what: security schemes, and the requirement of each operation.

The gateway passes `Authorization` on and the service behind it decides. So: an operation's annotation
(openapiv2_operation) says what it needs; else, where `public_when` is given, what it calls public needs
nothing; else methods of a service with google.api.oauth_scopes need a token with one of them; else it is as
openapiv2_swagger says; else, with `public_when`, everything else needs a token, and without it a token may
be sent or not.
"""

from typing import Any

from google.protobuf.descriptor import MethodDescriptor

from howmuch.gateway.openapi.annotations import extensions_of, without_empty
from howmuch.gateway.openapi.options import JsonObject
from howmuch.gateway.openapi.source import Source

BEARER = "bearer"
Requirements = list[JsonObject]

_FLOWS = {1: "implicit", 2: "password", 3: "clientCredentials", 4: "authorizationCode"}
_BASIC, _API_KEY, _OAUTH2 = 1, 2, 3
_PLACES = {1: "query", 2: "header"}


class Security:
    """The security of a document. schemes: for its components. everywhere: its global requirement."""

    def __init__(self, source: Source) -> None:
        self._source = source
        swagger = source.swagger
        self.schemes = _schemes(swagger) or {
            BEARER: {
                "type": "http",
                "scheme": "bearer",
                "description": "A token, sent as `Authorization: Bearer TOKEN`.",
            }
        }
        each: Requirements = [{name: []} for name in self.schemes]
        if swagger is not None and swagger.security:
            self.everywhere = _requirements(swagger.security)
        elif source.options.public_when is not None:
            self.everywhere = each
        else:
            self.everywhere = [*each, {}]

    def of(self, method: MethodDescriptor) -> Requirements:
        """What an operation needs, whether it is written at it or globally; empty: nothing."""
        annotation = self._source.annotations.openapi(method, "operation")
        if annotation is not None and annotation.security:
            return _requirements(annotation.security)
        if self.is_public(method):
            return []
        scopes = self._source.annotations.get(method.containing_service, "google.api.oauth_scopes")
        names = [scope.strip() for scope in (scopes or "").split(",") if scope.strip()]
        if names:
            # Any one of them is enough.
            return [{scheme: [name]} for scheme in self._scoped() for name in names]
        return self.everywhere

    def is_public(self, method: MethodDescriptor) -> bool:
        """Whether the option `public_when` says that nobody has to sign in."""
        public_when = self._source.options.public_when
        if public_when is None:
            return False
        option, value = public_when
        return str(self._source.descriptors.method_option(method, option)) == value

    def _scoped(self) -> list[str]:
        oauth = [name for name, scheme in self.schemes.items() if scheme["type"] == "oauth2"]
        return oauth or list(self.schemes)


def needs_token(requirements: Requirements) -> bool:
    """Whether nobody gets in without."""
    return bool(requirements) and {} not in requirements


def _requirements(annotated: Any) -> Requirements:
    """An empty requirement says that nothing is needed, as with grpc-gateway's generator."""
    found = [
        {
            name: list(each.security_requirement[name].scope)
            for name in sorted(each.security_requirement)
        }
        for each in annotated
    ]
    return [requirement for requirement in found if requirement]


def _schemes(swagger: Any) -> JsonObject:
    if swagger is None:
        return {}
    defined = swagger.security_definitions.security
    return {name: _scheme(defined[name]) for name in sorted(defined)}


def _scheme(given: Any) -> JsonObject:
    said = without_empty({"description": given.description})
    scheme: JsonObject
    if given.type == _OAUTH2:
        flow = without_empty(
            {"authorizationUrl": given.authorization_url, "tokenUrl": given.token_url}
        )
        flow["scopes"] = dict(sorted(given.scopes.scope.items()))
        scheme = {"type": "oauth2", "flows": {_FLOWS.get(given.flow, "implicit"): flow}}
    elif given.type == _API_KEY and given.name.lower() == "authorization":
        # OpenAPI 2 has no other way to say that the header holds a bearer token.
        scheme = {"type": "http", "scheme": "bearer"}
    elif given.type == _API_KEY:
        place = _PLACES.get(getattr(given, "in"), "header")
        scheme = {"type": "apiKey", "name": given.name, "in": place}
    else:
        scheme = {"type": "http", "scheme": "basic"}
    return {**scheme, **said, **extensions_of(given)}
