"""By whom each limit counts: by the address that calls, by the e-mail address, or by the session."""

import datetime as dt
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from howmuch.errors import ResourceExhausted
from howmuch.rpc.call import Call, peer_of, set_current_call
from howmuch.rpc.interceptors.rate_limit import RateLimitInterceptor, RateLimits
from howmuch.rpc.methods import describe
from howmuch.rpc.throttle import Throttle
from howmuch.runtime.networks import parse_networks
from howmuch.v1 import user_service_pb2 as us

METHODS = describe()
PEER, ACCOUNT, SESSION = "peer", "account", "session"

# Method, the setting, and by whom it counts.
RULES = [
    ("UserService/SignUp", "sign_up_by_peer", PEER),
    ("UserService/LogIn", "log_in_by_peer", PEER),
    ("UserService/LogIn", "log_in_by_account", ACCOUNT),
    ("UserService/RequestPasswordReset", "reset_by_peer", PEER),
    ("UserService/RequestPasswordReset", "reset_by_account", ACCOUNT),
    ("UserService/ChangePassword", "log_in_by_account", SESSION),
    ("UserService/RequestEmailVerification", "reset_by_account", SESSION),
    ("UserService/ResetPassword", "link_by_peer", PEER),
    ("UserService/VerifyEmail", "link_by_peer", PEER),
    ("UserService/ShowVerifyEmail", "link_by_peer", PEER),
    ("UserService/ShowResetPassword", "link_by_peer", PEER),
    ("EventService/GetInvitation", "link_by_peer", PEER),
]
LIMITED = {name for name, _, _ in RULES}

Try = Callable[..., bool]


def tries(limits: RateLimits) -> Try:
    """A function that calls a method from a peer, for an account and a session; whether it is let in."""
    interceptor = RateLimitInterceptor(METHODS, limits, Throttle())

    def call(name: str, peer: str, email: str, session: str) -> bool:
        method = METHODS[f"/howmuch.v1.{name}"]
        metadata: dict[str, str | bytes] = {"authorization": f"Bearer {session}"}
        set_current_call(Call(method, metadata, "id", peer, dt.datetime.now(dt.UTC)))
        behavior = interceptor.wrap(method, lambda _request, _context: None)
        try:
            behavior(us.LogInRequest(email=email), context())
        except ResourceExhausted:
            return False
        return True

    return call


def context() -> Any:
    return None


def only(setting: str, limit: str = "2 per hour") -> RateLimits:
    """One limit; all others are out of reach."""
    far = dict.fromkeys((field.name for field in fields(RateLimits)), "100000 per second")
    return RateLimits(**far | {setting: limit})


@pytest.mark.parametrize(("name", "setting", "by"), RULES)
def test_what_each_limit_counts(name: str, setting: str, by: str) -> None:
    """The third call of one is refused, wherever else it differs; the first of another is not."""
    given = {PEER: ("192.0.2.1", "192.0.2.2"), ACCOUNT: ("a@example.com", "b@example.com")}
    given[SESSION] = ("one", "two")
    call = tries(only(setting))

    def of(who: str, number: int) -> bool:
        """A call in which only `by` stays the same from number to number."""
        one = {kind: f"{values[0]}{number}" for kind, values in given.items()}
        one[PEER] = f"198.51.100.{number}"
        one[by] = who
        return call(name, peer=one[PEER], email=one[ACCOUNT], session=one[SESSION])

    first, second = given[by]
    assert [of(first, number) for number in range(4)] == [True, True, False, False]
    assert [of(second, number) for number in range(3)] == [True, True, False]


@pytest.mark.parametrize(("name", "setting", "by"), RULES)
def test_what_each_limit_does_not_count(name: str, setting: str, by: str) -> None:
    """Two accounts from one address, and one account from two: only the one that the limit is by matters."""
    call = tries(only(setting))
    same = {"peer": "192.0.2.1", "email": "a@example.com", "session": "one"}
    mine = {PEER: "peer", ACCOUNT: "email", SESSION: "session"}[by]
    differing = {"peer": "192.0.2.{}", "email": "{}@example.com", "session": "number {}"}[mine]
    for number in range(2, 8):
        assert call(name, **same | {mine: differing.format(number)})


