"""Large JSON values to the wire, piece by piece.

The codec holds Python's lock from the start of a conversion to its end. For tens of thousands of values that
takes tenths of a second, in which no other thread runs, the event loop included. On the wire, a message is
the concatenation of its parts, so the parts are converted one after the other.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor

from howmuch.gateway.bodies import Key, Shape, Shapes
from howmuch.gateway.codec import Codec, CodecError, TooDeepError
from howmuch.gateway.descriptors import message_of
from howmuch.gateway.explain import explain_elements_to, explain_to
from howmuch.gateway.status import Refusals
from howmuch.gateway.wire import delimited

T = TypeVar("T")

PIECE_VALUES = 1000
"""Values that are converted together, in about 5 ms."""


class LargeBodies:
    """Converts values that have passed `check_body`. Any thread may use it."""

    def __init__(self, codec: Codec, shapes: Shapes, *, ignore_unknown: bool) -> None:
        self._codec = codec
        self._shapes = shapes
        self._ignore_unknown = ignore_unknown

    def to_wire(self, value: Any, message: Descriptor, wrong: Refusals, path: str = "") -> bytes:
        """The message. path: of the value. Adds the fields that the codec rejects to `wrong`."""
        if type(value) is not dict or not _is_large(value):
            return self._piece(value, message, wrong, path)
        return b"".join(self._parts(value, message, self._shapes.of(message), wrong, path))

    def _parts(
        self,
        value: dict[str, Any],
        message: Descriptor,
        shape: Shape,
        wrong: Refusals,
        path: str,
    ) -> Iterator[bytes]:
        small = {}
        for name, inner in value.items():
            key = shape.keys.get(name)
            if key is None or not _is_large(inner):
                small[name] = inner
            elif key.many and type(inner) is list:
                yield from self._elements(inner, key, wrong, _join(path, name))
            elif key.mapped and type(inner) is dict:
                for entries in _chunks(inner.items(), lambda entry: _weight(entry[1])):
                    yield self._piece({name: dict(entries)}, message, wrong, path)
            else:
                kind = message_of(key.field) if key.shape is not None else None
                if kind is None or type(inner) is not dict:
                    yield self._piece({name: inner}, message, wrong, path)
                else:
                    wire = self.to_wire(inner, kind, wrong, _join(path, name))
                    yield delimited(key.field.number, wire)
        yield self._piece(small, message, wrong, path)

    def _elements(self, value: list[Any], key: Key, wrong: Refusals, path: str) -> Iterator[bytes]:
        """A list field. path: of the list."""
        container = key.field.containing_type
        kind = message_of(key.field) if key.shape is not None else None
        assert container is not None
        start = 0
        for chunk in _chunks(value, _weight):
            if wrong.is_full:
                return
            if kind is not None and type(chunk[0]) is dict and _is_large(chunk[0]):
                wire = self.to_wire(chunk[0], kind, wrong, f"{path}[{start}]")
                yield delimited(key.field.number, wire)
            else:
                try:
                    yield self._convert({key.name: chunk}, container)
                except TooDeepError:
                    raise
                except CodecError:
                    explain_elements_to(wrong, self._codec, chunk, key.field, path, start)
            start += len(chunk)

    def _piece(self, value: Any, message: Descriptor, wrong: Refusals, path: str) -> bytes:
        if wrong.is_full:
            return b""
        try:
            return self._convert(value, message)
        except TooDeepError:
            raise
        except CodecError:
            explain_to(wrong, self._codec, value, message, path)
            return b""

    def _convert(self, value: Any, message: Descriptor) -> bytes:
        return self._codec.from_value(message.full_name, value, ignore_unknown=self._ignore_unknown)


def _is_large(value: Any) -> bool:
    """Whether a value has more values in it than a piece. Stops counting there."""
    return _weight(value) > PIECE_VALUES


def _weight(value: Any) -> int:
    """The number of values in a value, itself included; one above PIECE_VALUES may be too low."""
    weight = 0
    waiting = [value]
    while waiting and weight <= PIECE_VALUES:
        inner = waiting.pop()
        weight += 1
        if type(inner) is dict:
            waiting += inner.values()
        elif type(inner) is list:
            if len(inner) > PIECE_VALUES:
                return weight + len(inner)
            waiting += inner
    return weight


def _chunks(values: Iterable[T], weigh: Callable[[T], int]) -> Iterator[list[T]]:
    """Runs of values that are not large together; a large value is alone."""
    chunk: list[T] = []
    weight = 0
    for value in values:
        added = weigh(value)
        if chunk and weight + added > PIECE_VALUES:
            yield chunk
            chunk, weight = [], 0
        chunk.append(value)
        weight += added
    if chunk:
        yield chunk


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
