"""grpc-gateway's annotations and rules of buf.validate: honoured, where the gateway does as they say."""

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.gateway.openapi.documents import (
    Document,
    component,
    document,
    operation,
    parameters,
    reference,
)

OPTIONS = "grpc.gateway.protoc_gen_openapiv2.options"

ANNOTATED = f"""
    package shop.v1;

    option ({OPTIONS}.openapiv2_swagger) = {{
      info: {{
        title: "Shop"
        version: "2.0"
        description: "Sells things."
        terms_of_service: "https://shop.test/terms"
        contact: {{ name: "Us" url: "https://shop.test" email: "us@shop.test" }}
        license: {{ name: "MIT" url: "https://opensource.org/license/mit" }}
        extensions: {{ key: "x-audience" value: {{ string_value: "everybody" }} }}
      }}
      host: "shop.test"
      base_path: "/api"
      schemes: HTTPS
      schemes: HTTP
      tags: {{ name: "Extra" description: "Of its own." }}
      external_docs: {{ description: "More" url: "https://shop.test/docs" }}
      responses: {{ key: "403" value: {{ description: "Not yours." }} }}
      extensions: {{ key: "x-plan" value: {{ number_value: 3 }} }}
      extensions: {{ key: "private" value: {{ bool_value: true }} }}
    }};

    // A thing.
    message Thing {{
      option ({OPTIONS}.openapiv2_schema) = {{
        json_schema: {{ title: "A thing to buy" required: "price" }}
        external_docs: {{ url: "https://shop.test/things" }}
      }};
      // Comment of the name.
      string name = 1 [({OPTIONS}.openapiv2_field) = {{
        title: "Name"
        description: "What it is called."
        example: "\\"Kettle\\""
        max_length: 40
        pattern: "^[A-Z]"
      }}];
      double price = 2 [({OPTIONS}.openapiv2_field) = {{
        minimum: 0.5 maximum: 100 exclusive_maximum: true
      }}];
      repeated string tags = 3 [({OPTIONS}.openapiv2_field) = {{
        max_items: 3 unique_items: true min_length: 2 example: "[\\"hot\\", \\"cold\\"]"
      }}];
      string seen = 4 [({OPTIONS}.openapiv2_field) = {{
        read_only: true format: "date" default: "\\"2026-01-01\\""
      }}];
      int64 count = 5 [({OPTIONS}.openapiv2_field) = {{ minimum: 1 type: INTEGER }}];
      string site = 6 [({OPTIONS}.openapiv2_field) = {{
        extensions: {{ key: "x-order" value: {{ number_value: 6 }} }}
      }}];
    }}

    // The shop.
    service Shop {{
      option ({OPTIONS}.openapiv2_tag) = {{
        name: "The shop"
        description: "Everything for sale."
        external_docs: {{ url: "https://shop.test/shop" }}
      }};
      // Comment of the method.
      rpc Buy(Thing) returns (Thing) {{
        option (google.api.http) = {{
          post: "/v1/buy" body: "*"
          additional_bindings {{ post: "/v1/order" body: "*" }}
        }};
        option ({OPTIONS}.openapiv2_operation) = {{
          summary: "Buy it"
          description: "Takes the money first."
          operation_id: "buy"
          tags: "Money"
          deprecated: true
          external_docs: {{ url: "https://shop.test/buy" }}
          parameters: {{ headers: {{
            name: "X-Till" type: INTEGER required: true description: "Which till."
          }} }}
          responses: {{ key: "200" value: {{
            description: "Yours."
            headers: {{ key: "X-Left" value: {{ type: "integer" description: "How many are left." }} }}
            examples: {{ key: "application/json" value: "{{\\"name\\": \\"Kettle\\", \\"price\\": 3}}" }}
          }} }}
          responses: {{ key: "402" value: {{ description: "No money." }} }}
          responses: {{ key: "204" value: {{ description: "Never sent." }} }}
          extensions: {{ key: "x-cost" value: {{ number_value: 2 }} }}
        }};
      }}
    }}
"""


@pytest.fixture(scope="module")
def shop() -> Document:
    """The document of a file that is annotated all over."""
    return document(ANNOTATED)


