"""How requests that must be refused are written down, and the world that they are sent to.

BASE has, for each method with a request, one request that is accepted; a case changes a few fields
of it. Strings that begin with `$` stand for ids and tokens of the world.
"""

import base64
import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from howmuch.rpc.methods import SERVICES
from howmuch.v1 import event_pb2
from tests.service.api import Api, Person
from tests.service.world import mail_token, mailed_token

PASSWORD = "a password of hers"
UNKNOWN = "01m82xvzrxef69kx02yh9gxa07"

METHODS = {
    method.name: (service.name.removesuffix("Service").lower() + "s", method)
    for service in SERVICES
    for method in service.methods
}
WITH_REQUEST = {name for name, (_, method) in METHODS.items() if method.input_type.fields}

_IN_EVENT: dict[str, Any] = {"event_id": "$event"}
_OF_EXPENSE: dict[str, Any] = {"event_id": "$event", "expense_id": "$expense"}
EXPENSE: dict[str, Any] = {
    "reason": "Dinner",
    "date": "2026-11-22",
    "amount": "10.00",
    "payments": [{"member_id": "$ana"}],
    "split": {"equal": {"member_ids": ["$ana", "$bo"]}},
}

# What ends things comes last.
BASE: dict[str, dict[str, Any]] = {
    "SignUp": {"email": "new@example.com", "password": PASSWORD, "name": "New"},
    "LogIn": {"email": "$email", "password": PASSWORD},
    "ShowVerifyEmail": {"token": "$verify_token"},
    "VerifyEmail": {"token": "$verify_token"},
    "ShowConfirmEmailChange": {"token": "$change_token"},
    "ShowUndoEmailChange": {"token": "$undo_token"},
    "RequestEmailChange": {"email": "ana.3@example.com", "password": PASSWORD},
    "ShowUnsubscribe": {"token": "$mail_token", "event_id": "$event"},
    "ListSessions": {},
    "UpdateMe": {"user": {"name": "Ana"}},
    "CreateEvent": {"event": {"name": "Porto"}},
    "GetMyOverview": {},
    "ListMyChanges": {},
    "MarkSeen": _IN_EVENT,
    "SearchEvents": {"text": "lisbon"},
    "ListCurrencies": {},
    "ListCategories": {},
    "GetEvent": _IN_EVENT,
    "ListEvents": {},
    "UpdateEvent": {"event": {"id": "$event", "name": "Porto"}},
    "AddMember": {**_IN_EVENT, "name": "Eva"},
    "ListMembers": _IN_EVENT,
    "UpdateMember": {"member": {"event_id": "$event", "id": "$bo", "name": "Bob"}},
    "CreateInvitation": _IN_EVENT,
    "ListInvitations": _IN_EVENT,
    "GetInvitation": {"token": "$invitation_token"},
    "ShowInvitation": {"token": "$invitation_token"},
    "AcceptInvitation": {"token": "$invitation_token"},
    "GetBalances": _IN_EVENT,
    "ExplainDebt": {**_IN_EVENT, "from_member_id": "$ana", "to_member_id": "$bo"},
    "GetSettlement": _IN_EVENT,
    "GetTotals": _IN_EVENT,
    "ListChanges": _IN_EVENT,
    "WatchEvent": _IN_EVENT,
    "CreateExpense": {**_IN_EVENT, "expense": EXPENSE},
    "BatchCreateExpenses": {**_IN_EVENT, "expenses": [EXPENSE]},
    "GetExpense": _OF_EXPENSE,
    "ListExpenses": _IN_EVENT,
    "UpdateExpense": {"expense": {"event_id": "$event", "id": "$expense", "reason": "Lunch"}},
    "ListExpenseVersions": _OF_EXPENSE,
    "RestoreExpenseVersion": {**_OF_EXPENSE, "version": 1},
    "DuplicateExpense": _OF_EXPENSE,
    "ListRecentlyUsed": _IN_EVENT,
    "AddComment": {**_OF_EXPENSE, "text": "With the tip?"},
    "ListComments": _OF_EXPENSE,
    "DeleteComment": {**_OF_EXPENSE, "comment_id": "$comment"},
    "DeleteExpense": _OF_EXPENSE,
    "UndeleteExpense": {"event_id": "$event", "expense_id": "$deleted_expense"},
    "RevokeInvitation": {**_IN_EVENT, "invitation_id": "$invitation"},
    "RemoveMember": {**_IN_EVENT, "member_id": "$cy"},
    "ArchiveEvent": _IN_EVENT,
    "UnarchiveEvent": _IN_EVENT,
    "DeleteEvent": _IN_EVENT,
    "UndeleteEvent": {"event_id": "$deleted_event"},
    "RevokeSession": {"session_id": "$session"},
    "Unsubscribe": {"token": "$mail_token", "event_id": "$event"},
    "ShowResetPassword": {"token": "$reset_token"},
    "ResetPassword": {"token": "$reset_token", "new_password": PASSWORD},
    "ConfirmEmailChange": {"token": "$change_token"},
    "UndoEmailChange": {"token": "$undo_token"},
    "ChangePassword": {"current_password": PASSWORD, "new_password": PASSWORD + "!"},
    "DeleteMe": {"password": PASSWORD},
    "RequestPasswordReset": {"email": "$email"},
}


