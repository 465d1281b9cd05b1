"""EventService: events, balances and history. Members and invitations are in member_methods."""

from collections.abc import Callable
from typing import Any

import grpc

from howmuch.errors import Violations
from howmuch.ids import EVENT, MEMBER, check_id, optional_id
from howmuch.ledger.currencies import minor_digits
from howmuch.ledger.split import Split
from howmuch.rpc.activity import reader_of, told_message
from howmuch.rpc.call import current_call
from howmuch.rpc.convert import my_event_message
from howmuch.rpc.convert_ledger import (
    balances_message,
    entry_message,
    explained_message,
    settlement_message,
    totals_message,
)
from howmuch.rpc.mapping import settable_fields
from howmuch.rpc.member_methods import MemberMethods
from howmuch.rpc.pages import page_of
from howmuch.rpc.parse import fields_to_change, set_fields
from howmuch.rpc.parse_queries import CHANGE_ORDERS, parse_order, parse_wanted
from howmuch.rpc.parse_split import parse_split
from howmuch.rpc.quotas import QuotaKeeper
from howmuch.rpc.read_only import check_read_only
from howmuch.rpc.server_options import PageLinks
from howmuch.rpc.watch import WatchHub
from howmuch.usecases import balances, debt_explanation, events, history, overview
from howmuch.usecases.expense_search import check_searched
from howmuch.usecases.paging import check_page, parse_page
from howmuch.usecases.totals import get_totals
from howmuch.usecases.validation import check_revision
from howmuch.v1 import change_pb2, event_pb2, event_service_pb2, event_service_pb2_grpc

_EVENT_FIELDS = settable_fields(event_pb2.Event)
_ANY_CURRENCY = "EUR"


