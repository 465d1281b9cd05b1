"""A user logged in to a server, and how commands come by one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from howmuch.client.calls import Caller, Server, connect
from howmuch.client.client_errors import ClientError
from howmuch.client.profiles import Profile, forget_token, keep, read_profiles
from howmuch.v1 import user_pb2, user_service_pb2

PAGE_SIZE = 200


class Session:
    """The services, and calls to them in the name of a user. profile: of the server."""

    def __init__(self, server: Server, profile: Profile) -> None:
        self.users = server.users
        self.events = server.events
        self.expenses = server.expenses
        self.profile = profile
        caller = Caller(profile.token)
        self.metadata = caller.metadata
        self.read = caller.read
        self.write = caller.write

    def use_event(self, event_id: str) -> None:
        """Make it the event that commands are about where none is named."""
        self.profile = replace(self.profile, event_id=event_id)
        keep(self.profile)


@contextmanager
def nobody(profile: Profile) -> Iterator[Session]:
    """A session in which only public methods can be called. Raises CallError."""
    with connect(profile.address, profile.tls_files) as server:
        yield Session(server, replace(profile, token=""))


@contextmanager
def signed_in(address: str | None) -> Iterator[Session]:
    """The session that `log_in` has kept for a server. None: the one that was used last.

    Raises ClientError: nobody is logged in there; and CallError.
    """
    profile = read_profiles().of(address)
    if not profile.token:
        at = f" --server {profile.address}" if address else ""
        raise ClientError(
            f"You are not logged in to {profile.address}: run `howmuch login{at}`, or"
            f" `howmuch signup{at}` for a new account."
        )
    with connect(profile.address, profile.tls_files) as server:
        yield Session(server, profile)


def sign_up(profile: Profile, **fields: str) -> None:
    """Make an account. fields: of SignUpRequest. Raises CallError."""
    with nobody(profile) as session:
        # Without a key, which public methods pass over; so it is not repeated either.
        session.read(session.users.SignUp, user_service_pb2.SignUpRequest(**fields))


def log_in(profile: Profile, email: str, password: str, client: str) -> user_pb2.User:
    """Open a session, and keep its token. client: how the list of sessions shows it. Raises CallError."""
    with nobody(profile) as session:
        answer = session.read(
            session.users.LogIn,
            user_service_pb2.LogInRequest(email=email, password=password, client=client),
        )
    old = read_profiles().of(profile.address)
    same = old.email == answer.user.email
    keep(
        replace(
            profile,
            token=answer.token,
            email=answer.user.email,
            event_id=old.event_id if same else "",
        )
    )
    return answer.user


def log_out(session: Session) -> None:
    """End the session on the server, and forget its token. Raises grpc.RpcError."""
    session.write(session.users.LogOut, user_service_pb2.LogOutRequest())
    forget_token(session.profile.address)


def whole_list(
    session: Session, method: Any, request: Any, field: str, limit: int | None = None
) -> Any:
    """The answer of a method that lists by page, with the items of all pages in it.

    field: the repeated field of the answer. limit: stop at so many items; None: read all. Where there are
    more, the answer's `next_page_token` is not empty. Raises grpc.RpcError.
    """
    answer = None
    while True:
        had = len(getattr(answer, field)) if answer else 0
        request.page_size = PAGE_SIZE if limit is None else min(PAGE_SIZE, limit - had)
        page = session.read(method, request)
        if answer is None:
            answer = page
        else:
            getattr(answer, field).extend(getattr(page, field))
            answer.next_page_token = page.next_page_token
        request.page_token = page.next_page_token
        if not page.next_page_token or (limit and len(getattr(answer, field)) >= limit):
            return answer