@dataclass(frozen=True)
class Case:
    """A request that is refused: the fields that are wrong, and what the refusal says.

    change: path of a field to its value; `...` clears it. text: part of what the violation of
    `field` says, and where `field` is empty, of the message.
    """

    rpc: str
    change: Mapping[str, Any]
    reason: str
    field: str
    text: str
    code: str = "INVALID_ARGUMENT"
    caller: str = "ana"
    headers: tuple[tuple[str, str], ...] = ()


def rule(
    rpc: str, path: str, *rows: tuple[Any, str, str], also: Mapping[str, Any] | None = None
) -> list[Case]:
    """Cases of one field: value, reason, text. also: other fields that it takes."""
    return [
        Case(rpc, {**(also or {}), path: value}, reason, path, text) for value, reason, text in rows
    ]


def refused(
    rpc: str, change: Mapping[str, Any], code: str, reason: str, text: str, **more: Any
) -> Case:
    """A request in good form that is refused for another cause than its form."""
    return Case(rpc, change, reason, "", text, code, **more)


@dataclass(frozen=True)
class World:
    """People who call, and what `$` names stand for."""

    people: Mapping[str, Person]
    names: dict[str, str]

    def request(self, rpc: str, change: Mapping[str, Any] | None = None) -> Message:
        """The method's accepted request with some fields changed."""
        fields = copy.deepcopy(BASE.get(rpc, {}))
        for path, value in (change or {}).items():
            _put(fields, path.split("."), value)
        return self.build(rpc, fields)

    def build(self, rpc: str, fields: Mapping[str, Any]) -> Message:
        """The method's request with these fields, its `$` names filled in."""
        return GetMessageClass(METHODS[rpc][1].input_type)(**self._filled(fields))

    def send(self, rpc: str, request: Message, caller: str = "ana", **options: Any) -> Any:
        """The answer; of a stream the first message."""
        service, method = METHODS[rpc]
        answer = getattr(getattr(self.people[caller], service), rpc)(request, **options)
        if not method.server_streaming:
            return answer
        try:
            return next(answer)
        finally:
            answer.cancel()

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith("$"):
            return self.names.get(value[1:], value)
        if isinstance(value, dict):
            return {name: self._filled(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self._filled(part) for part in value]
        return value


def _put(fields: Any, path: list[str], value: Any) -> None:
    *way, last = path
    for name in way:
        fields = fields[int(name)] if isinstance(fields, list) else fields.setdefault(name, {})
    if isinstance(fields, list):
        fields[int(last)] = value
    elif value is ...:
        fields.pop(last, None)
    else:
        fields[last] = value


def make_world(api: Api) -> World:
    """An event of Ana's with guests, expenses and invitations, and people outside of it."""
    ana, names = _sign_up(api)
    people = {"ana": ana, "nobody": api.nobody(), "forged": api.caller("x" * 43)}
    people |= {name: api.person(name) for name in ("stranger", "viewer", "editor")}
    world = World(people, names)
    event = ana.event()
    guests = [ana.guest(event.id, name) for name in ("Bo", "Cy", "Di")]
    names |= {"event": event.id, "ana": event.member_id}
    names |= dict(zip(("bo", "cy", "left"), (guest.id for guest in guests), strict=True))
    for name, role in (("viewer", event_pb2.ROLE_VIEWER), ("editor", event_pb2.ROLE_EDITOR)):
        people[name].join(ana, event.id, role)
    names["expense"] = world.send("CreateExpense", world.request("CreateExpense")).id
    world.send("CreateExpense", world.request("CreateExpense"))
    settled = {
        "expense.split": {"equal": {"member_ids": ["$left"]}},
        "expense.payments": [{"member_id": "$left"}],
    }
    names["deleted_expense"] = world.send(
        "CreateExpense", world.request("CreateExpense", settled)
    ).id
    world.send("DeleteExpense", world.request("DeleteExpense", {"expense_id": "$deleted_expense"}))
    world.send("RemoveMember", world.request("RemoveMember", {"member_id": "$left"}))
    for prefix, change in (("", {"max_uses": 5}), ("bos_", {"member_id": "$bo"})):
        invitation = world.send("CreateInvitation", world.request("CreateInvitation", change))
        names |= {
            f"{prefix}invitation": invitation.id,
            f"{prefix}invitation_token": invitation.token,
        }
    deleted, _, other = ana.event(), ana.event(), people["stranger"].event()
    world.send("DeleteEvent", world.request("DeleteEvent", {"event_id": deleted.id}))
    names |= {"deleted_event": deleted.id, "other_event": other.id, "other_member": other.member_id}
    names["other_expense"] = (
        people["stranger"].spend(other.id, other.member_id, "1.00", other.member_id).id
    )
    names["comment"] = world.send("AddComment", world.request("AddComment")).id
    viewers = world.send("AddComment", world.request("AddComment"), "viewer")
    names["comment_of_viewer"] = viewers.id
    _take_tokens(world)
    return world


def _sign_up(api: Api) -> tuple[Person, dict[str, str]]:
    """Ana, by the front door, and the secrets that were mailed to her."""
    email = api.person("ana").email.replace("@", ".2@")
    nobody = World({"nobody": api.nobody()}, {"email": email})
    nobody.send("SignUp", nobody.request("SignUp", {"email": email}), "nobody")
    opened, other = (nobody.send("LogIn", nobody.request("LogIn"), "nobody") for _ in "12")
    names = {
        "email": email,
        "session": other.session.id,
        "verify_token": mailed_token(api, opened.user.id, "VERIFY_EMAIL"),
        "change_token": mailed_token(api, opened.user.id, "CHANGE_EMAIL"),
        "undo_token": mailed_token(api, opened.user.id, "UNDO_EMAIL"),
        "reset_token": mailed_token(api, opened.user.id, "RESET_PASSWORD"),
        "mail_token": mail_token(api, opened.user.id),
    }
    return api.caller(opened.token, user_id=opened.user.id, name="New", email=email), names


def _take_tokens(world: World) -> None:
    """Real page tokens, and some whose query is right and whose key is not."""
    for rpc in ("ListMembers", "ListChanges", "ListExpenses", "GetMyOverview", "ListMyChanges"):
        page = world.send(rpc, world.request(rpc, {"page_size": 1}))
        world.names[rpc] = page.next_page_token
    world.send("UpdateExpense", world.request("UpdateExpense"))
    rpc = "ListExpenseVersions"
    page = world.send(rpc, world.request(rpc, {"page_size": 1}))
    world.names[rpc] = page.next_page_token
    for name, of, *keys in (
        ("word", "ListChanges", "abc"),
        ("huge", "ListChanges", "9" * 30),
        ("negative", "ListChanges", "-1"),
        ("word", rpc, "abc"),
        ("digits", rpc, "9" * 5000),
        ("day", "ListExpenses", "yesterday", "x"),
        ("surrogate", "ListExpenses", "2026-11-22", "\ud800"),
        ("nul", "ListExpenses", "2026-11-22", "\0"),
        ("surrogate", "ListMembers", "\udfff"),
        ("flag", "GetMyOverview", "2", "x"),
        ("day", "ListMyChanges", "yesterday", "x", "1"),
        ("early", "ListMyChanges", "0001-01-01T00:00:00+14:00", "x", "1"),
        ("huge", "ListMyChanges", "2026-01-01T00:00:00+00:00", "x", "9" * 30),
        ("way", "ListMembers", "!", "x"),
    ):
        query, *_ = json.loads(base64.urlsafe_b64decode(world.names[of]))
        forged = base64.urlsafe_b64encode(json.dumps([query, *keys]).encode()).decode()
        world.names[f"{of}_{name}"] = forged
