"""Limits how often a peer or account may try passwords, make accounts or ask for mails."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from limits import RateLimitItem, parse

from howmuch.errors import InvalidArgument, ResourceExhausted
from howmuch.rpc.call import current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.methods import Method
from howmuch.rpc.throttle import Throttle
from howmuch.usecases.validation import check_email


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How often the public methods may be called, such as `10 per minute`.

    by_peer: from one network address. by_account: for one e-mail address, from anywhere. log_in_by_account
    also limits password changes of one session, reset_by_account its verifications of the address.
    """

    sign_up_by_peer: str = "60 per hour"
    log_in_by_peer: str = "100 per minute"
    log_in_by_account: str = "10 per minute"
    reset_by_peer: str = "30 per hour"
    reset_by_account: str = "5 per hour"
    link_by_peer: str = "60 per minute"


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    limit: RateLimitItem
    key: Callable[[Any], str]


def _peer(_request: Any) -> str:
    return current_call().peer


def _account(request: Any) -> str:
    # One address has many spellings; the account is looked up by this one.
    try:
        return check_email(request.email, "email")
    except InvalidArgument:
        return str(request.email)


def _session(_request: Any) -> str:
    return current_call().header("authorization")


def _rules(limits: RateLimits) -> Mapping[str, tuple[_Rule, ...]]:
    link = _Rule("link_peer", parse(limits.link_by_peer), _peer)
    return {
        "SignUp": (_Rule("sign_up_peer", parse(limits.sign_up_by_peer), _peer),),
        "LogIn": (
            _Rule("log_in_peer", parse(limits.log_in_by_peer), _peer),
            _Rule("log_in_account", parse(limits.log_in_by_account), _account),
        ),
        "RequestPasswordReset": (
            _Rule("reset_peer", parse(limits.reset_by_peer), _peer),
            _Rule("reset_account", parse(limits.reset_by_account), _account),
        ),
        "ChangePassword": (_Rule("change_session", parse(limits.log_in_by_account), _session),),
        "RequestEmailVerification": (
            _Rule("verify_session", parse(limits.reset_by_account), _session),
        ),
        "ResetPassword": (link,),
        "VerifyEmail": (link,),
        "ShowVerifyEmail": (link,),
        "ShowResetPassword": (link,),
        "GetInvitation": (link,),
    }


class RateLimitInterceptor(MethodInterceptor):
    """Refuses calls beyond the limits."""

    def __init__(self, methods: dict[str, Method], limits: RateLimits, throttle: Throttle) -> None:
        super().__init__(methods)
        self._rules = _rules(limits)
        self._throttle = throttle

    def set_limits(self, limits: RateLimits) -> None:
        """Applies from the next call on. An unchanged limit keeps its count; a new one starts at zero."""
        self._rules = _rules(limits)

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Before anything expensive: a hash, a transaction, a mail."""
        name = method.path.rpartition("/")[2]
        if name not in self._rules:
            return behavior

        def limited(request: Any, context: grpc.ServicerContext, *send: Any) -> Any:
            for rule in self._rules[name]:
                key = rule.key(request)
                if not self._throttle.hit(rule.limit, rule.name, key):
                    raise self._too_often(rule, key)
            return behavior(request, context, *send)

        return limited

    def _too_often(self, rule: _Rule, key: str) -> ResourceExhausted:
        now = current_call().now.timestamp()
        seconds = max(1.0, self._throttle.free_at(rule.limit, rule.name, key) - now)
        return ResourceExhausted(
            "TOO_MANY_REQUESTS",
            f"Too many tries: at most {rule.limit}. Try again in {seconds:.0f} seconds.",
            retry_after_seconds=seconds,
            metadata={"limit": str(rule.limit)},
        )
