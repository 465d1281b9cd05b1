"""The methods of UserService that links in mails lead to; they answer with HTML pages."""

from collections.abc import Callable
from typing import NamedTuple

import grpc
from google.api.httpbody_pb2 import HttpBody

from howmuch.ids import EVENT, check_id
from howmuch.rpc import html_pages
from howmuch.rpc.call import current_call
from howmuch.rpc.server_options import PageLinks
from howmuch.usecases import account_tokens, unsubscribe, validation
from howmuch.v1 import user_service_pb2


class _UnsubscribeLink(NamedTuple):
    """event_id: empty means all events."""

    token: str
    event_id: str


class MailPageMethods:
    """A part of UserServicer."""

    _page_links: Callable[[], PageLinks]

    def ShowUnsubscribe(
        self, request: user_service_pb2.ShowUnsubscribeRequest, context: grpc.ServicerContext
    ) -> HttpBody:
        """Shows a page with a button that ends mails."""
        token, event_id = _unsubscribe_link(request)
        subject = unsubscribe.read_mail_subject(current_call().connection, token, event_id)
        return html_pages.ask_to_unsubscribe(context, token, event_id, subject)

    def Unsubscribe(
        self, request: user_service_pb2.UnsubscribeRequest, context: grpc.ServicerContext
    ) -> HttpBody:
        """Ends mails, and shows a page that says so."""
        call = current_call()
        token, event_id = _unsubscribe_link(request)
        subject = unsubscribe.unsubscribe(call.connection, token, event_id, call.now)
        return html_pages.say_unsubscribed(context, subject, self._page_links())

    def ShowVerifyEmail(
        self, request: user_service_pb2.ShowVerifyEmailRequest, context: grpc.ServicerContext
    ) -> HttpBody:
        """Shows a page with a button that verifies the address."""
        call = current_call()
        token = validation.check_token(request.token, "token")
        locale = account_tokens.read_token_locale(call.connection, token, "VERIFY_EMAIL", call.now)
        return html_pages.ask_to_verify(context, token, locale, self._page_links())

    def ShowResetPassword(
        self, request: user_service_pb2.ShowResetPasswordRequest, context: grpc.ServicerContext
    ) -> HttpBody:
        """Shows a page that takes a new password."""
        call = current_call()
        token = validation.check_token(request.token, "token")
        locale = account_tokens.read_token_locale(
            call.connection, token, "RESET_PASSWORD", call.now
        )
        return html_pages.ask_for_password(context, token, locale, self._page_links())


def _unsubscribe_link(
    request: user_service_pb2.ShowUnsubscribeRequest | user_service_pb2.UnsubscribeRequest,
) -> _UnsubscribeLink:
    token = validation.check_token(request.token, "token")
    event_id = check_id(EVENT, request.event_id, "event_id") if request.event_id else ""
    return _UnsubscribeLink(token, event_id)
