"""Real things for the requests that schemathesis makes up, so that they get past the first check of an id.

Of a request that is as documented, some parts are replaced: ids by those of things that there are, and
in a share of them the body by one that fits the event. What is wrong on purpose stays as it is.
"""

import itertools
import random
import re
from dataclasses import dataclass
from typing import Any, TypeGuard
from urllib.parse import unquote

import grpc
from schemathesis import Case, HookContext, Response
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase
from schemathesis.schemas import BaseSchema

from howmuch.v1 import event_pb2
from howmuch.v1 import event_service_pb2 as es
from tests.contract.engine import SEED
from tests.rest.transcoding import HttpForm, http_form
from tests.service.api import Api, Person
from tests.service.requests import FACTORIES
from tests.service.world import World

ENDS_A_SESSION = {"LogOut", "RevokeSession", "ChangePassword", "ResetPassword", "DeleteMe"}
"""Somebody new calls these: whoever calls all others stays signed in."""

NEEDS_ITS_OWN = {
    "DeleteEvent",
    "UndeleteEvent",
    "ArchiveEvent",
    "UnarchiveEvent",
    "RemoveMember",
    "RevokeInvitation",
    "DeleteExpense",
    "UndeleteExpense",
    "RestoreExpenseVersion",
}
"""Each of these leaves an event in which the next one would find nothing left to do."""

USES_OF_A_WORLD = 8
"""Requests that change an event until the next ones get another."""

_REAL_ID = re.compile(r"[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}")
_PREPARED_SHARE = 0.8


@dataclass(frozen=True)
class OwnerOf(Person):
    """Somebody whose next event is one that there is already."""

    event_id: str = ""

    def event(self, **fields: Any) -> event_pb2.Event:
        """That event."""
        return self.events.GetEvent(es.GetEventRequest(event_id=self.event_id))


class Prepared:
    """The hooks of schemathesis, and what they take from. owner: who calls."""

    def __init__(self, api: Api, owner: Person) -> None:
        self._api = api
        self._owner = owner
        self._chance = random.Random(SEED)
        self._worlds: dict[str, tuple[World, int]] = {}
        self._etags: dict[str, str] = {}
        self._numbers = itertools.count()

    def register(self, schema: BaseSchema) -> None:
        """Registers the hooks."""

        @schema.hooks.hook
        def map_case(context: HookContext, case: Case[Any]) -> Case[Any]:
            self._prepare(case)
            return case

        @schema.hooks.hook
        def after_call(context: HookContext, case: Case[Any], response: Response) -> None:
            # To ask later whether what was read is still right.
            if case.method == "GET" and "etag" in response.headers:
                self._etags[case.formatted_path] = response.headers["etag"][0]

    def _prepare(self, case: Case[Any]) -> None:
        assert case.meta is not None
        _, method, *binding = case.operation.definition.raw["operationId"].split("_")
        in_sequence = case.meta.phase.name == TestPhase.STATEFUL
        world = self._world(method)
        if method in ENDS_A_SESSION:
            own = f"Bearer {self._owner.token}"
            if case.headers.get("Authorization") == own:
                case.headers["Authorization"] = f"Bearer {world.owner.token}"
        # The requests that are prepared are those of the first binding.
        if binding or (not in_sequence and self._chance.random() > _PREPARED_SHARE):
            return
        event_id = case.path_parameters.get("eventId")
        try:
            if in_sequence and _is_real(event_id):
                # An event that a step before has answered is what a sequence is about.
                world = World(self._api, OwnerOf(**vars(self._owner), event_id=event_id))
            form = http_form(method, FACTORIES[method](world, "owner"))
        except grpc.RpcError:
            return  # The event is archived or deleted, or an example of the document.
        if _is_sound(case, ParameterLocation.PATH):
            self._put_path(case, form, keep_real=in_sequence)
        if case.method == form.verb:
            self._put_headers(case)
            # Hypothesis wants the same steps to end in the same way.
            kind = "all" if in_sequence else self._chance.choice(("as it is", "ids", "all"))
            self._put_rest(case, kind, form, world)

    def _world(self, method: str) -> World:
        if method in ENDS_A_SESSION:
            return World(self._api, self._api.person("Leaving"))
        world, uses = self._worlds.get(method, (None, 0))
        if world is None or uses == USES_OF_A_WORLD or method in NEEDS_ITS_OWN:
            world, uses = World(self._api, self._owner), 0
        self._worlds[method] = world, uses + 1
        return world

    def _put_path(self, case: Case[Any], form: HttpForm, *, keep_real: bool) -> None:
        names = re.findall(r"\{(\w+)\}", case.path)
        pattern = re.sub(r"\\\{\w+\\\}", "([^/]+)", re.escape(case.path))
        found = re.fullmatch(pattern, form.path)
        assert found is not None, (case.path, form.path)
        put = dict(zip(names, map(unquote, found.groups()), strict=True))
        kept = case.path_parameters.items() if keep_real else ()
        case.path_parameters = put | {name: value for name, value in kept if _is_real(value)}

    def _put_headers(self, case: Case[Any]) -> None:
        if not _is_sound(case, ParameterLocation.HEADER):
            return
        # Made up, it is a version that nothing ever had.
        case.headers.pop("If-Match", None)
        if "Idempotency-Key" in case.headers:
            # The same one again belongs to another request.
            case.headers["Idempotency-Key"] = f"key-{next(self._numbers)}"
        if case.method == "GET" and (etag := self._etags.get(case.formatted_path)):
            case.headers["If-None-Match"] = etag

    def _put_rest(self, case: Case[Any], kind: str, form: HttpForm, world: World) -> None:
        if kind == "all" and _is_sound(case, ParameterLocation.QUERY):
            case.query = dict(form.query)
        if case.body and _is_sound(case, ParameterLocation.BODY):
            if kind == "ids":
                case.body = self._with_ids(case.body, world)
            elif kind == "all" and form.body is not None:
                case.body = form.body

    def _with_ids(self, value: Any, world: World) -> Any:
        """A body with members who are in the event."""
        if isinstance(value, list):
            return [self._with_ids(part, world) for part in value]
        if not isinstance(value, dict):
            return value
        members = [world.member_id("owner"), world.guest]
        put: dict[str, Any] = {}
        for name, part in value.items():
            if name == "memberId":
                put[name] = self._chance.choice(members)
            elif name == "memberIds":
                put[name] = members
            elif name not in ("eventId", "etag"):
                put[name] = self._with_ids(part, world)
        return put


def _is_real(value: Any) -> TypeGuard[str]:
    """Whether it is an id that the server made."""
    return isinstance(value, str) and _REAL_ID.fullmatch(value) is not None


def _is_sound(case: Case[Any], location: ParameterLocation) -> bool:
    """Whether a part of a request is as documented."""
    return case.meta is not None and not case.meta.is_negative_at(location)