def test_methods_without_a_rule_are_not_counted() -> None:
    """The table above names every method that has one."""
    interceptor = RateLimitInterceptor(METHODS, RateLimits(), Throttle())

    def behavior(_request: object, _context: object) -> None:
        pass

    wrapped = {
        path.removeprefix("/howmuch.v1.")
        for path, method in METHODS.items()
        if interceptor.wrap(method, behavior) is not behavior
    }
    assert wrapped == LIMITED


def test_refusal_names_the_limit_and_when_to_come_again() -> None:
    """In seconds, at least one, at most the window."""
    interceptor = RateLimitInterceptor(METHODS, only("log_in_by_peer"), Throttle())
    method = METHODS["/howmuch.v1.UserService/LogIn"]
    behavior = interceptor.wrap(method, lambda _request, _context: None)
    set_current_call(Call(method, {}, "id", "192.0.2.1", dt.datetime.now(dt.UTC)))
    for _ in range(2):
        behavior(us.LogInRequest(), context())
    with pytest.raises(ResourceExhausted) as caught:
        behavior(us.LogInRequest(), context())
    assert caught.value.reason == "TOO_MANY_REQUESTS"
    assert caught.value.metadata == {"limit": "2 per 1 hour"}
    assert caught.value.retry_after_seconds is not None
    assert 1 <= round(caught.value.retry_after_seconds) <= 3600


def test_links_have_one_count_together() -> None:
    """Who tries tokens may not try each kind of link as often as one."""
    call = tries(only("link_by_peer"))
    names = [name for name, setting, _ in RULES if setting == "link_by_peer"]
    seen = [call(name, peer="192.0.2.1", email="", session="") for name in names]
    assert seen == [True, True, *[False] * (len(names) - 2)]


@pytest.mark.parametrize(
    "spelling", ["A@EXAMPLE.COM", " a@example.com", "a@example.com ", "A@example.com"]
)
def test_account_has_one_count_in_all_spellings(spelling: str) -> None:
    """As the account is found by any of them."""
    call = tries(only("log_in_by_account", "1 per hour"))
    assert call("UserService/LogIn", peer="192.0.2.1", email="a@example.com", session="")
    assert not call("UserService/LogIn", peer="192.0.2.2", email=spelling, session="")


TRUSTED = ["10.0.0.0/8"]


@pytest.mark.parametrize(
    ("connection", "forwarded", "trusted", "peer"),
    [
        ("ipv4:192.0.2.1:50", None, TRUSTED, "192.0.2.1"),
        ("ipv6:%5B2001:db8::1%5D:50", None, TRUSTED, "2001:db8::1"),
        # A client that is no proxy says what it likes.
        ("ipv4:192.0.2.1:50", "203.0.113.9", TRUSTED, "192.0.2.1"),
        ("ipv4:10.0.0.1:50", "203.0.113.9", [], "10.0.0.1"),
        # A proxy that is trusted names who called it; what that one said of others does not count.
        ("ipv4:10.0.0.1:50", "203.0.113.9", TRUSTED, "203.0.113.9"),
        ("ipv4:10.0.0.1:50", "198.51.100.7, 203.0.113.9", TRUSTED, "203.0.113.9"),
        ("ipv4:10.0.0.1:50", "203.0.113.9, 10.0.0.2", TRUSTED, "203.0.113.9"),
        ("ipv4:10.0.0.1:50", "198.51.100.7, 203.0.113.9, 10.0.0.2", TRUSTED, "203.0.113.9"),
        ("ipv4:10.0.0.1:50", "10.0.0.3, 10.0.0.2", TRUSTED, "10.0.0.3"),
        ("ipv4:10.0.0.1:50", "", TRUSTED, "10.0.0.1"),
        ("ipv4:10.0.0.1:50", b"203.0.113.9", TRUSTED, "10.0.0.1"),
        # The gateway of the same process comes by a Unix socket.
        ("unix:", "203.0.113.9", [], "203.0.113.9"),
        ("unix:", "198.51.100.7, 203.0.113.9", [], "203.0.113.9"),
        ("unix:", None, [], ""),
    ],
)
def test_address_of_the_caller(
    connection: str, forwarded: str | bytes | None, trusted: list[str], peer: str
) -> None:
    """The last address that a trusted proxy saw."""
    assert peer_of(connection, forwarded, parse_networks(trusted)) == peer
