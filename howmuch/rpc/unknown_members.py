"""Members that expenses name and their event lacks, as a part of the errors of other fields.

Otherwise members are checked with the event locked. A request that is wrong in another way never gets there.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from google.protobuf.message import Message

from howmuch.errors import InvalidArgument, Violations
from howmuch.ids import MEMBER, check_id
from howmuch.rpc.call import Call
from howmuch.usecases.member_states import member_unknown, read_member_states
from howmuch.v1 import expense_pb2

_MOST = 2_000
"""Ids that are looked up for one error."""


@contextmanager
def naming_unknown_members(
    call: Call, expenses: Mapping[str, expense_pb2.Expense]
) -> Iterator[None]:
    """Adds unknown members to an InvalidArgument of the block. expenses: by their paths in the request."""
    try:
        yield
    except InvalidArgument as error:
        wrong = Violations()
        wrong.add(error)
        named = dict(list(_well_formed(expenses))[:_MOST])
        known = read_member_states(
            call.connection, call.caller.in_event.event.id, set(named.values())
        )
        for path, member_id in named.items():
            if member_id not in known:
                wrong.add(member_unknown(path, member_id))
        wrong.raise_any()


def _well_formed(expenses: Mapping[str, expense_pb2.Expense]) -> Iterator[tuple[str, str]]:
    """Path and id of each member who pays or shares, if it is an id."""
    for field, expense in expenses.items():
        for index, payment in enumerate(expense.payments):
            yield from _valid(f"{field}.payments[{index}].member_id", payment.member_id)
        mode = expense.split.WhichOneof("mode")
        if mode is not None:
            yield from _in_split(getattr(expense.split, mode), f"{field}.split.{mode}")


def _in_split(message: Message, path: str) -> Iterator[tuple[str, str]]:
    for field, value in message.ListFields():
        if field.name == "member_id":
            yield from _valid(f"{path}.member_id", value)
        elif field.is_repeated:
            for index, each in enumerate(value):
                inner = f"{path}.{field.name}[{index}]"
                yield from (
                    _in_split(each, inner) if isinstance(each, Message) else _valid(inner, each)
                )


def _valid(path: str, member_id: str) -> Iterator[tuple[str, str]]:
    try:
        yield path, check_id(MEMBER, member_id, path)
    except InvalidArgument:
        return