class EventServicer(MemberMethods, event_service_pb2_grpc.EventServiceServicer):
    """One method per RPC."""

    def __init__(
        self, watchers: WatchHub, keeper: QuotaKeeper, page_links: Callable[[], PageLinks]
    ) -> None:
        super().__init__(page_links)
        self._watchers = watchers
        self._keeper = keeper

    def CreateEvent(
        self, request: event_service_pb2.CreateEventRequest, context: grpc.ServicerContext
    ) -> event_pb2.Event:
        """Makes an event."""
        call = current_call()
        wrong = Violations()
        with wrong:
            optional_id(EVENT, request.event_id, "event_id")
        with wrong:
            check_read_only(request.event, "event", lambda: event_pb2.Event(id=request.event_id))
        with wrong:
            given = {name: getattr(request.event, name) for name in _EVENT_FIELDS}
            if not request.event.currency_code:
                del given["currency_code"]
            events.check_content(given)
        with wrong:
            default_split = _default_split(request.event)
        wrong.raise_any()
        mine = events.create_event(
            call.connection,
            call.caller,
            call.now,
            most_events=self._keeper.quotas.events,
            name=request.event.name,
            description=request.event.description,
            currency_code=request.event.currency_code,
            time_zone=request.event.time_zone,
            event_id=request.event_id,
            default_split=default_split,
        )
        return my_event_message(mine)

    def GetEvent(
        self, request: event_service_pb2.GetEventRequest, context: grpc.ServicerContext
    ) -> event_pb2.Event:
        """Returns one event."""
        return my_event_message(events.get_event(current_call().caller))

    def ListEvents(
        self, request: event_service_pb2.ListEventsRequest, context: grpc.ServicerContext
    ) -> event_service_pb2.ListEventsResponse:
        """Lists the caller's events."""
        call = current_call()
        query = ("events", request.show_archived, request.show_deleted)
        found = events.list_events(
            call.connection,
            call.caller,
            parse_page(request.page_size, request.page_token, *query),
            archived=request.show_archived,
            deleted=request.show_deleted,
        )
        mine, tokens = page_of(found, my_event_message)
        return event_service_pb2.ListEventsResponse(events=mine, **tokens)

    def SearchEvents(
        self, request: event_service_pb2.SearchEventsRequest, context: grpc.ServicerContext
    ) -> event_service_pb2.SearchEventsResponse:
        """Lists the caller's events whose name contains a text."""
        call = current_call()
        wrong = Violations()
        with wrong:
            text = check_searched(request.text)
        with wrong:
            check_page(request.page_size, request.page_token)
        wrong.raise_any()
        page = parse_page(request.page_size, request.page_token, "search", text)
        found = overview.search_events(call.connection, call.caller.user_id, text, page)
        mine, tokens = page_of(found, my_event_message)
        return event_service_pb2.SearchEventsResponse(events=mine, **tokens)

    def UpdateEvent(
        self, request: event_service_pb2.UpdateEventRequest, context: grpc.ServicerContext
    ) -> event_pb2.Event:
        """Changes an event."""
        call = current_call()
        wrong, changed = Violations(), set_fields(request.event, _EVENT_FIELDS)
        with wrong:
            check_read_only(
                request.event,
                "event",
                lambda: my_event_message(events.get_event(call.caller)),
                request.update_mask,
            )
        with wrong:
            changed = fields_to_change(request.event, request.update_mask, _EVENT_FIELDS)
        with wrong:
            given: dict[str, Any] = {name: getattr(request.event, name) for name in changed}
            if "default_split" in given:
                with wrong:
                    given["default_split"] = _default_split(request.event)
            events.check_content(given)
        wrong.raise_any()
        mine = events.update_event(
            call.connection, call.caller, call.now, given, call.etag(request.event.etag)
        )
        return my_event_message(mine)

    def DeleteEvent(
        self, request: event_service_pb2.DeleteEventRequest, context: grpc.ServicerContext
    ) -> event_pb2.Event:
        """Deletes an event."""
        call = current_call()
        mine = events.delete_event(call.connection, call.caller, call.now, call.etag(request.etag))
        return my_event_message(mine)

    def UndeleteEvent(
        self, request: event_service_pb2.UndeleteEventRequest, context: grpc.ServicerContext
    ) -> event_pb2.Event:
        """Brings a deleted event back."""
        return _on_event(events.undelete_event)

    def ArchiveEvent(
        self, request: event_service_pb2.ArchiveEventRequest, context: grpc.ServicerContext
    ) -> event_pb2.Event:
        """Archives an event."""
        return _on_event(events.archive_event)

    def UnarchiveEvent(
        self, request: event_service_pb2.UnarchiveEventRequest, context: grpc.ServicerContext
    ) -> event_pb2.Event:
        """Takes an event out of the archive."""
        return _on_event(events.unarchive_event)

    def GetBalances(
        self, request: event_service_pb2.GetBalancesRequest, context: grpc.ServicerContext
    ) -> event_pb2.Balances:
        """Returns balances and debts."""
        call = current_call()
        event = call.caller.in_event.event
        wanted = parse_wanted(request)
        return balances_message(
            event,
            balances.read_balances(call.connection, event.id, wanted),
            balances.read_open_debts(call.connection, event.id, wanted),
        )

    def ExplainDebt(
        self, request: event_service_pb2.ExplainDebtRequest, context: grpc.ServicerContext
    ) -> event_pb2.DebtExplanation:
        """Returns the entries and circles of a debt."""
        call = current_call()
        event = call.caller.in_event.event
        pair = debt_explanation.DebtPair(request.from_member_id, request.to_member_id)
        code = request.currency_code
        wrong = Violations()
        with wrong:
            check_id(MEMBER, pair.from_member_id, "from_member_id")
        with wrong:
            optional_id(MEMBER, pair.to_member_id, "to_member_id")
        with wrong:
            if code:
                minor_digits(code, "currency_code")
        with wrong:
            check_page(request.page_size, request.page_token)
        wrong.raise_any()
        page = parse_page(
            request.page_size, request.page_token, "debt", event.id, *pair, code, keys=2
        )
        debt_explanation.check_pair(call.connection, event.id, pair)
        debts = debt_explanation.explain_debts(call.connection, event.id, pair, code)
        found = debt_explanation.list_entries(call.connection, event.id, pair, code, page)
        entries, tokens = page_of(found, entry_message)
        return event_pb2.DebtExplanation(
            event_id=event.id,
            revision=event.revision,
            from_member_id=pair.from_member_id,
            to_member_id=pair.to_member_id,
            debts=map(explained_message, debts),
            entries=entries,
            **tokens,
        )

    def GetSettlement(
        self, request: event_service_pb2.GetSettlementRequest, context: grpc.ServicerContext
    ) -> event_pb2.Settlement:
        """Returns the fewest payments that settle the event."""
        call = current_call()
        event = call.caller.in_event.event
        plans = balances.get_settlement(call.connection, event.id, parse_wanted(request))
        return settlement_message(event, plans)

    def GetTotals(
        self, request: event_service_pb2.GetTotalsRequest, context: grpc.ServicerContext
    ) -> event_pb2.Totals:
        """Returns the cost of the event."""
        call = current_call()
        event = call.caller.in_event.event
        return totals_message(event, get_totals(call.connection, event.id, parse_wanted(request)))

    def ListChanges(
        self, request: event_service_pb2.ListChangesRequest, context: grpc.ServicerContext
    ) -> event_service_pb2.ListChangesResponse:
        """Lists the history."""
        call = current_call()
        since = request.since_revision
        newest_first = False
        wrong = Violations()
        with wrong:
            _parse_since(since)
        with wrong:
            newest_first = parse_order(request.order_by, CHANGE_ORDERS) == CHANGE_ORDERS[1]
        query = ("changes", request.event_id, since, *(["newest"] if newest_first else []))
        with wrong:
            page = parse_page(request.page_size, request.page_token, *query)
        wrong.raise_any()
        found = history.list_changes(
            call.connection, call.caller, since, page, newest_first=newest_first
        )
        wording = reader_of(call).wording(call.connection, found.rows)
        changes, tokens = page_of(found, lambda change: told_message(wording, change))
        return event_service_pb2.ListChangesResponse(changes=changes, **tokens)

    def WatchEvent(  # type: ignore[override]
        self,
        request: event_service_pb2.WatchEventRequest,
        context: grpc.ServicerContext,
        send: Callable[[change_pb2.Change | None], None],
    ) -> None:
        """Streams the history and each later change. Returns at once; the hub sends from here on."""
        call = current_call()
        since = _parse_since(request.since_revision)
        self._watchers.watch(call, context, since, send)


def _on_event(change: Callable[..., events.MyEvent]) -> event_pb2.Event:
    """Runs a use case that needs nothing but the event."""
    call = current_call()
    return my_event_message(change(call.connection, call.caller, call.now))


def _default_split(message: event_pb2.Event) -> Split | None:
    """The default split that a message sets; None for none, or one without a mode."""
    if message.default_split.WhichOneof("mode") is None:
        return None
    # Modes with amounts, which need a currency, are refused later.
    return parse_split(message.default_split, _ANY_CURRENCY, "event.default_split")


def _parse_since(revision: int) -> int:
    """A revision to continue after."""
    latest = current_call().caller.in_event.event.revision
    return check_revision(revision, latest, "since_revision")
