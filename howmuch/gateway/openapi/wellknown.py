"""JSON schemas of scalars and well-known types.

They describe what the gateway writes. It reads more, as ProtoJSON requires: null for unset fields, 64-bit
integers as numbers, numbers as strings, enums by number, proto names. The document does not promise that, so
that clients have one form for each value.
"""

from google.protobuf.descriptor import FieldDescriptor

from howmuch.gateway.openapi.options import JsonObject

F = FieldDescriptor

_INT32: JsonObject = {
    "type": "integer",
    "format": "int32",
    "minimum": -(2**31),
    "maximum": 2**31 - 1,
}
_UINT32: JsonObject = {"type": "integer", "format": "uint32", "minimum": 0, "maximum": 2**32 - 1}
# ProtoJSON writes 64-bit integers as strings: JavaScript's are exact only up to 2**53.
_INT64: JsonObject = {"type": "string", "format": "int64", "pattern": "^-?(0|[1-9][0-9]{0,18})$"}
_UINT64: JsonObject = {"type": "string", "format": "uint64", "pattern": "^(0|[1-9][0-9]{0,19})$"}
_SPECIAL: JsonObject = {"type": "string", "enum": ["NaN", "Infinity", "-Infinity"]}
_FLOAT_MAX = 3.4028234663852886e38
_FLOAT: JsonObject = {
    "anyOf": [
        {"type": "number", "format": "float", "minimum": -_FLOAT_MAX, "maximum": _FLOAT_MAX},
        _SPECIAL,
    ]
}
_DOUBLE: JsonObject = {"anyOf": [{"type": "number", "format": "double"}, _SPECIAL]}
_BOOL: JsonObject = {"type": "boolean"}
_STRING: JsonObject = {"type": "string"}
# `format` is for tools that only know OpenAPI 3.0.
_BYTES: JsonObject = {
    "type": "string",
    "format": "byte",
    "contentEncoding": "base64",
    "pattern": "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
}

BINARY: JsonObject = {"type": "string", "format": "binary"}
"""A body of any media type."""

ENTRY: JsonObject = {
    "type": "object",
    "properties": {
        "@type": {"type": "string", "description": "Names the type of the message.", "minLength": 1}
    },
    "additionalProperties": True,
}
"""A google.protobuf.Any: the type, and the fields of the message."""

SCALARS: dict[int, JsonObject] = {
    F.TYPE_DOUBLE: _DOUBLE,
    F.TYPE_FLOAT: _FLOAT,
    **dict.fromkeys((F.TYPE_INT64, F.TYPE_SINT64, F.TYPE_SFIXED64), _INT64),
    **dict.fromkeys((F.TYPE_UINT64, F.TYPE_FIXED64), _UINT64),
    **dict.fromkeys((F.TYPE_INT32, F.TYPE_SINT32, F.TYPE_SFIXED32), _INT32),
    **dict.fromkeys((F.TYPE_UINT32, F.TYPE_FIXED32), _UINT32),
    F.TYPE_BOOL: _BOOL,
    F.TYPE_STRING: _STRING,
    F.TYPE_BYTES: _BYTES,
}

_MASK_PATH = r"(\*|[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*)"

WELL_KNOWN: dict[str, JsonObject] = {
    "google.protobuf.DoubleValue": _DOUBLE,
    "google.protobuf.FloatValue": _FLOAT,
    "google.protobuf.Int64Value": _INT64,
    "google.protobuf.UInt64Value": _UINT64,
    "google.protobuf.Int32Value": _INT32,
    "google.protobuf.UInt32Value": _UINT32,
    "google.protobuf.BoolValue": _BOOL,
    "google.protobuf.StringValue": _STRING,
    "google.protobuf.BytesValue": _BYTES,
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {
        "type": "string",
        "format": "google-duration",
        # Up to 3,168 years, or 315576000000 s, the maximum.
        "pattern": r"^-?([0-9]{1,11}|315576000000)(\.[0-9]{1,9})?s$",
    },
    "google.protobuf.FieldMask": {
        "type": "string",
        "format": "google-fieldmask",
        "pattern": rf"^({_MASK_PATH}(,{_MASK_PATH})*)?$",
        "examples": ["displayName,sub.name"],
    },
    "google.protobuf.Struct": {"type": "object", "additionalProperties": True},
    "google.protobuf.Value": {},
    "google.protobuf.ListValue": {"type": "array", "items": {}},
    "google.protobuf.Any": ENTRY,
    "google.protobuf.Empty": {"type": "object", "additionalProperties": False},
}

MASK_IN_QUERY = r"^([A-Za-z_][A-Za-z0-9_]*([.,][A-Za-z_][A-Za-z0-9_]*)*)?$"
"""A field mask in a query, which may also have proto names."""

_INT32_KEY: JsonObject = {"pattern": "^-?(0|[1-9][0-9]{0,9})$"}
_UINT32_KEY: JsonObject = {"pattern": "^(0|[1-9][0-9]{0,9})$"}
MAP_KEYS: dict[int, JsonObject] = {
    **{key: {"pattern": each["pattern"]} for key, each in SCALARS.items() if "pattern" in each},
    **dict.fromkeys((F.TYPE_INT32, F.TYPE_SINT32, F.TYPE_SFIXED32), _INT32_KEY),
    **dict.fromkeys((F.TYPE_UINT32, F.TYPE_FIXED32), _UINT32_KEY),
    F.TYPE_BOOL: {"enum": ["true", "false"]},
}
"""Schemas of map keys, which are strings in JSON."""
