"""Media types of JSON bodies."""

from google.rpc import code_pb2

from howmuch.gateway.replies import JSON_TYPE
from howmuch.gateway.status import refusal
from howmuch.gateway.streams import NDJSON

_JSON_TYPES = (JSON_TYPE.decode(), NDJSON.media_type.decode())


def check_media_type(content_type: str) -> str:
    """The media type of a JSON body, without parameters. Raises Refusal 415."""
    media_type, _, parameters = content_type.lower().partition(";")
    media_type = media_type.strip()
    charset = parameters.partition("charset=")[2].split(";")[0].strip(' "')
    known = not media_type or media_type in _JSON_TYPES or media_type.endswith("+json")
    if known and charset in ("", "utf-8", "utf8", "us-ascii"):
        return media_type
    raise refusal(
        code_pb2.INVALID_ARGUMENT,
        "CONTENT_TYPE_UNKNOWN",
        f"The Content-Type is {content_type[:60]!r}; only application/json in UTF-8 is accepted.",
        http_status=415,
        headers=[(b"accept", JSON_TYPE)],
    )
