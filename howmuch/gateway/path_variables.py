"""Variables of the URL path, encoded to the wire."""

from typing import NamedTuple

from howmuch.gateway import percent
from howmuch.gateway.json_text import shown
from howmuch.gateway.status import invalid
from howmuch.gateway.templates import FieldPath
from howmuch.gateway.wire import Encode


class PathVariable(NamedTuple):
    """A path variable. keep_slashes: keep %2F, since it spans several segments."""

    field_path: FieldPath
    keep_slashes: bool
    encode: Encode

    def to_wire(self, value: str) -> bytes:
        try:
            return self.encode(value)
        except ValueError as error:
            name = ".".join(self.field_path)
            said = f"{name}, in the path: expected {error}, not {shown(value)}."
            raise invalid(name, "PATH_VALUE_INVALID", said) from None

    def decoded(self, text: str) -> str:
        try:
            return percent.decode(text.encode(), keep_slashes=self.keep_slashes)
        except ValueError as error:
            name = ".".join(self.field_path)
            said = f"{name}, in the path: {error}."
            raise invalid(name, "PATH_ENCODING_INVALID", said) from None
