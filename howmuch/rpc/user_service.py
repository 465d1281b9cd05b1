"""UserService: accounts and sessions."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import grpc
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.empty_pb2 import Empty

from howmuch.ids import EVENT, SESSION, check_id
from howmuch.rpc import html_pages
from howmuch.rpc.call import current_call
from howmuch.rpc.convert import session_message, user_message
from howmuch.rpc.convert_ledger import my_balances_message
from howmuch.rpc.mapping import settable_fields
from howmuch.rpc.parse import fields_to_change, parse_mail_mode
from howmuch.rpc.quota_methods import QuotaMethods
from howmuch.rpc.quotas import QuotaKeeper
from howmuch.storage.database import Database
from howmuch.usecases import account_deletion, accounts, balances, sessions, unsubscribe, validation
from howmuch.usecases.access import authenticate
from howmuch.usecases.paging import parse_page
from howmuch.usecases.passwords import PasswordHasher
from howmuch.v1 import user_pb2, user_service_pb2, user_service_pb2_grpc

_USER_FIELDS = settable_fields(user_pb2.User)
_SERVICE = "/howmuch.v1.UserService/"


@dataclass(frozen=True, slots=True)
class _SignUp:
    email: str
    profile: accounts.Profile
    password_hash: str


class _NewPassword(NamedTuple):
    present_hash: str
    new_hash: str


class _UnsubscribeLink(NamedTuple):
    """event_id: empty means all events."""

    token: str
    event_id: str


class UserServicer(QuotaMethods, user_service_pb2_grpc.UserServiceServicer):
    """One method per RPC. Passwords are hashed in `preparations`, outside the transaction."""

    def __init__(
        self,
        database: Database,
        hasher: PasswordHasher,
        session_ttl: dt.timedelta,
        keeper: QuotaKeeper,
    ) -> None:
        self._keeper = keeper
        self._database = database
        self._hasher = hasher
        self._session_ttl = session_ttl

    def preparations(self) -> Mapping[str, Any]:
        """Method path to the function that runs before its transaction; its result is Call.prepared."""
        return {
            f"{_SERVICE}SignUp": self._prepare_sign_up,
            f"{_SERVICE}LogIn": self._prepare_log_in,
            f"{_SERVICE}ChangePassword": self._prepare_change_password,
            f"{_SERVICE}ResetPassword": self._prepare_reset_password,
        }

    def _prepare_sign_up(self, request: user_service_pb2.SignUpRequest) -> _SignUp:
        email = validation.check_email(request.email, "email")
        profile = accounts.Profile(
            request.name, request.locale, request.time_zone, request.currency_code
        ).checked()
        password = validation.check_password(request.password, "password")
        with self._hasher.turn():
            return _SignUp(email, profile, self._hasher.hash(password))

    def SignUp(
        self, request: user_service_pb2.SignUpRequest, context: grpc.ServicerContext
    ) -> user_pb2.User:
        """Makes an account."""
        call = current_call()
        prepared: _SignUp = call.prepared
        user = accounts.sign_up(
            call.connection,
            call.now,
            email=prepared.email,
            password_hash=prepared.password_hash,
            profile=prepared.profile,
        )
        return user_message(user)

    def _prepare_log_in(
        self, request: user_service_pb2.LogInRequest
    ) -> sessions.Credentials | None:
        """The credentials that the address and the password belong to. None means that they are wrong."""
        email = validation.check_email(request.email, "email")
        validation.check_password(request.password, "password", shortest=1)
        with self._hasher.turn():
            with self._database.read(current_call().timeout_seconds) as connection:
                found = sessions.read_credentials(connection, email)
            password_hash = found.password_hash if found else None
            return found if self._hasher.verify(password_hash, request.password) else None

    def LogIn(
        self, request: user_service_pb2.LogInRequest, context: grpc.ServicerContext
    ) -> user_service_pb2.LogInResponse:
        """Opens a session."""
        call = current_call()
        found: sessions.Credentials | None = call.prepared
        if found is None:
            raise sessions.credentials_wrong()
        sessions.check_still_valid(call.connection, found.user_id, found.password_hash)
        token, session = sessions.open_session(
            call.connection, found.user_id, request.client, call.now, self._session_ttl
        )
        if sessions.end_oldest(call.connection, found.user_id, self._keeper.quotas.sessions):
            call.sessions_ended_of = found.user_id
        return user_service_pb2.LogInResponse(
            token=token,
            session=session_message(session, session.id),
            user=user_message(accounts.get_user(call.connection, found.user_id)),
        )

    def LogOut(
        self, request: user_service_pb2.LogOutRequest, context: grpc.ServicerContext
    ) -> Empty:
        """Ends the session of this request."""
        call = current_call()
        sessions.log_out(call.connection, call.caller)
        call.sessions_ended_of = call.caller.user_id
        call.ends_own_session = True
        return Empty()

    def ListSessions(
        self, request: user_service_pb2.ListSessionsRequest, context: grpc.ServicerContext
    ) -> user_service_pb2.ListSessionsResponse:
        """Lists the caller's live sessions."""
        call = current_call()
        page = parse_page(request.page_size, request.page_token, "sessions")
        found, token = sessions.list_sessions(call.connection, call.caller, call.now, page)
        return user_service_pb2.ListSessionsResponse(
            sessions=[session_message(session, call.caller.session_id) for session in found],
            next_page_token=token,
        )

    def RevokeSession(
        self, request: user_service_pb2.RevokeSessionRequest, context: grpc.ServicerContext
    ) -> Empty:
        """Ends one of the caller's sessions."""
        call = current_call()
        session_id = check_id(SESSION, request.session_id, "session_id")
        sessions.revoke_session(call.connection, call.caller, session_id)
        call.sessions_ended_of = call.caller.user_id
        call.ends_own_session = session_id == call.caller.session_id
        return Empty()

    def GetMe(
        self, request: user_service_pb2.GetMeRequest, context: grpc.ServicerContext
    ) -> user_pb2.User:
        """Returns the caller's account."""
        call = current_call()
        return user_message(accounts.get_user(call.connection, call.caller.user_id))

    def UpdateMe(
        self, request: user_service_pb2.UpdateMeRequest, context: grpc.ServicerContext
    ) -> user_pb2.User:
        """Changes the caller's account."""
        call = current_call()
        changed = fields_to_change(request.user, request.update_mask, _USER_FIELDS)
        given: dict[str, Any] = {name: getattr(request.user, name) for name in changed}
        if "mail_mode" in given:
            given["mail_mode"] = parse_mail_mode(request.user.mail_mode, "user.mail_mode")
        user = accounts.update_me(
            call.connection, call.caller.user_id, call.now, given, call.etag(request.user.etag)
        )
        return user_message(user)

    def _prepare_change_password(
        self, request: user_service_pb2.ChangePasswordRequest
    ) -> _NewPassword | None:
        """The hashes of the present and of the new password. None means that the present one is wrong."""
        call = current_call()
        validation.check_password(request.current_password, "current_password", shortest=1)
        validation.check_password(request.new_password, "new_password")
        with self._hasher.turn():
            with self._database.read(call.timeout_seconds) as connection:
                caller = authenticate(connection, call.token_hash, call.now)
                password_hash = accounts.read_password_hash(connection, caller.user_id)
            if not self._hasher.verify(password_hash, request.current_password):
                return None
            return _NewPassword(password_hash, self._hasher.hash(request.new_password))

    def ChangePassword(
        self, request: user_service_pb2.ChangePasswordRequest, context: grpc.ServicerContext
    ) -> Empty:
        """Replaces the password and ends every other session."""
        call = current_call()
        hashes: _NewPassword | None = call.prepared
        if hashes is None:
            raise sessions.credentials_wrong()
        user_id, session_id = call.caller.user_id, call.caller.session_id
        sessions.check_still_valid(call.connection, user_id, hashes.present_hash)
        accounts.change_password(call.connection, user_id, session_id, call.now, hashes.new_hash)
        call.sessions_ended_of = call.caller.user_id
        return Empty()

    def VerifyEmail(
        self, request: user_service_pb2.VerifyEmailRequest, context: grpc.ServicerContext
    ) -> user_pb2.User:
        """Marks an address as verified."""
        call = current_call()
        token = validation.check_token(request.token, "token")
        return user_message(accounts.verify_email(call.connection, call.now, token))

    def RequestEmailVerification(
        self,
        request: user_service_pb2.RequestEmailVerificationRequest,
        context: grpc.ServicerContext,
    ) -> Empty:
        """Mails a new link that verifies the caller's address."""
        call = current_call()
        accounts.request_email_verification(call.connection, call.now, call.caller.user_id)
        return Empty()

    def RequestPasswordReset(
        self, request: user_service_pb2.RequestPasswordResetRequest, context: grpc.ServicerContext
    ) -> Empty:
        """Mails a link that sets a new password."""
        call = current_call()
        email = validation.check_email(request.email, "email")
        accounts.request_password_reset(call.connection, call.now, email)
        return Empty()

    def _prepare_reset_password(self, request: user_service_pb2.ResetPasswordRequest) -> str:
        validation.check_token(request.token, "token")
        password = validation.check_password(request.new_password, "new_password")
        with self._hasher.turn():
            return self._hasher.hash(password)

    def ResetPassword(
        self, request: user_service_pb2.ResetPasswordRequest, context: grpc.ServicerContext
    ) -> Empty:
        """Sets a new password and ends every session."""
        call = current_call()
        call.sessions_ended_of = accounts.reset_password(
            call.connection, call.now, request.token, call.prepared
        )
        return Empty()

    def DeleteMe(
        self, request: user_service_pb2.DeleteMeRequest, context: grpc.ServicerContext
    ) -> Empty:
        """Deletes the caller's account."""
        call = current_call()
        account_deletion.delete_me(call.connection, call.caller, call.now)
        call.sessions_ended_of = call.caller.user_id
        call.ends_own_session = True
        return Empty()

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
        return html_pages.say_unsubscribed(context, subject)

    def ShowVerifyEmail(
        self, request: user_service_pb2.ShowVerifyEmailRequest, context: grpc.ServicerContext
    ) -> HttpBody:
        """Shows a page with a button that verifies the address."""
        call = current_call()
        token = validation.check_token(request.token, "token")
        locale = accounts.read_token_locale(call.connection, token, "VERIFY_EMAIL", call.now)
        return html_pages.ask_to_verify(context, token, locale)

    def ShowResetPassword(
        self, request: user_service_pb2.ShowResetPasswordRequest, context: grpc.ServicerContext
    ) -> HttpBody:
        """Shows a page that takes a new password."""
        call = current_call()
        token = validation.check_token(request.token, "token")
        locale = accounts.read_token_locale(call.connection, token, "RESET_PASSWORD", call.now)
        return html_pages.ask_for_password(context, token, locale)

    def GetMyBalances(
        self, request: user_service_pb2.GetMyBalancesRequest, context: grpc.ServicerContext
    ) -> user_pb2.MyBalances:
        """Returns the caller's balances over all events."""
        call = current_call()
        return my_balances_message(balances.get_my_balances(call.connection, call.caller.user_id))


def _unsubscribe_link(
    request: user_service_pb2.ShowUnsubscribeRequest | user_service_pb2.UnsubscribeRequest,
) -> _UnsubscribeLink:
    token = validation.check_token(request.token, "token")
    event_id = check_id(EVENT, request.event_id, "event_id") if request.event_id else ""
    return _UnsubscribeLink(token, event_id)
