"""Which scheme a document has, and which operations need it."""

import pytest

from howmuch.gateway.options import MethodOption
from tests.gateway.openapi.documents import document, howmuch, operation, parameters

PUBLIC = MethodOption("a.v1.access", "PUBLIC")
OPTIONS = "grpc.gateway.protoc_gen_openapiv2.options"

SERVICE = """
    enum Access { ACCESS_UNSPECIFIED = 0; PUBLIC = 1; MEMBERS = 2; }
    extend google.protobuf.MethodOptions { Access access = 50001; }
    message M {}
    service S {
      rpc Open(M) returns (M) {
        option (access) = PUBLIC;
        option (google.api.http) = { post: "/v1/open" };
      }
      rpc Closed(M) returns (M) {
        option (access) = MEMBERS;
        option (google.api.http) = { post: "/v1/closed" };
      }
      rpc Unsaid(M) returns (M) { option (google.api.http) = { post: "/v1/unsaid" }; }
    }
"""


def _swagger(content: str) -> str:
    return f"package a.v1; option ({OPTIONS}.openapiv2_swagger) = {{ {content} }};" + SERVICE


def test_token_is_optional_where_nothing_is_known() -> None:
    """Without any word on access a token may be sent or not."""
    found = document("package a.v1;" + SERVICE)
    assert found["security"] == [{"bearer": []}, {}]
    assert "security" not in operation(found, "S_Open")
    assert "401" not in operation(found, "S_Open")["responses"]


def test_public_when_opens_what_the_option_says() -> None:
    """With it everything needs a token but the methods of that value, whose keys would belong to nobody."""
    found = document("package a.v1;" + SERVICE, public_when=PUBLIC, idempotency_keys=("a.v1",))
    assert found["security"] == [{"bearer": []}]
    assert operation(found, "S_Open")["security"] == []
    assert "security" not in operation(found, "S_Closed")
    assert "security" not in operation(found, "S_Unsaid")
    assert "401" in operation(found, "S_Unsaid")["responses"]
    assert not parameters(found, "S_Open", "header")
    assert "Idempotency-Key" in parameters(found, "S_Closed", "header")


def test_public_when_of_an_unknown_option_opens_nothing() -> None:
    """A name that the descriptors do not have makes no method public."""
    found = document("package a.v1;" + SERVICE, public_when=MethodOption("a.v1.nope", "PUBLIC"))
    assert "security" not in operation(found, "S_Open")


def test_swagger_defines_schemes() -> None:
    """OpenAPI 2 schemes in the words of OpenAPI 3.1."""
    found = document(
        _swagger("""
            security_definitions: {
              security: { key: "basic" value: { type: TYPE_BASIC description: "Name and password." } }
              security: { key: "key" value: { type: TYPE_API_KEY in: IN_HEADER name: "X-Key" } }
              security: { key: "oauth" value: {
                type: TYPE_OAUTH2
                flow: FLOW_ACCESS_CODE
                authorization_url: "https://a.test/auth"
                token_url: "https://a.test/token"
                scopes: { scope: { key: "read" value: "To read." } }
              } }
            }
            security: { security_requirement: { key: "oauth" value: { scope: "read" } } }
            security: { security_requirement: { key: "key" value: {} } }
        """)
    )
    assert found["components"]["securitySchemes"] == {
        "basic": {"type": "http", "scheme": "basic", "description": "Name and password."},
        "key": {"type": "apiKey", "name": "X-Key", "in": "header"},
        "oauth": {
            "type": "oauth2",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": "https://a.test/auth",
                    "tokenUrl": "https://a.test/token",
                    "scopes": {"read": "To read."},
                }
            },
        },
    }
    assert found["security"] == [{"oauth": ["read"]}, {"key": []}]


@pytest.mark.parametrize("name", ["Authorization", "authorization"])
def test_key_in_authorization_is_a_bearer_token(name: str) -> None:
    """OpenAPI 2 has no bearer scheme, so this is how annotations say it."""
    key = f'{{ key: "token" value: {{ type: TYPE_API_KEY in: IN_HEADER name: "{name}" }} }}'
    found = document(_swagger(f"security_definitions: {{ security: {key} }}"))
    assert found["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}


def test_scopes_of_a_service_go_to_its_oauth_scheme() -> None:
    """google.api.oauth_scopes: any one of them is enough, and public methods need none."""
    text = _swagger("""
        security_definitions: {
          security: { key: "oauth" value: {
            type: TYPE_OAUTH2 flow: FLOW_IMPLICIT authorization_url: "https://a.test"
          } }
          security: { key: "other" value: { type: TYPE_BASIC } }
        }
    """).replace("service S {", 'service S { option (google.api.oauth_scopes) = "a, b";')
    found = document(text, public_when=PUBLIC)
    assert operation(found, "S_Closed")["security"] == [{"oauth": ["a"]}, {"oauth": ["b"]}]
    assert operation(found, "S_Open")["security"] == []


def test_operation_annotation_goes_before_everything() -> None:
    """What an operation says itself is what it needs."""
    said = f"""
      rpc Own(M) returns (M) {{
        option (access) = PUBLIC;
        option (google.api.http) = {{ get: "/v1/own" }};
        option ({OPTIONS}.openapiv2_operation) = {{
          security: {{ security_requirement: {{ key: "bearer" value: {{}} }} }}
        }};
      }}
      rpc Unsaid"""
    found = document(
        ("package a.v1;" + SERVICE).replace("rpc Unsaid", said),
        public_when=PUBLIC,
    )
    # The same as everywhere, so it is not written once more; but not open as the option would have it.
    assert "security" not in operation(found, "S_Own")
    assert "401" in operation(found, "S_Own")["responses"]


def test_howmuch_cookie_and_header_of_streams_are_described() -> None:
    """What the gateway does besides the methods: it sets and removes a cookie, and resumes a stream."""
    found = howmuch()
    schemes = found["components"]["securitySchemes"]
    assert schemes["cookie"]["name"] == "howmuch_session"
    assert found["security"] == [{"bearer": []}, {"cookie": []}]
    responses = {
        name: operation(found, f"UserService_{name}")["responses"]
        for name in ("LogIn", "LogOut", "GetMe")
    }
    assert {name for name, each in responses.items() if "Set-Cookie" in each["200"]["headers"]} == {
        "LogIn",
        "LogOut",
    }
    assert all("403" in each for each in responses.values())
    refused = operation(found, "EventService_UpdateMember")["responses"]["403"]["description"]
    assert refused.startswith("COOKIE_NOT_ACCEPTED: ")
    assert "PERMISSION_DENIED" in refused
    assert "Last-Event-ID" in parameters(found, "EventService_WatchEvent", "header")
    page = operation(found, "EventService_ShowInvitation")["responses"]["200"]
    assert page["content"].keys() == {"text/html"}
    assert "cookie" in operation(found, "UserService_LogIn")["summary"]
