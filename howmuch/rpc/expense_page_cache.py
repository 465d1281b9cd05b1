"""Pages of expenses, put together of what was sent before.

Most of a page is what somebody has listed already, and to read an expense and make a message of it takes
far longer than to send it. A version of an expense never changes, so that what is kept cannot be stale: which
expenses there are, at which version, is asked of the database each time.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from howmuch.rpc.convert import expense_message
from howmuch.runtime.cache import SizedCache
from howmuch.usecases.expense_rows import read_expenses
from howmuch.usecases.expense_search import Found
from howmuch.v1.expense_service_pb2 import ListExpensesResponse

MOST_BYTES = 4 * 2**20
"""About 6,000 expenses among three."""


class ExpensePageCache:
    """The expenses that one process has listed, each as a page on the wire that has only this one."""

    def __init__(self) -> None:
        self._wires: SizedCache[tuple[str, str, int], bytes] = SizedCache(MOST_BYTES)

    def page(
        self, connection: Connection, event_id: str, found: Sequence[Found]
    ) -> ListExpensesResponse:
        """The expenses in their order; what has not been sent before is read by two statements."""
        wires = {
            each.id: wire
            for each in found
            if (wire := self._wires.get((event_id, each.id, each.version))) is not None
        }
        if missing := [each.id for each in found if each.id not in wires]:
            for expense in read_expenses(connection, event_id, missing):
                response = ListExpensesResponse(expenses=[expense_message(expense)])
                wire = wires[expense.id] = response.SerializeToString()
                self._wires.keep((event_id, expense.id, expense.version), wire, len(wire))
        # Parts of a message that stand one after the other on the wire are one message.
        return ListExpensesResponse.FromString(b"".join(wires[each.id] for each in found))
