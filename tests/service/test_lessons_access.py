"""Faults that hurt users of other systems, and how this one does not have them: access, lost updates."""

from contextlib import contextmanager
from typing import Any

import pytest
from google.api import annotations_pb2

from howmuch.ids import EXPENSE, INVITATION, MEMBER, new_id
from howmuch.rpc.interceptors.rate_limit import RateLimits
from howmuch.rpc.methods import SERVICES, Method
from howmuch.v1 import event_pb2, expense_pb2, user_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from howmuch.v1 import user_service_pb2 as us
from tests.service.api import Api, Person, failure
from tests.service.conftest import UNLIMITED, serve
from tests.service.requests import FACTORIES, METHODS, call, name_of, set_field
from tests.service.world import PASSWORD, World, contents

KINDS = {"member": MEMBER, "invitation": INVITATION, "expense": EXPENSE}


def children() -> list[tuple[Method, str]]:
    """Methods whose path names something in an event, and the field that does."""
    found = []
    for descriptor in (method for service in SERVICES for method in service.methods):
        rule = descriptor.GetOptions().Extensions[annotations_pb2.http]
        variables = getattr(rule, rule.WhichOneof("pattern")).split("{")[1:]
        if len(variables) == 2:
            method = METHODS[f"/{descriptor.containing_service.full_name}/{descriptor.name}"]
            found.append((method, variables[1].partition("}")[0]))
    return found


@pytest.mark.parametrize(
    ("method", "field"), children(), ids=lambda value: getattr(value, "path", value)
)
def test_l15_a_child_of_another_event_is_not_found(api: Api, method: Method, field: str) -> None:
    """What lies in another event of the same owner answers as what is nowhere."""
    world = World(api)
    other = World(api, world.owner)
    request = FACTORIES[name_of(method)](other, "owner")
    set_field(request, method.event_field, world.event_id)
    answers = set()
    kind = field.removesuffix("_id").removesuffix(".id")
    for child in (get_field(request, field), new_id(KINDS[kind])):
        set_field(request, field, child)
        failed = failure(lambda: call(world.owner, method, request))
        assert failed.details["ResourceInfo"].resource_name == child
        assert (failed.code, failed.reason) == ("NOT_FOUND", f"{kind.upper()}_NOT_FOUND")
        answers.add(failed.message.replace(child, "ID"))
    assert len(answers) == 1


def get_field(message: Any, path: str) -> str:
    """The value at a path."""
    for name in path.split("."):
        message = getattr(message, name)
    assert isinstance(message, str)
    return message


def test_l15_members_of_another_event_take_no_part(ana: Person) -> None:
    """Neither as payers nor in splits; and nobody can be invited to become one of them."""
    here, there = ana.event(), ana.event()
    stranger = ana.guest(there.id, "Bo").id
    for nobody in (stranger, new_id("mbr")):
        for payer, beneficiary in ((nobody, here.member_id), (here.member_id, nobody)):
            refused = failure(ana.spend, here.id, payer, "1.00", beneficiary)
            assert (refused.code, refused.reason) == ("INVALID_ARGUMENT", "MEMBER_UNKNOWN")
            assert refused.metadata == {"member_id": nobody}
        request = es.CreateInvitationRequest(event_id=here.id, member_id=nobody)
        assert failure(ana.events.CreateInvitation, request).code == "NOT_FOUND"
        listed = xs.ListExpensesRequest(event_id=here.id, member_id=nobody)
        assert not ana.expenses.ListExpenses(listed).expenses
    assert ana.revision(here.id) == 1


def test_l16_log_in_is_slowed_down(api: Api) -> None:
    """Known and unknown addresses get the same answers; after some tries also the right password waits."""
    limits = {field: getattr(UNLIMITED, field) for field in UNLIMITED.__slots__}
    limits |= {"log_in_by_account": "2 per minute", "reset_by_account": "1 per hour"}
    known = World(api)("stranger")
    World(api).set_password(known)
    with contextmanager(serve)(api.database, rate_limits=RateLimits(**limits)) as slow:
        users = slow.nobody().users
        answers = []
        for email in (known.email, "nobody@example.com"):
            wrong = us.LogInRequest(email=email, password="wrong password")
            answers.append([failure(users.LogIn, wrong) for _ in range(2)])
            right = us.LogInRequest(email=email.upper(), password=PASSWORD)
            too_often = failure(users.LogIn, right)
            assert (too_often.code, too_often.reason) == ("RESOURCE_EXHAUSTED", "TOO_MANY_REQUESTS")
            assert 0 < too_often.details["RetryInfo"].retry_delay.ToSeconds() <= 60
            forgot = us.RequestPasswordResetRequest(email=email)
            users.RequestPasswordReset(forgot)
            refused = failure(users.RequestPasswordReset, forgot)
            assert refused.code == "RESOURCE_EXHAUSTED"
    seen = {(f.code, f.reason, f.message, *f.metadata) for tries in answers for f in tries}
    assert [(code, reason) for code, reason, *_ in seen] == [
        ("UNAUTHENTICATED", "CREDENTIALS_WRONG")
    ]


def test_l18_a_stale_etag_changes_nothing(api: Api) -> None:
    """Whoever did not see the last change is told, with the etag there is now; nothing is written."""
    world = World(api)
    ana, event_id, made = world.owner, world.event_id, world.expense
    key = {"event_id": event_id, "expense_id": made.id}
    ana.expenses.UpdateExpense(world.update_of_expense())
    event, me = world.event, ana.users.GetMe(us.GetMeRequest())
    ana.events.UpdateEvent(es.UpdateEventRequest(event=event_pb2.Event(id=event_id, name="Oslo")))
    ana.users.UpdateMe(us.UpdateMeRequest(user=user_pb2.User(name="Anna")))
    edit = expense_pb2.Expense(event_id=event_id, id=made.id, reason="Mine", etag=made.etag)
    before = contents(api.database)
    stale = [
        lambda: ana.expenses.UpdateExpense(xs.UpdateExpenseRequest(expense=edit)),
        lambda: ana.expenses.DeleteExpense(xs.DeleteExpenseRequest(etag=made.etag, **key)),
        lambda: ana.expenses.UndeleteExpense(xs.UndeleteExpenseRequest(etag=made.etag, **key)),
        lambda: ana.expenses.RestoreExpenseVersion(
            xs.RestoreExpenseVersionRequest(etag=made.etag, version=1, **key)
        ),
        lambda: ana.events.UpdateEvent(es.UpdateEventRequest(event=event)),
        lambda: ana.events.DeleteEvent(es.DeleteEventRequest(event_id=event_id, etag=event.etag)),
        lambda: ana.users.UpdateMe(us.UpdateMeRequest(user=me)),
    ]
    for write in stale:
        failed = failure(write)
        assert (failed.code, failed.reason) == ("ABORTED", "ETAG_STALE")
        assert failed.metadata == {"etag": "v1", "current_etag": "v2"}
    assert contents(api.database) == before
