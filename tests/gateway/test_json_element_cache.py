"""Lists put together of elements that were printed before are what the codec prints of the whole."""

import importlib.resources
import random
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from howmuch.gateway.codec import Codec
from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.json_element_cache import JsonElementCache, list_field, list_printer
from howmuch.runtime.cache import SizedCache
from howmuch.v1.expense_pb2 import Expense
from howmuch.v1.expense_service_pb2 import ListExpensesResponse

DESCRIPTORS = Descriptors(
    (importlib.resources.files("howmuch.v1") / "descriptor_set.binpb").read_bytes()
)
CODEC = Codec(DESCRIPTORS.files)
LISTS = [
    method.output_type
    for service in DESCRIPTORS.services
    for method in service.methods
    if list_field(method.output_type)
]
PLENTY = 2**20
TWO = [Expense(id="a", reason="Dinner"), Expense(id="b", reason='Café "é" \n\u2028')]
TOKEN = ListExpensesResponse(next_page_token="next").SerializeToString()


def whole(name: str, wire: bytes) -> bytes:
    return CODEC.to_json(name)(wire).json.encode()


class Printer:
    """Of one type, with a cache of its own, which has room for all or for next to nothing."""

    def __init__(self, name: str, room: int = PLENTY) -> None:
        self.wholes = 0
        self._name = name
        elements: JsonElementCache = SizedCache(room)
        field = list_field(DESCRIPTORS.pool.FindMessageTypeByName(name))
        assert field is not None
        self._print = list_printer(CODEC, field, self._whole, elements)

    def __call__(self, wire: bytes) -> bytes:
        return self._print(wire)

    def _whole(self, wire: bytes) -> bytes:
        self.wholes += 1
        return whole(self._name, wire)


def fill(rng: random.Random, message: Message, depth: int = 0) -> None:
    """Sets some of the fields at random; each of a oneof in turn, so that the last one stays."""
    for field in message.DESCRIPTOR.fields:
        if rng.random() < 0.4:
            continue
        values: Any = [value_of(rng, field) for _ in range(rng.randrange(4))]
        if field.message_type is None:
            if field.is_repeated:
                getattr(message, field.name).extend(values)
            else:
                setattr(message, field.name, value_of(rng, field))
        elif depth < 4:
            inner = getattr(message, field.name)
            for part in [inner.add() for _ in values] if field.is_repeated else [inner]:
                fill(rng, part, depth + 1)


def value_of(rng: random.Random, field: Any) -> Any:
    kinds = FieldDescriptor
    if field.cpp_type == kinds.CPPTYPE_STRING:
        return rng.choice(["", "Dinner", 'Café "é" \n\u2028', "🎉" * 100])
    if field.cpp_type == kinds.CPPTYPE_BOOL:
        return rng.random() < 0.5
    # Small enough for an enum's numbers and for the nanoseconds of a timestamp.
    return rng.randrange(4)


def printed(print_: Callable[[bytes], bytes], wire: bytes) -> bytes | None:
    """None where it is refused."""
    try:
        return print_(wire)
    except ValueError:
        return None


def expenses() -> Printer:
    return Printer(ListExpensesResponse.DESCRIPTOR.full_name)


def wire_of(*made: Expense) -> bytes:
    return ListExpensesResponse(expenses=made).SerializeToString()


def test_every_list_method_is_known() -> None:
    names = {each.name for each in LISTS}
    assert {"ListExpensesResponse", "ListEventsResponse", "ListChangesResponse"} <= names


@pytest.mark.parametrize("room", [PLENTY, 2_000], ids=["room", "no room"])
@pytest.mark.parametrize("descriptor", LISTS, ids=lambda each: each.name)
def test_it_is_what_the_codec_prints(descriptor: Descriptor, room: int) -> None:
    """Of messages at random, whether the elements are new, were printed before, or had no room."""
    name = descriptor.full_name
    printer = Printer(name, room)
    rng = random.Random(name)
    for _ in range(50):
        message = GetMessageClass(descriptor)()
        fill(rng, message)
        wire = message.SerializeToString()
        expected = whole(name, wire)
        assert [printer(wire), printer(wire)] == [expected, expected]


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        TOKEN,
        wire_of(*TWO),
        wire_of(*TWO) + TOKEN,
        wire_of(Expense()),
        wire_of(Expense(notes="x" * 20_000)),
        TOKEN + wire_of(*TWO),
        wire_of(TWO[0]) + TOKEN + wire_of(TWO[1]),
        wire_of(*TWO) + b"\xfa\x3f\x03abc",
    ],
    ids=["empty", "token", "list", "both", "unset", "long", "token first", "apart", "unknown field"],
)  # fmt: skip
def test_shapes(wire: bytes) -> None:
    printer = expenses()
    expected = whole(ListExpensesResponse.DESCRIPTOR.full_name, wire)
    assert [printer(wire), printer(wire)] == [expected, expected]


@pytest.mark.parametrize("end", range(1, len(wire_of(*TWO))))
def test_a_cut_off_message(end: int) -> None:
    """It is printed as far as the codec does, and refused where that refuses it."""
    wire = wire_of(*TWO)[:end]
    name = ListExpensesResponse.DESCRIPTOR.full_name
    assert printed(expenses(), wire) == printed(lambda cut: whole(name, cut), wire)


def test_elements_are_not_printed_again() -> None:
    """Only what stands beside them is: the list as a whole is given to the codec no more."""
    printer = expenses()
    wire = wire_of(*TWO) + TOKEN
    assert printer(wire) == printer(wire)
    assert printer.wholes == 2
