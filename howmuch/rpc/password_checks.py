"""Work with passwords before the transactions of UserService: each needs a hash, which is slow by design.

`preparations` maps a method path to the function that runs before its transaction, whose result is
Call.prepared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from howmuch.errors import Violations, invalid
from howmuch.rpc.call import current_call
from howmuch.rpc.language import preferred_locale
from howmuch.storage.database import Database
from howmuch.usecases import accounts, sessions, validation
from howmuch.usecases.access import authenticate
from howmuch.usecases.account_tokens import read_token_locale
from howmuch.usecases.passwords import PasswordHasher, normalized
from howmuch.usecases.tokens import new_token
from howmuch.v1 import user_service_pb2

_SERVICE = "/howmuch.v1.UserService/"


@dataclass(frozen=True, slots=True)
class CheckedSignUp:
    email: str
    profile: accounts.Profile
    password_hash: str


class Verified(NamedTuple):
    """An account whose password was right. new_hash: to replace the present one; None means that it stays."""

    user_id: str
    present_hash: str
    new_hash: str | None


class VerifiedEmailChange(NamedTuple):
    """An account whose password was right, and its new address, checked."""

    owner: Verified
    email: str


class PasswordChecks:
    """log_ins: hashes for LogIn, and nothing else. changes: for all other methods."""

    def __init__(
        self, database: Database, log_ins: PasswordHasher, changes: PasswordHasher
    ) -> None:
        self._database = database
        self._log_ins = log_ins
        self._changes = changes

    def preparations(self) -> Mapping[str, Any]:
        return {
            f"{_SERVICE}SignUp": self._sign_up,
            f"{_SERVICE}LogIn": self._log_in,
            f"{_SERVICE}ChangePassword": self._change_password,
            f"{_SERVICE}ResetPassword": self._reset_password,
            f"{_SERVICE}DeleteMe": self._delete_me,
            f"{_SERVICE}RequestEmailChange": self._request_email_change,
            f"{_SERVICE}UndoEmailChange": self._undo_email_change,
        }

    def _sign_up(self, request: user_service_pb2.SignUpRequest) -> CheckedSignUp:
        locale = request.locale or preferred_locale(current_call().header("accept-language"))
        wrong = Violations()
        with wrong:
            email = validation.check_email(request.email, "email")
        with wrong:
            password = validation.check_password(request.password, "password")
        with wrong:
            profile = accounts.Profile(
                request.name, locale, request.time_zone, request.currency_code
            ).checked()
        wrong.raise_any()
        with self._changes.turn():
            self._changes.check_uncommon(password, "password", (email, profile.name))
            return CheckedSignUp(email, profile, self._changes.hash(password))

    def _log_in(self, request: user_service_pb2.LogInRequest) -> Verified | None:
        """None means that the address or the password is wrong."""
        wrong = Violations()
        with wrong:
            email = validation.check_email(request.email, "email")
        with wrong:
            validation.check_password(request.password, "password", shortest=1)
        wrong.raise_any()
        with self._log_ins.turn():
            with self._database.read(current_call().timeout_seconds) as connection:
                found = sessions.read_credentials(connection, email)
            present = found.password_hash if found else None
            form = self._log_ins.verified_form(present, request.password)
            if found is None or form is None:
                return None
            # A hash from before passwords were normalized is replaced.
            is_old = form != normalized(request.password)
            new = self._log_ins.hash(request.password) if is_old else None
            return Verified(found.user_id, found.password_hash, new)

    def _change_password(self, request: user_service_pb2.ChangePasswordRequest) -> Verified | None:
        """None means that the current password is wrong."""
        wrong = Violations()
        with wrong:
            validation.check_password(request.current_password, "current_password", shortest=1)
        with wrong:
            new = validation.check_password(request.new_password, "new_password")
        wrong.raise_any()
        with self._changes.turn():
            owner = self._owner_of_session()
            if not self._changes.verify(owner.password_hash, request.current_password):
                return None
            self._changes.check_uncommon(new, "new_password", (owner.email, owner.name))
            return Verified(owner.user_id, owner.password_hash, self._changes.hash(new))

    def _reset_password(self, request: user_service_pb2.ResetPasswordRequest) -> str:
        """The hash of the new password."""
        wrong = Violations()
        with wrong:
            token = validation.check_token(request.token, "token")
        with wrong:
            new = validation.check_password(request.new_password, "new_password")
        wrong.raise_any()
        with self._changes.turn():
            call = current_call()
            with self._database.read(call.timeout_seconds) as connection:
                owner = accounts.read_owner_of_reset(connection, token, call.now)
            self._changes.check_uncommon(new, "new_password", (owner.email, owner.name))
            return self._changes.hash(new)

    def _delete_me(self, request: user_service_pb2.DeleteMeRequest) -> Verified | None:
        """None means that the password is wrong."""
        if not request.password:
            raise invalid(
                "password",
                "PASSWORD_REQUIRED",
                "The password of the account is required to delete it. Over REST, send it with"
                " POST /v1/users/me:delete; other clients may need a newer version.",
            )
        validation.check_password(request.password, "password", shortest=1)
        return self._verified(request.password)

    def _request_email_change(
        self, request: user_service_pb2.RequestEmailChangeRequest
    ) -> VerifiedEmailChange | None:
        """None means that the password is wrong."""
        wrong = Violations()
        with wrong:
            email = validation.check_email(request.email, "email")
        with wrong:
            validation.check_password(request.password, "password", shortest=1)
        wrong.raise_any()
        owner = self._verified(request.password)
        return owner and VerifiedEmailChange(owner, email)

    def _undo_email_change(self, request: user_service_pb2.UndoEmailChangeRequest) -> str:
        """The hash of a random password that is told to no person."""
        token = validation.check_token(request.token, "token")
        with self._changes.turn():
            call = current_call()
            with self._database.read(call.timeout_seconds) as connection:
                read_token_locale(connection, token, "UNDO_EMAIL", call.now)
            return self._changes.hash(new_token())

    def _verified(self, password: str) -> Verified | None:
        """The owner of the session. None means that the password is wrong."""
        with self._changes.turn():
            owner = self._owner_of_session()
            if not self._changes.verify(owner.password_hash, password):
                return None
            return Verified(owner.user_id, owner.password_hash, None)

    def _owner_of_session(self) -> accounts.PasswordOwner:
        call = current_call()
        with self._database.read(call.timeout_seconds) as connection:
            caller = authenticate(connection, call.token_hash, call.now)
            call.known_caller = caller  # For the log line of a refusal.
            return accounts.read_password_owner(connection, caller.user_id)
