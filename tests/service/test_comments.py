"""Comments on expenses: who may, where they show, and what they leave alone."""

from typing import Any

import pytest
from sqlalchemy import insert

from howmuch.ids import COMMENT, new_id
from howmuch.storage.tables import comments
from howmuch.v1 import change_pb2, event_pb2, expense_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from tests.service.api import Api, Person, failure
from tests.service.world import World


@pytest.fixture
def world(api: Api) -> World:
    return World(api)


def of_expense(world: World) -> dict[str, Any]:
    return {"event_id": world.event_id, "expense_id": world.expense.id}


def add(world: World, who: str, text: str = "With the tip?") -> expense_pb2.Comment:
    request = xs.AddCommentRequest(**of_expense(world), text=text)
    return world(who).expenses.AddComment(request)


def delete(world: World, who: str, comment: expense_pb2.Comment) -> expense_pb2.Comment:
    request = xs.DeleteCommentRequest(**of_expense(world), comment_id=comment.id)
    return world(who).expenses.DeleteComment(request)


def texts(world: World) -> list[str]:
    request = xs.ListCommentsRequest(**of_expense(world))
    return [each.text for each in world.owner.expenses.ListComments(request).comments]


def test_every_member_may_comment(world: World) -> None:
    """Oldest first; the text keeps its line breaks, without spaces around it."""
    for who in ("owner", "viewer", "editor"):
        comment = add(world, who, f" Hello,\nsays {who} \n")
        assert comment.author_member_id == world.member_id(who)
        assert comment.expense_reason == world.expense.reason
    assert texts(world) == [f"Hello,\nsays {who}" for who in ("owner", "viewer", "editor")]


def test_only_the_author_may_delete_a_comment(world: World) -> None:
    """A deleted comment is gone from the list, and deleting it again changes nothing."""
    kept, gone = add(world, "viewer", "kept"), add(world, "viewer", "gone")
    failed = failure(lambda: delete(world, "owner", kept))
    assert (failed.code, failed.reason) == ("PERMISSION_DENIED", "COMMENT_OF_OTHERS")
    deleted = delete(world, "viewer", gone)
    revision = world.owner.revision(world.event_id)
    assert deleted.HasField("delete_time")
    assert delete(world, "viewer", gone) == deleted
    assert world.owner.revision(world.event_id) == revision
    assert texts(world) == ["kept"]


def test_comments_are_changes_of_the_event_and_not_of_the_expense(world: World) -> None:
    """They are in the history with their text; etag and versions of the expense stay."""
    before = world.expense
    comment = add(world, "viewer", "x" * 1_500)
    deleted = delete(world, "viewer", comment)
    request = es.ListChangesRequest(event_id=world.event_id)
    added, removed = world.owner.events.ListChanges(request).changes[-2:]
    assert (added.kind, removed.kind) == (
        change_pb2.CHANGE_KIND_COMMENT_ADDED,
        change_pb2.CHANGE_KIND_COMMENT_DELETED,
    )
    assert added.after.comment == comment == removed.before.comment
    assert removed.after.comment == deleted
    assert added.subject_id == comment.id
    expenses = world.owner.expenses
    assert expenses.GetExpense(xs.GetExpenseRequest(**of_expense(world))) == before
    versions = expenses.ListExpenseVersions(xs.ListExpenseVersionsRequest(**of_expense(world)))
    assert len(versions.versions) == 1


def test_comments_stay_when_a_version_is_restored(world: World) -> None:
    """Also while the expense is deleted, when members may still comment."""
    add(world, "viewer", "first")
    world.owner.expenses.DeleteExpense(xs.DeleteExpenseRequest(**of_expense(world)))
    add(world, "viewer", "why?")
    request = xs.RestoreExpenseVersionRequest(**of_expense(world), version=1)
    world.owner.expenses.RestoreExpenseVersion(request)
    assert texts(world) == ["first", "why?"]


def test_archived_event_takes_no_comment(world: World) -> None:
    add(world, "viewer")
    world.owner.events.ArchiveEvent(es.ArchiveEventRequest(event_id=world.event_id))
    assert failure(lambda: add(world, "viewer")).reason == "EVENT_ARCHIVED"
    assert len(texts(world)) == 1


def test_member_who_commented_stays_as_inactive(world: World) -> None:
    """Without any expense they would be deleted, and their comment with them."""
    comment = add(world, "viewer")
    mine = world.member_id("viewer")
    gone = es.RemoveMemberRequest(event_id=world.event_id, member_id=mine)
    world("viewer").events.RemoveMember(gone)
    request = es.ListMembersRequest(event_id=world.event_id, show_inactive=True)
    states = {m.id: m.state for m in world.owner.events.ListMembers(request).members}
    assert states[mine] == event_pb2.MEMBER_STATE_INACTIVE
    assert texts(world) == [comment.text]


def test_expense_has_a_largest_number_of_comments(world: World) -> None:
    """Deleted ones count, since they stay."""
    row: dict[str, Any] = {"event_id": world.event_id, "expense_id": world.expense.id, "text": "x"}
    now = world.expense.create_time.ToDatetime().astimezone()
    row |= {"author_member_id": world.member_id("owner"), "create_time": now, "delete_time": now}
    with world.api.database.begin() as connection:
        connection.execute(insert(comments), [{**row, "id": new_id(COMMENT)} for _ in range(1_000)])
    failed = failure(lambda: add(world, "owner"))
    assert (failed.code, failed.reason) == ("RESOURCE_EXHAUSTED", "TOO_MANY_COMMENTS")


def test_comments_of_an_unknown_expense_are_not_found(world: World, bo: Person) -> None:
    """Also those of an expense of another event."""
    event = bo.event()
    other = bo.spend(event.id, event.member_id, "1.00", event.member_id)
    request = xs.ListCommentsRequest(event_id=world.event_id, expense_id=other.id)
    failed = failure(lambda: world.owner.expenses.ListComments(request))
    assert (failed.code, failed.reason) == ("NOT_FOUND", "EXPENSE_NOT_FOUND")
    comment = add(world, "owner")
    elsewhere = xs.DeleteCommentRequest(
        event_id=world.event_id,
        expense_id=world.deleted_expense.id,
        comment_id=comment.id,
    )
    assert failure(lambda: world.owner.expenses.DeleteComment(elsewhere)).code == "NOT_FOUND"
