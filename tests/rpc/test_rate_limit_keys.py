"""By whom each limit counts: by the network that calls, by account and network, or by the session."""

import datetime as dt
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from typing import Any

import pytest
from limits import parse
from redis import Redis

from howmuch.errors import ResourceExhausted, Unauthenticated
from howmuch.rpc.call import Call, peer_of, set_current_call
from howmuch.rpc.interceptors.rate_limit import RateLimitInterceptor, RateLimits
from howmuch.rpc.methods import describe
from howmuch.rpc.throttle import Throttle
from howmuch.runtime.networks import parse_networks
from howmuch.usecases.sessions import credentials_wrong
from howmuch.v1 import user_service_pb2 as us

METHODS = describe()
PEER, BOTH, SESSION = "peer", "account and peer", "session"

# Method, the setting, and by whom it counts.
RULES = [
    ("UserService/SignUp", "sign_up_by_peer", PEER),
    ("UserService/LogIn", "log_in_by_peer", PEER),
    ("UserService/LogIn", "log_in_by_account", BOTH),
    ("UserService/RequestPasswordReset", "reset_by_peer", PEER),
    ("UserService/RequestPasswordReset", "reset_by_account", BOTH),
    ("UserService/ChangePassword", "log_in_by_peer", PEER),
    ("UserService/ChangePassword", "log_in_by_account", SESSION),
    ("UserService/DeleteMe", "log_in_by_peer", PEER),
    ("UserService/DeleteMe", "log_in_by_account", SESSION),
    ("UserService/RequestEmailVerification", "reset_by_peer", PEER),
    ("UserService/RequestEmailVerification", "reset_by_account", SESSION),
    ("UserService/RequestEmailChange", "log_in_by_peer", PEER),
    ("UserService/RequestEmailChange", "log_in_by_account", SESSION),
    ("UserService/RequestEmailChange", "reset_by_peer", PEER),
    ("UserService/RequestEmailChange", "reset_by_account", SESSION),
    ("UserService/ConfirmEmailChange", "link_by_peer", PEER),
    ("UserService/UndoEmailChange", "link_by_peer", PEER),
    ("UserService/ShowConfirmEmailChange", "link_by_peer", PEER),
    ("UserService/ShowUndoEmailChange", "link_by_peer", PEER),
    ("UserService/ResetPassword", "link_by_peer", PEER),
    ("UserService/VerifyEmail", "link_by_peer", PEER),
    ("UserService/ShowVerifyEmail", "link_by_peer", PEER),
    ("UserService/ShowResetPassword", "link_by_peer", PEER),
    ("EventService/GetInvitation", "link_by_peer", PEER),
    ("EventService/ShowInvitation", "link_by_peer", PEER),
]
LIMITED = {name for name, _, _ in RULES}

Try = Callable[..., bool]


def tries(limits: RateLimits, *, fails: bool = True) -> Try:
    """A function that calls a method from a peer, for an account and a session; whether it is let in.

    fails: every log-in that is let in is refused.
    """
    interceptor = RateLimitInterceptor(METHODS, limits, Throttle())

    def behavior(_request: object, _context: object) -> None:
        if fails:
            raise credentials_wrong()

    def call(
        name: str, peer: str = "192.0.2.1", email: str = "a@example.com", session: str = "one"
    ) -> bool:
        method = METHODS[f"/howmuch.v1.{name}"]
        metadata: dict[str, str | bytes] = {"authorization": f"Bearer {session}"}
        set_current_call(Call(method, metadata, "id", peer, dt.datetime.now(dt.UTC)))
        try:
            with suppress(Unauthenticated):
                interceptor.wrap(method, behavior)(us.LogInRequest(email=email), context())
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


ONE = {"peer": "192.0.2.1", "email": "a@example.com", "session": "one"}
OF = {PEER: ("peer",), BOTH: ("email", "peer"), SESSION: ("session",)}
OTHER = {"peer": "198.51.100.{}", "email": "{}@example.com", "session": "number {}"}


@pytest.mark.parametrize(("name", "setting", "by"), RULES)
def test_what_each_limit_counts(name: str, setting: str, by: str) -> None:
    """The third call of one is refused, wherever else it differs."""
    call = tries(only(setting))

    def of(number: int) -> bool:
        """A call in which only `by` stays the same from number to number."""
        return call(
            name, **{key: ONE[key] if key in OF[by] else OTHER[key].format(number) for key in ONE}
        )

    assert [of(number) for number in range(4)] == [True, True, False, False]


