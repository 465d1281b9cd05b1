"""Sessions: log in, log out, and call as a user."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast

import grpc

from howmuch.client.calls import Answer, Caller, Server, connect
from howmuch.client.client_errors import ClientError
from howmuch.client.profiles import Profile, forget_token, keep, read_profiles
from howmuch.v1 import user_service_pb2

PAGE_SIZE = 200


class Session:
    """The services, and calls to them as a user. profile: of the server."""

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
        """Make it the event in use."""
        self.profile = replace(self.profile, event_id=event_id)
        keep(self.profile)


@contextmanager
def public_session(profile: Profile) -> Iterator[Session]:
    """Open a session for public methods only. Raises CallError."""
    with connect(profile.address, profile.tls_files) as server:
        yield Session(server, replace(profile, token=""))


@contextmanager
def signed_in(address: str | None) -> Iterator[Session]:
    """Open the stored session of a server. None means the current server.

    Raises ClientError if there is no session, and CallError.
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
    """Create an account. fields: of SignUpRequest. Raises CallError."""
    with public_session(profile) as session:
        # Public methods ignore idempotency keys, so the call is not retried.
        session.read(session.users.SignUp, user_service_pb2.SignUpRequest(**fields))


def log_in(
    profile: Profile, email: str, password: str, client: str
) -> user_service_pb2.LogInResponse:
    """Log in, and store the token. client: name of the session in lists. Raises CallError."""
    with public_session(profile) as session:
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
    return answer


def log_out(session: Session) -> None:
    """End the session on the server, and delete its token. Raises grpc.RpcError."""
    session.write(session.users.LogOut, user_service_pb2.LogOutRequest())
    forget_token(session.profile.address)


def whole_list(
    session: Session,
    method: "grpc.UnaryUnaryMultiCallable[Any, Answer]",
    request: Any,
    field: str,
    limit: int | None = None,
) -> Answer:
    """Call a list method for all pages, and return one answer with the items of all.

    field: the repeated field of the answer. limit: None means all items; if there are more, the answer has a
    `next_page_token`. Raises grpc.RpcError.
    """
    answer: Any = None
    while True:
        had = len(getattr(answer, field)) if answer else 0
        request.page_size = PAGE_SIZE if limit is None else min(PAGE_SIZE, limit - had)
        page: Any = session.read(method, request)
        if answer is None:
            answer = page
        else:
            # Also lists beside it, such as the changes that made versions.
            for repeated in (each for each in page.DESCRIPTOR.fields if each.is_repeated):
                getattr(answer, repeated.name).extend(getattr(page, repeated.name))
            answer.next_page_token = page.next_page_token
        request.page_token = page.next_page_token
        if not page.next_page_token or (limit and len(getattr(answer, field)) >= limit):
            return cast("Answer", answer)
