"""Pages of expenses, joined from expenses that were sent before.

To read an expense and build its message takes far longer than to send it, and most of a page has been listed
before. The database says each time which expenses are on the page, and at which version; the day says which
are dated ahead.
"""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import Connection

from howmuch.rpc.convert import expense_message
from howmuch.rpc.pages import MOST_PAGE_BYTES, tokens_of
from howmuch.runtime.cache import SizedCache
from howmuch.usecases.expense_rows import read_expenses
from howmuch.usecases.expense_search import Found
from howmuch.usecases.paging import Listing
from howmuch.v1.expense_service_pb2 import ListExpensesResponse

MOST_BYTES = 4 * 2**20
"""About 6,000 expenses among three."""


class _Key(NamedTuple):
    generation: int
    event_id: str
    expense_id: str
    version: int
    dated_ahead: bool


class ExpensePageCache:
    """The expenses that this process has listed, each as a serialized page of its own.

    most_bytes: 0 means that each page is read whole.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._wires: SizedCache[_Key, bytes] = SizedCache(most_bytes)

    def page(
        self,
        connection: Connection,
        generation: int,
        event_id: str,
        listing: Listing[Found],
        today: dt.date,
    ) -> ListExpensesResponse:
        """The expenses in their order, up to MOST_PAGE_BYTES, at least one, and the token of the next page.

        Two statements read those that are not in the cache. today: of the event.
        """
        found = listing.rows
        keys = [_Key(generation, event_id, e.id, e.version, e.date > today) for e in found]
        wires = {key.expense_id: wire for key in keys if (wire := self._wires.get(key)) is not None}
        if missing := [each.id for each in found if each.id not in wires]:
            for expense in read_expenses(connection, event_id, missing):
                response = ListExpensesResponse(expenses=[expense_message(expense, today)])
                wire = wires[expense.id] = response.SerializeToString()
                ahead = expense.draft.date > today
                key = _Key(generation, event_id, expense.id, expense.version, ahead)
                self._wires.keep(key, wire, len(wire))
        page: list[bytes] = []
        size = 0
        for each in found:
            wire = wires[each.id]
            size += len(wire)
            if page and size > MOST_PAGE_BYTES:
                break
            page.append(wire)
        # Serialized messages in a row are one message, with the elements of all in order.
        response = ListExpensesResponse.FromString(b"".join(page))
        response.MergeFrom(ListExpensesResponse(**tokens_of(listing, len(page))))
        return response