@pytest.mark.parametrize(("name", "setting", "by"), RULES)
def test_what_each_limit_does_not_count(name: str, setting: str, by: str) -> None:
    """Only what the limit is by matters: others who share all else are not refused."""
    for key in OF[by]:
        call = tries(only(setting))
        for number in range(2, 8):
            assert call(name, **ONE | {key: OTHER[key].format(number)})


def test_spaces_around_a_token_make_no_other_session() -> None:
    """Nor does the case of the scheme: the session is looked up by the token alone."""
    call = tries(only("log_in_by_account", "10 per minute"))
    tried = [
        call("UserService/ChangePassword", peer=f"192.0.2.{number % 250}", session=spelling)
        for number in range(300)
        for spelling in (" " * number + "one" + "\t" * (number % 7),)
    ]
    assert tried == [True] * 10 + [False] * 290


@pytest.mark.parametrize(
    ("peers", "allowed"),
    [
        # One subscriber has a whole /64.
        ([f"2001:db8:1:2::{number:x}" for number in range(9)], 2),
        # A /48 may try eight times as often as a /64.
        ([f"2001:db8:1:{number:x}::1" for number in range(40)], 16),
        (["192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201", "192.0.2.1"], 2),
        (["192.0.2.1:5", "192.0.2.1:6", "192.0.2.1:7"], 2),
    ],
)
def test_network_has_one_count_for_all_its_addresses(peers: list[str], allowed: int) -> None:
    """And for all spellings of one."""
    call = tries(only("sign_up_by_peer"))
    assert [call("UserService/SignUp", peer=peer) for peer in peers].count(True) == allowed


def test_failures_elsewhere_do_not_lock_the_owner_out() -> None:
    """However many networks somebody fails from, and however often."""
    limits = RateLimits(log_in_by_account="3 per hour", slow_log_in_of_account="20 per hour")
    call = tries(limits)
    for number in range(100):
        for _ in range(5):
            call("UserService/LogIn", peer=f"198.51.100.{number}")
    assert call("UserService/LogIn", peer="192.0.2.1")
    assert call("UserService/LogIn", peer="2001:db8::1")


def test_account_that_fails_everywhere_is_slow_everywhere() -> None:
    """Beyond the loose limit of the account, each network has one try a minute; other accounts have all."""
    limits = RateLimits(log_in_by_account="10 per hour", slow_log_in_of_account="20 per hour")
    call = tries(limits)
    for number in range(20):
        assert call("UserService/LogIn", peer=f"198.51.100.{number}")
    assert [call("UserService/LogIn", peer="192.0.2.1") for _ in range(3)] == [True, False, False]
    other = [call("UserService/LogIn", peer="192.0.2.1", email="b@example.com") for _ in range(3)]
    assert other == [True] * 3


def test_log_ins_that_succeed_are_not_failures() -> None:
    """Only the limit of the network counts them."""
    call = tries(only("log_in_by_account", "2 per hour"), fails=False)
    assert all(call("UserService/LogIn") for _ in range(9))


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
    assert call("UserService/LogIn", email="a@example.com")
    assert not call("UserService/LogIn", email=spelling)


def test_redis_has_hashes_that_nobody_can_make_equal(redis_url: str) -> None:
    """128 bits of each account: a shorter hash lets a stranger use up the tries of somebody else."""
    prefix = f"test-{secrets.token_hex(6)}:"
    throttle = Throttle(redis_url, prefix)
    for number in range(3):
        assert throttle.hit(parse("1 per hour"), "log_in_account", f"{number}@example.com")
    with Redis.from_url(redis_url) as redis:
        keys = [key.decode() for key in redis.scan_iter(f"{prefix}*")]
        redis.delete(*keys)
    assert not [key for key in keys if "example" in key]
    hashes = {found[1] for key in keys if (found := re.search(r"\b([0-9a-f]{32,})\b", key))}
    assert len(hashes) == 3, keys


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
        # IPv4 within IPv6, as a server on both sees it; and ports, which some proxies write.
        ("ipv6:%5B::ffff:10.0.0.1%5D:50", "203.0.113.9:4711", TRUSTED, "203.0.113.9"),
        ("ipv4:10.0.0.1:50", "[2001:db8::1]:4711", ["::ffff:10.0.0.0/104"], "2001:db8::1"),
        ("ipv4:10.0.0.1:50", "::ffff:203.0.113.9, ::ffff:10.0.0.2", TRUSTED, "203.0.113.9"),
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
