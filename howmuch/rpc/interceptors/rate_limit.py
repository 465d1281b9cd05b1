"""Limits how often a network or account may try passwords, make accounts or ask for mails.

A client is its network, not its address: an IPv6 client has a /64 at least, and may have a /48. A /48 may
call `SITE_FACTOR` times as often as a /64. A client cannot use up the tries of another: failed log-ins count
for the account and the network together, and many failures from everywhere only slow each network down.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import grpc
from limits import RateLimitItem, parse

from howmuch.errors import InvalidArgument, ResourceExhausted, Unauthenticated
from howmuch.rpc.call import current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.interceptors.session import bearer_token
from howmuch.rpc.methods import Method
from howmuch.rpc.throttle import Throttle
from howmuch.runtime.networks import networks_of
from howmuch.usecases.tokens import hash_token
from howmuch.usecases.validation import check_email

SITE_FACTOR = 8
"""How many times the limit of a /64 a /48 has."""

SLOW_LIMIT = "1 per minute"
"""Tries of one network at an account that has failed too often from everywhere."""


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How often the methods may be called, such as `10 per minute`.

    by_peer: from one network. by_account: for one e-mail address from one network; of log_in, only failures
    count. log_in_by_account also limits password changes and deletions of one session, reset_by_account its
    requests to verify or change the address. slow_log_in_of_account: failures of one account from everywhere,
    beyond which each network has SLOW_LIMIT.
    """

    sign_up_by_peer: str = "60 per hour"
    log_in_by_peer: str = "100 per minute"
    log_in_by_account: str = "10 per minute"
    slow_log_in_of_account: str = "100 per hour"
    reset_by_peer: str = "30 per hour"
    reset_by_account: str = "5 per hour"
    link_by_peer: str = "60 per minute"


@dataclass(frozen=True, slots=True)
class _Rule:
    """keys: by which a request counts; none of them may be beyond the limit of its place in the order."""

    name: str
    limits: tuple[RateLimitItem, ...]
    keys: Callable[[Any], tuple[str, ...]]

    def counted(self, request: Any) -> Iterator[tuple[RateLimitItem, str]]:
        return zip(self.limits, self.keys(request), strict=False)


def _by_network(limit: str) -> tuple[RateLimitItem, ...]:
    """The limits of the networks of `networks_of`."""
    item = parse(limit)
    return item, type(item)(item.amount * SITE_FACTOR, item.multiples, item.namespace)


def _peer(_request: Any) -> tuple[str, ...]:
    return networks_of(current_call().peer)


def _account(request: Any) -> str:
    # One address has many spellings; the account is looked up by this one.
    try:
        return check_email(request.email, "email")
    except InvalidArgument:
        return str(request.email)


def _account_and_peer(request: Any) -> tuple[str, ...]:
    account = _account(request)
    return tuple(f"{account} {network}" for network in _peer(request))


def _session(_request: Any) -> tuple[str, ...]:
    """The token as the session is looked up by it. A call without one is refused soon, and not counted."""
    token = bearer_token(current_call())
    return (hash_token(token).hex(),) if token else ()


def _rules(limits: RateLimits) -> Mapping[str, tuple[_Rule, ...]]:
    link = _Rule("link_peer", _by_network(limits.link_by_peer), _peer)
    log_in = _Rule("log_in_peer", _by_network(limits.log_in_by_peer), _peer)
    reset = _Rule("reset_peer", _by_network(limits.reset_by_peer), _peer)
    password = _Rule("password_session", (parse(limits.log_in_by_account),), _session)
    verify = _Rule("verify_session", (parse(limits.reset_by_account),), _session)
    of_account = _by_network(limits.reset_by_account)
    return {
        "SignUp": (_Rule("sign_up_peer", _by_network(limits.sign_up_by_peer), _peer),),
        "LogIn": (log_in,),
        "RequestPasswordReset": (reset, _Rule("reset_account", of_account, _account_and_peer)),
        "ChangePassword": (log_in, password),
        "DeleteMe": (log_in, password),
        "RequestEmailVerification": (reset, verify),
        "RequestEmailChange": (log_in, reset, password, verify),
        "ResetPassword": (link,),
        "VerifyEmail": (link,),
        "ShowVerifyEmail": (link,),
        "ShowResetPassword": (link,),
        "ConfirmEmailChange": (link,),
        "UndoEmailChange": (link,),
        "ShowConfirmEmailChange": (link,),
        "ShowUndoEmailChange": (link,),
        "GetInvitation": (link,),
        "ShowInvitation": (link,),
    }


class RateLimitInterceptor(MethodInterceptor):
    """Refuses calls beyond the limits."""

    def __init__(self, methods: dict[str, Method], limits: RateLimits, throttle: Throttle) -> None:
        super().__init__(methods)
        self._throttle = throttle
        self.set_limits(limits)

    def set_limits(self, limits: RateLimits) -> None:
        """Applies from the next call on. An unchanged limit keeps its count; a new one starts at zero."""
        self._rules = _rules(limits)
        self._failures = _Rule(
            "log_in_account", _by_network(limits.log_in_by_account), _account_and_peer
        )
        self._slow = _Rule("slow_log_in", _by_network(SLOW_LIMIT), _account_and_peer)
        self._all_failures = parse(limits.slow_log_in_of_account)

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Before anything expensive: a hash, a transaction, a mail."""
        name = method.path.rpartition("/")[2]
        if name not in self._rules:
            return behavior
        logs_in = name == "LogIn"

        def limited(request: Any, context: grpc.ServicerContext, *send: Any) -> Any:
            if logs_in:
                # Nothing but an address: people type passwords into the wrong field.
                with suppress(InvalidArgument):
                    current_call().account = check_email(request.email, "email")
            for rule in self._rules[name]:
                self._count(rule, request)
            if not logs_in:
                return behavior(request, context, *send)
            self._check_failures(request)
            try:
                return behavior(request, context, *send)
            except Unauthenticated:
                self._count_failure(request)
                raise

        return limited

    def _count(self, rule: _Rule, request: Any) -> None:
        for limit, key in rule.counted(request):
            if not self._throttle.hit(limit, rule.name, key):
                raise self._too_often(rule.name, limit, key)

    def _check_failures(self, request: Any) -> None:
        """Refuses a log-in to an account at which this network has failed too often."""
        rule = self._failures
        for limit, key in rule.counted(request):
            if not self._throttle.is_free(limit, rule.name, key):
                raise self._too_often(rule.name, limit, key)
        if not self._throttle.is_free(self._all_failures, "log_in_failures", _account(request)):
            self._count(self._slow, request)

    def _count_failure(self, request: Any) -> None:
        for limit, key in self._failures.counted(request):
            self._throttle.hit(limit, self._failures.name, key)
        self._throttle.hit(self._all_failures, "log_in_failures", _account(request))

    def _too_often(self, name: str, limit: RateLimitItem, key: str) -> ResourceExhausted:
        now = current_call().now.timestamp()
        seconds = max(1.0, self._throttle.free_at(limit, name, key) - now)
        return ResourceExhausted(
            "TOO_MANY_REQUESTS",
            f"Too many tries: at most {limit}. Try again in {seconds:.0f} seconds.",
            retry_after_seconds=seconds,
            metadata={"limit": str(limit)},
        )
