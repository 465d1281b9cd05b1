"""Calls about all events of the user, and lists that are the same for all. They raise grpc.RpcError."""

from howmuch.client.session import Session, whole_list
from howmuch.v1 import (
    event_service_pb2,
    expense_service_pb2,
    overview_pb2,
    user_service_pb2,
)


def overview(session: Session) -> overview_pb2.MyOverview:
    """Return all events of the user, with their balance in each."""
    request = user_service_pb2.GetMyOverviewRequest()
    answer = session.read(session.users.GetMyOverview, request)
    token = answer.next_page_token
    while token:
        request.page_token = token
        page = session.read(session.users.GetMyOverview, request)
        answer.events.extend(page.events)
        answer.archived_events.extend(page.archived_events)
        answer.next_page_token = token = page.next_page_token
    return answer


def my_changes(session: Session, limit: int) -> user_service_pb2.ListMyChangesResponse:
    """Return the newest changes of all events, newest first."""
    request = user_service_pb2.ListMyChangesRequest()
    return whole_list(session, session.users.ListMyChanges, request, "changes", limit)


def mark_seen(session: Session) -> None:
    """Mark all changes of all events as read."""
    session.write(session.users.MarkSeen, user_service_pb2.MarkSeenRequest())


def search_events(session: Session, text: str) -> event_service_pb2.SearchEventsResponse:
    """Return the events whose name contains the text, newest first."""
    request = event_service_pb2.SearchEventsRequest(text=text)
    return whole_list(session, session.events.SearchEvents, request, "events")


def currencies(session: Session, locale: str) -> expense_service_pb2.ListCurrenciesResponse:
    """Return all currencies. locale: empty means that of the user."""
    request = expense_service_pb2.ListCurrenciesRequest(locale=locale)
    return session.read(session.expenses.ListCurrencies, request)


def categories(session: Session, locale: str) -> expense_service_pb2.ListCategoriesResponse:
    """Return the common categories. locale: empty means that of the user."""
    request = expense_service_pb2.ListCategoriesRequest(locale=locale)
    return session.read(session.expenses.ListCategories, request)
