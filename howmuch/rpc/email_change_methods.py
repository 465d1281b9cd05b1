"""The methods of UserService that change the address of an account, and the pages behind their links."""

from collections.abc import Callable

import grpc
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.empty_pb2 import Empty

from howmuch.rpc import html_pages
from howmuch.rpc.call import current_call
from howmuch.rpc.convert import user_message
from howmuch.rpc.password_checks import VerifiedEmailChange
from howmuch.rpc.server_options import PageLinks
from howmuch.usecases import account_tokens, email_change, sessions, validation
from howmuch.v1 import user_pb2, user_service_pb2


class EmailChangeMethods:
    """A part of UserServicer."""

    _page_links: Callable[[], PageLinks]

    def RequestEmailChange(
        self, request: user_service_pb2.RequestEmailChangeRequest, context: grpc.ServicerContext
    ) -> Empty:
        """Mails a link to the new address that confirms the change."""
        call = current_call()
        prepared: VerifiedEmailChange | None = call.prepared
        if prepared is None:
            raise sessions.credentials_wrong()
        owner = prepared.owner
        sessions.check_still_valid(call.connection, owner.user_id, owner.present_hash)
        email_change.request_email_change(call.connection, call.caller, call.now, prepared.email)
        return Empty()

    def ConfirmEmailChange(
        self, request: user_service_pb2.ConfirmEmailChangeRequest, context: grpc.ServicerContext
    ) -> user_pb2.User:
        """Changes the address of an account."""
        call = current_call()
        token = validation.check_token(request.token, "token")
        return user_message(email_change.confirm_email_change(call.connection, call.now, token))

    def UndoEmailChange(
        self, request: user_service_pb2.UndoEmailChangeRequest, context: grpc.ServicerContext
    ) -> user_pb2.User:
        """Returns the former address to an account, and ends its sessions."""
        call = current_call()
        token = validation.check_token(request.token, "token")
        unusable_hash: str = call.prepared
        user = email_change.undo_email_change(call.connection, call.now, token, unusable_hash)
        call.sessions_ended_of = user.id
        return user_message(user)

    def ShowConfirmEmailChange(
        self,
        request: user_service_pb2.ShowConfirmEmailChangeRequest,
        context: grpc.ServicerContext,
    ) -> HttpBody:
        """Shows a page with a button that changes the address."""
        token = validation.check_token(request.token, "token")
        locale = _locale(token, "CHANGE_EMAIL")
        return html_pages.ask_to_change_email(context, token, locale, self._page_links())

    def ShowUndoEmailChange(
        self, request: user_service_pb2.ShowUndoEmailChangeRequest, context: grpc.ServicerContext
    ) -> HttpBody:
        """Shows a page with a button that undoes a change of the address."""
        token = validation.check_token(request.token, "token")
        locale = _locale(token, "UNDO_EMAIL")
        return html_pages.ask_to_undo_email_change(context, token, locale, self._page_links())


def _locale(token: str, purpose: str) -> str:
    call = current_call()
    return account_tokens.read_token_locale(call.connection, token, purpose, call.now)
