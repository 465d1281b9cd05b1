"""Lists as JSON, joined from elements that were printed before.

Lists are read again and again, and little of one changes in between. The gateway has no database: the JSON of
an element depends on its serialized bytes alone, and these bytes are the key. So an entry is never stale, and
shows no client more than the service has just sent to it.
"""

from collections.abc import Callable
from typing import TypeAlias

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from howmuch.gateway.codec import Codec
from howmuch.gateway.descriptors import OPAQUE, is_map, message_of
from howmuch.runtime.cache import SizedCache

JsonElementCache: TypeAlias = SizedCache[tuple[str, bytes], bytes]
"""From full name and bytes of a message to its JSON."""

MOST_BYTES = 8 * 2**20
_LARGEST_SHORT_NUMBER = 15
"""Of a field whose tag is one byte."""

Print = Callable[[bytes], bytes]


def list_field(message: Descriptor) -> FieldDescriptor | None:
    """The list of messages that is the first field, as in list methods (AIP-132); None if it is not one."""
    first = min(message.fields, key=lambda field: field.number, default=None)
    if first is None or first is not message.fields[0] or first.number > _LARGEST_SHORT_NUMBER:
        return None
    kind = message_of(first)
    if kind is None or not first.is_repeated or is_map(first) or kind.full_name in OPAQUE:
        return None
    return first if first.type == FieldDescriptor.TYPE_MESSAGE else None


def list_printer(
    codec: Codec, field: FieldDescriptor, whole: Print, elements: JsonElementCache
) -> Print:
    """Prints the same bytes as `whole`. field: the `list_field` of the message."""
    kind = message_of(field)
    assert kind is not None
    name = kind.full_name
    to_json = codec.to_json(name)
    tag = field.number << 3 | 2
    start = b'{"%s":[' % field.json_name.encode()

    def element(wire: bytes) -> bytes:
        printed = elements.get((name, wire))
        if printed is None:
            printed = to_json(wire).json.encode()
            elements.keep((name, wire), printed, len(wire) + len(printed))
        return printed

    def print_(wire: bytes) -> bytes:
        parts, rest_at = split(wire, tag)
        if not parts:
            return whole(wire)
        rest = whole(wire[rest_at:])
        if rest.startswith(start):
            return whole(wire)  # More elements follow other fields, which is rare and allowed.
        end = b"]}" if rest == b"{}" else b"]," + rest[1:]
        return start + b",".join(map(element, parts)) + end

    return print_


def split(wire: bytes, tag: int) -> tuple[list[bytes], int]:
    """The length-delimited fields of this tag at the start of a message, and the position after them.

    No fields, and 0, if one of them is longer than the message.
    """
    parts = []
    position, end = 0, len(wire)
    while position < end and wire[position] == tag:
        length = shift = 0
        while True:
            position += 1
            if position == end:
                return [], 0
            byte = wire[position]
            length |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
        position += 1
        if position + length > end:
            return [], 0
        parts.append(wire[position : position + length])
        position += length
    return parts, position