def test_annotated_document_is_valid(shop: Document) -> None:
    """What annotations add is in its place."""
    OpenAPIV31SpecValidator(shop).validate()


def test_swagger_sets_info_and_servers(shop: Document) -> None:
    """Title, version, contact, licence, terms, host and tags are those of the annotation."""
    assert shop["info"] == {
        "title": "Shop",
        "version": "2.0",
        "description": "Sells things.",
        "termsOfService": "https://shop.test/terms",
        "contact": {"name": "Us", "url": "https://shop.test", "email": "us@shop.test"},
        "license": {"name": "MIT", "url": "https://opensource.org/license/mit"},
        "x-audience": "everybody",
    }
    assert [server["url"] for server in shop["servers"]] == [
        "https://shop.test/api",
        "http://shop.test/api",
    ]
    assert shop["externalDocs"] == {"description": "More", "url": "https://shop.test/docs"}
    assert shop["x-plan"] == 3
    assert "private" not in shop


def test_options_go_before_annotations() -> None:
    """What whoever makes the document says is final."""
    found = document(ANNOTATED, title="Mine", version="9", servers=("/",), description="So.")
    assert (found["info"]["title"], found["info"]["version"]) == ("Mine", "9")
    assert found["info"]["description"] == "So."
    assert found["servers"] == [{"url": "/"}]


def test_tags_come_from_services_and_swagger(shop: Document) -> None:
    """A tag that no operation has is shown as well where the annotation lists it."""
    assert shop["tags"] == [{"name": "Extra", "description": "Of its own."}]
    plain = document(ANNOTATED.replace('tags: "Money"', ""))
    assert plain["tags"][0] == {
        "name": "The shop",
        "description": "Everything for sale.",
        "externalDocs": {"url": "https://shop.test/shop"},
    }


def test_operation_annotation_goes_before_comments(shop: Document) -> None:
    """Summary, description, id, tags, deprecation, links and headers are those of the annotation."""
    made = operation(shop, "buy")
    assert (made["summary"], made["description"]) == ("Buy it", "Takes the money first.")
    assert made["tags"] == ["Money"]
    assert made["deprecated"] is True
    assert made["externalDocs"] == {"url": "https://shop.test/buy"}
    assert made["x-cost"] == 2
    till = parameters(shop, "buy", "header")["X-Till"]
    assert till["required"] is True
    assert till["schema"] == {"type": "integer"}
    assert operation(shop, "buy_1")["summary"] == "Buy it"


def test_answers_are_annotated_but_keep_their_shape(shop: Document) -> None:
    """Descriptions, headers and examples are added; a status that is never sent is not."""
    answers = operation(shop, "buy")["responses"]
    assert answers["200"]["description"] == "Yours."
    assert answers["200"]["headers"]["X-Left"]["schema"] == {"type": "integer"}
    content = answers["200"]["content"]["application/json"]
    assert content == {"schema": reference("Thing"), "example": {"name": "Kettle", "price": 3}}
    assert answers["402"]["description"] == "No money."
    assert answers["402"]["content"]["application/json"]["schema"] == reference("Status")
    assert answers["403"]["description"] == "Not yours."
    assert "204" not in answers


def test_message_annotation_describes_the_component(shop: Document) -> None:
    """Title, links and required fields of the message are those of the annotation as well."""
    thing = component(shop, "Thing")
    assert thing["title"] == "A thing to buy"
    assert thing["required"] == ["price"]
    assert thing["externalDocs"] == {"url": "https://shop.test/things"}


def test_field_annotation_narrows_the_schema(shop: Document) -> None:
    """Texts, examples, bounds and formats are added; the type stays what the gateway sends."""
    properties = component(shop, "Thing")["properties"]
    assert properties["name"] == {
        "type": "string",
        "maxLength": 40,
        "pattern": "^[A-Z]",
        "title": "Name",
        "description": "What it is called.",
        "examples": ["Kettle"],
    }
    number = properties["price"]["anyOf"][0]
    assert (number["minimum"], number["exclusiveMaximum"]) == (0.5, 100)
    assert properties["tags"] == {
        "type": "array",
        "items": {"type": "string", "minLength": 2},
        "maxItems": 3,
        "uniqueItems": True,
        "examples": [["hot", "cold"]],
    }
    assert properties["seen"]["readOnly"] is True
    assert properties["seen"]["format"] == "date"
    assert properties["seen"]["default"] == "2026-01-01"
    assert properties["count"]["type"] == "string"
    assert "minimum" not in properties["count"]
    assert properties["site"]["x-order"] == 6


