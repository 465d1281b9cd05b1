"""Calls about the user's own account. They raise grpc.RpcError."""

from typing import Any, cast

from howmuch.client.events import token_of
from howmuch.client.profiles import Profile, forget_token
from howmuch.client.session import Session, public_session, whole_list
from howmuch.v1 import user_pb2, user_service_pb2


def update_me(session: Session, values: dict[str, object]) -> user_pb2.User:
    """Change these fields of User."""
    request = user_service_pb2.UpdateMeRequest(user=user_pb2.User(**cast("Any", values)))
    request.update_mask.paths.extend(values)
    return session.write(session.users.UpdateMe, request)


def change_password(session: Session, current: str, new: str) -> None:
    """Change the password, and end all other sessions."""
    request = user_service_pb2.ChangePasswordRequest(current_password=current, new_password=new)
    session.write(session.users.ChangePassword, request)


def request_verification(session: Session) -> None:
    """Request a mail with a link that verifies the address."""
    request = user_service_pb2.RequestEmailVerificationRequest()
    session.write(session.users.RequestEmailVerification, request)


def sessions(session: Session) -> user_service_pb2.ListSessionsResponse:
    """Return all open sessions, newest first."""
    request = user_service_pb2.ListSessionsRequest()
    return whole_list(session, session.users.ListSessions, request, "sessions")


def my_quotas(session: Session) -> user_pb2.MyQuotas:
    """Return the quotas of the user."""
    return session.read(session.users.GetMyQuotas, user_service_pb2.GetMyQuotasRequest())


def end_session(session: Session, session_id: str) -> None:
    request = user_service_pb2.RevokeSessionRequest(session_id=session_id)
    session.write(session.users.RevokeSession, request)


def delete_me(session: Session, password: str) -> None:
    """Delete the account on the server, and its token here."""
    request = user_service_pb2.DeleteMeRequest(password=password)
    session.write(session.users.DeleteMe, request)
    forget_token(session.profile.address)


def request_email_change(session: Session, email: str, password: str) -> None:
    """Request a mail to a new address with a link that confirms it."""
    request = user_service_pb2.RequestEmailChangeRequest(email=email, password=password)
    session.write(session.users.RequestEmailChange, request)


def confirm_email_change(profile: Profile, token_or_link: str) -> user_pb2.User:
    """Change the address of the account. Raises CallError."""
    with public_session(profile) as session:
        request = user_service_pb2.ConfirmEmailChangeRequest(token=token_of(token_or_link))
        return session.read(session.users.ConfirmEmailChange, request)


def undo_email_change(profile: Profile, token_or_link: str) -> user_pb2.User:
    """Return the former address to the account, and end all its sessions. Raises CallError."""
    with public_session(profile) as session:
        request = user_service_pb2.UndoEmailChangeRequest(token=token_of(token_or_link))
        return session.read(session.users.UndoEmailChange, request)


def request_reset(profile: Profile, email: str) -> None:
    """Request a mail with a reset token, if there is such an account. Raises CallError."""
    with public_session(profile) as session:
        request = user_service_pb2.RequestPasswordResetRequest(email=email)
        session.read(session.users.RequestPasswordReset, request)


def reset_password(profile: Profile, token_or_link: str, new_password: str) -> None:
    """Set a new password, and end all sessions of the account. Raises CallError."""
    with public_session(profile) as session:
        request = user_service_pb2.ResetPasswordRequest(
            token=token_of(token_or_link), new_password=new_password
        )
        session.read(session.users.ResetPassword, request)
