"""Security schemes, and the requirements of operations.

The gateway forwards `Authorization`, and the service decides. Requirements come from the first that applies:
openapiv2_operation; `public_when`, for methods without sign-in; google.api.oauth_scopes, of which one is
enough; openapiv2_swagger. Otherwise a token is required, or optional without `public_when`. If there is a
session cookie, it does as well as the token of the document itself.
"""

from typing import Any

from google.protobuf.descriptor import MethodDescriptor

from howmuch.gateway.openapi.annotations import extensions_of, without_empty
from howmuch.gateway.openapi.options import JsonObject
from howmuch.gateway.openapi.source import Source
from howmuch.gateway.options import SessionCookie

BEARER = "bearer"
COOKIE = "cookie"
Requirements = list[JsonObject]

_FLOWS = {1: "implicit", 2: "password", 3: "clientCredentials", 4: "authorizationCode"}
_BASIC, _API_KEY, _OAUTH2 = 1, 2, 3
_IN = {1: "query", 2: "header"}


class Security:
    """schemes: for the components. everywhere: the global requirement."""

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
        cookie = source.options.session_cookie
        if cookie is not None:
            self.schemes[COOKIE] = _cookie_scheme(cookie)
        each: Requirements = [{name: []} for name in self.schemes]
        if swagger is not None and swagger.security:
            self.everywhere = _requirements(swagger.security)
            if cookie is not None and self.everywhere:
                self.everywhere.append({COOKIE: []})
        elif source.options.public_when is not None:
            self.everywhere = each
        else:
            self.everywhere = [*each, {}]

    def of(self, method: MethodDescriptor) -> Requirements:
        """The requirements of an operation, its own or global. Empty means none."""
        annotation = self._source.annotations.openapi(method, "operation")
        if annotation is not None and annotation.security:
            return _requirements(annotation.security)
        option = self._source.options.public_when
        if option is not None:
            value = self._source.descriptors.method_option(method, option.name)
            if str(value) == option.value:
                return []
        scopes = self._source.annotations.get(method.containing_service, "google.api.oauth_scopes")
        names = [scope.strip() for scope in (scopes or "").split(",") if scope.strip()]
        if names:
            # Any one of them is enough.
            schemes = [name for name in self.schemes if name != COOKIE]
            oauth = [name for name, scheme in self.schemes.items() if scheme["type"] == "oauth2"]
            return [{scheme: [name]} for scheme in oauth or schemes for name in names]
        return self.everywhere


def needs_token(requirements: Requirements) -> bool:
    return bool(requirements) and {} not in requirements


def _cookie_scheme(cookie: SessionCookie) -> JsonObject:
    return {
        "type": "apiKey",
        "in": "cookie",
        "name": cookie.name,
        "description": f"A token in a cookie, for browsers; over HTTPS its name is `__Host-{cookie.name}`."
        " It counts only in requests of pages of the same origin, and in requests that write only with the"
        " content type `application/json`.",
    }


def _requirements(annotated: Any) -> Requirements:
    """Drops empty requirements: they mean that nothing is needed, as in grpc-gateway's generator."""
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
        # OpenAPI 2 has no other form for bearer tokens.
        scheme = {"type": "http", "scheme": "bearer"}
    elif given.type == _API_KEY:
        scheme = {"type": "apiKey", "name": given.name}
        scheme["in"] = _IN.get(getattr(given, "in"), "header")
    else:
        scheme = {"type": "http", "scheme": "basic"}
    return {**scheme, **said, **extensions_of(given)}