def test_examples_of_annotations_are_used(shop: Document) -> None:
    """A generated example takes over the examples of fields, and leaves out what is read only."""
    content = operation(shop, "buy")["requestBody"]["content"]["application/json"]
    assert content["example"]["name"] == "Kettle"
    assert content["example"]["tags"] == ["hot", "cold"]
    assert "seen" not in content["example"]


def test_message_example_is_used_whole() -> None:
    """The example of a message annotation is the example."""
    found = document(f"""
        package a.v1;
        message M {{
          option ({OPTIONS}.openapiv2_schema) = {{ example: "{{\\"x\\": \\"y\\"}}" }};
          string x = 1;
        }}
        service S {{
          rpc Do(M) returns (M) {{ option (google.api.http) = {{ post: "/v1/do" body: "*" }}; }}
        }}
    """)
    content = operation(found, "S_Do")["requestBody"]["content"]["application/json"]
    assert content["example"] == {"x": "y"}
    assert found["components"]["examples"]["M"]["value"] == {"x": "y"}


def test_rules_of_buf_validate() -> None:
    """Rules become keywords of the type that they are for."""
    found = document("""
        package a.v1;
        enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; KIND_B = 2; }
        message M {
          string code = 1 [(buf.validate.field) = { required: true, string: { len: 3 } }];
          string mail = 2 [(buf.validate.field).string.email = true];
          string path = 3 [(buf.validate.field).string.prefix = "a/"];
          string file = 13 [(buf.validate.field).string = { prefix: "a", suffix: ".txt" }];
          int32 one_of = 4 [(buf.validate.field).int32 = { in: [1, 2] }];
          int64 long = 5 [(buf.validate.field).int64 = { in: [7] }];
          double part = 6 [(buf.validate.field).double = { gte: 0, lt: 1 }];
          bool yes = 7 [(buf.validate.field).bool.const = true];
          Kind kind = 8 [(buf.validate.field).enum = { not_in: [0] }];
          Kind only = 9 [(buf.validate.field).enum.const = 1];
          repeated string ids = 10 [(buf.validate.field).repeated = {
            max_items: 5, items: { string: { uuid: true } }
          }];
          map<string, string> labels = 11 [(buf.validate.field).map = { min_pairs: 1, max_pairs: 4 }];
          repeated Kind kinds = 12 [(buf.validate.field).repeated.items.enum = { in: [1, 2] }];
        }
        service S {
          rpc Do(M) returns (M) { option (google.api.http) = { post: "/v1/do" body: "*" }; }
        }
    """)
    made = component(found, "M")
    properties = made["properties"]
    assert made["required"] == ["code"]
    assert properties["code"] == {"type": "string", "minLength": 3, "maxLength": 3}
    assert properties["mail"]["format"] == "email"
    assert properties["path"]["pattern"] == "^a\\/"
    assert properties["file"]["pattern"] == r"^a[\s\S]*\.txt$"
    assert properties["oneOf"]["enum"] == [1, 2]
    assert properties["long"]["enum"] == ["7"]
    number = properties["part"]["anyOf"][0]
    assert (number["minimum"], number["exclusiveMaximum"]) == (0, 1)
    assert properties["yes"]["const"] is True
    assert properties["kind"] == {**reference("Kind"), "enum": ["KIND_A", "KIND_B"]}
    assert properties["only"]["const"] == "KIND_A"
    assert properties["ids"]["items"] == {"type": "string", "format": "uuid"}
    assert properties["ids"]["maxItems"] == 5
    assert (properties["labels"]["minProperties"], properties["labels"]["maxProperties"]) == (1, 4)
    assert properties["kinds"]["items"]["enum"] == ["KIND_A", "KIND_B"]
