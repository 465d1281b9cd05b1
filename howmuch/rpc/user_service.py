"""UserService: accounts and sessions."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty

from howmuch.errors import Violations
from howmuch.ids import SESSION, check_id
from howmuch.rpc.call import current_call
from howmuch.rpc.convert import session_message, user_message
from howmuch.rpc.convert_ledger import my_balances_message
from howmuch.rpc.email_change_methods import EmailChangeMethods
from howmuch.rpc.mail_page_methods import MailPageMethods
from howmuch.rpc.mapping import settable_fields
from howmuch.rpc.overview_methods import OverviewMethods
from howmuch.rpc.pages import page_of
from howmuch.rpc.parse import fields_to_change, parse_mail_mode, set_fields
from howmuch.rpc.password_checks import CheckedSignUp, Verified
from howmuch.rpc.quota_methods import QuotaMethods
from howmuch.rpc.quotas import QuotaKeeper
from howmuch.rpc.read_only import check_read_only
from howmuch.rpc.server_options import PageLinks
from howmuch.usecases import account_deletion, accounts, balances, sessions, validation
from howmuch.usecases.paging import parse_page
from howmuch.v1 import user_pb2, user_service_pb2, user_service_pb2_grpc

_USER_FIELDS = settable_fields(user_pb2.User)


class UserServicer(
    EmailChangeMethods,
    MailPageMethods,
    QuotaMethods,
    OverviewMethods,
    user_service_pb2_grpc.UserServiceServicer,
):
    """One method per RPC. Passwords are hashed before the transaction, by PasswordChecks."""

    def __init__(
        self,
        new_session_lasts: dt.timedelta,
        deletion_grace: dt.timedelta,
        keeper: QuotaKeeper,
        page_links: Callable[[], PageLinks],
    ) -> None:
        self._new_session_lasts = new_session_lasts
        self._deletion_grace = deletion_grace
        self._keeper = keeper
        self._page_links = page_links

    def SignUp(
        self, request: user_service_pb2.SignUpRequest, context: grpc.ServicerContext
    ) -> user_pb2.User:
        """Makes an account."""
        call = current_call()
        prepared: CheckedSignUp = call.prepared
        user = accounts.sign_up(
            call.connection,
            call.now,
            email=prepared.email,
            password_hash=prepared.password_hash,
            profile=prepared.profile,
        )
        return user_message(user)

    def LogIn(
        self, request: user_service_pb2.LogInRequest, context: grpc.ServicerContext
    ) -> user_service_pb2.LogInResponse:
        """Opens a session."""
        call = current_call()
        found: Verified | None = call.prepared
        if found is None:
            raise sessions.credentials_wrong()
        leaving = sessions.check_still_valid(call.connection, found.user_id, found.present_hash)
        if leaving:
            sessions.withdraw_deletion(call.connection, found.user_id)
        if found.new_hash is not None:
            sessions.replace_hash(call.connection, found.user_id, found.new_hash)
        token, session = sessions.open_session(
            call.connection, found.user_id, request.client, call.now, self._new_session_lasts
        )
        if sessions.end_oldest(call.connection, found.user_id, self._keeper.quotas.sessions):
            call.sessions_ended_of = found.user_id
        return user_service_pb2.LogInResponse(
            token=token,
            session=session_message(session, session.id),
            user=user_message(accounts.get_user(call.connection, found.user_id)),
            deletion_withdrawn=leaving,
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
        found = sessions.list_sessions(call.connection, call.caller, call.now, page)
        own_id = call.caller.session_id
        listed, tokens = page_of(found, lambda session: session_message(session, own_id))
        return user_service_pb2.ListSessionsResponse(sessions=listed, **tokens)

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
        wrong, user_id = Violations(), call.caller.user_id
        with wrong:
            check_read_only(
                request.user,
                "user",
                lambda: user_message(accounts.get_user(call.connection, user_id)),
                request.update_mask,
            )
        changed = set_fields(request.user, _USER_FIELDS)
        with wrong:
            changed = fields_to_change(request.user, request.update_mask, _USER_FIELDS)
        given: dict[str, Any] = {name: getattr(request.user, name) for name in changed}
        with wrong:
            if "mail_mode" in given:
                given["mail_mode"] = parse_mail_mode(request.user.mail_mode, "user.mail_mode")
        with wrong:
            given = accounts.check_content(given, "user.")
        wrong.raise_any()
        user = accounts.update_me(
            call.connection, user_id, call.now, given, call.etag(request.user.etag)
        )
        return user_message(user)

    def ChangePassword(
        self, request: user_service_pb2.ChangePasswordRequest, context: grpc.ServicerContext
    ) -> Empty:
        """Replaces the password and ends every other session."""
        call = current_call()
        hashes: Verified | None = call.prepared
        if hashes is None or hashes.new_hash is None:
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
        """Deletes the caller's account, after a time in which a log-in takes it back."""
        call = current_call()
        verified: Verified | None = call.prepared
        if verified is None:
            raise sessions.credentials_wrong()
        sessions.check_still_valid(call.connection, call.caller.user_id, verified.present_hash)
        account_deletion.request_deletion(
            call.connection, call.caller, call.now, self._deletion_grace
        )
        call.sessions_ended_of = call.caller.user_id
        call.ends_own_session = True
        return Empty()

    def GetMyBalances(
        self, request: user_service_pb2.GetMyBalancesRequest, context: grpc.ServicerContext
    ) -> user_pb2.MyBalances:
        """Returns the caller's balances over all events."""
        call = current_call()
        return my_balances_message(balances.get_my_balances(call.connection, call.caller.user_id))
