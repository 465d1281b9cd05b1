"""What is left of an account that was deleted, and who sees a mute."""

import datetime as dt
from pathlib import Path

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from sqlalchemy import insert, select, update

from howmuch.storage import tables
from howmuch.storage.database import Database
from howmuch.usecases.idempotency import KEPT as IDEMPOTENCY_KEPT
from howmuch.usecases.purge import DEAD_LETTERS_KEPT, purge
from howmuch.v1 import event_pb2, user_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import user_service_pb2 as us
from tests.databases import closing_database, new_sqlite_url
from tests.service.api import DELETE_ME, Api, Person, failure
from tests.service.world import contents

HOUR = dt.timedelta(hours=1)


def mute(person: Person, event: event_pb2.Event, *, muted: bool = True) -> event_pb2.Member:
    member = event_pb2.Member(event_id=event.id, id=event.member_id, muted=muted)
    request = es.UpdateMemberRequest(member=member, update_mask=FieldMask(paths=["muted"]))
    return person.events.UpdateMember(request)


def places(database: Database, text: str) -> set[str]:
    """The tables in which a text is."""
    as_hex = text.encode().hex()
    return {
        name
        for name, rows in contents(database).items()
        if any(text in row or as_hex in row for row in rows)
    }


def test_deleted_account_leaves_no_name_and_no_address(own_api: Api) -> None:
    """At once in its own rows; in answers to others, dead letters and invitations within the stated time."""
    api, database = own_api, own_api.database
    ana, leaver = api.person("Ana"), api.person("Xquenda")
    event = ana.event()
    key = (("idempotency-key", "k"),)
    mine = leaver.join(ana, event.id).member_id
    leaver.users.UpdateMe(us.UpdateMeRequest(user=user_pb2.User(name="Xquenda")), metadata=key)
    member = event_pb2.Member(event_id=event.id, id=mine, weight=2)
    ana.events.UpdateMember(es.UpdateMemberRequest(member=member), metadata=key)
    ana.events.CreateInvitation(
        es.CreateInvitationRequest(event_id=event.id, email=leaver.email),
        metadata=(("idempotency-key", "k2"),),
    )
    api.nobody().users.RequestPasswordReset(us.RequestPasswordResetRequest(email=leaver.email))
    now = dt.datetime.now(dt.UTC)
    with database.begin() as connection:
        connection.execute(
            insert(tables.dead_letters),
            {
                "routing_key": "account.reset",
                "payload": {"email": leaver.email, "delivery_id": "dlv_1"},
                "attempts": 1,
                "error": f"550 no mailbox {leaver.email}"[:500],
                "create_time": now,
                "dead_time": now,
            },
        )
    assert {"idempotency_keys", "invitations", "dead_letters"} <= places(database, leaver.email)
    leaver.users.DeleteMe(DELETE_ME, metadata=(("idempotency-key", "k3"),))
    left = places(database, "Xquenda") | places(database, leaver.email)
    assert left <= {"idempotency_keys", "dead_letters", "outbox"}
    with database.begin() as connection:
        mine_left = select(tables.idempotency_keys).where(
            tables.idempotency_keys.c.user_id == leaver.user_id
        )
        assert connection.execute(mine_left).all() == []
        purge(connection, now + IDEMPOTENCY_KEPT + HOUR)
    left = places(database, "Xquenda") | places(database, leaver.email)
    assert left <= {"dead_letters", "outbox"}
    with database.begin() as connection:
        purge(connection, now + DEAD_LETTERS_KEPT + HOUR)
    assert "dead_letters" not in places(database, leaver.email)


@pytest.mark.parametrize(
    "ended",
    [{"revoke_time": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, {"use_count": 1}, {}],
    ids=["revoked", "used up", "expired"],
)
def test_invitation_that_has_ended_forgets_its_address(
    own_api: Api, ended: dict[str, object]
) -> None:
    """Of a person who may never have had an account."""
    ana = own_api.person("Ana")
    event = ana.event()
    address = f"guest-of-{event.id}@example.com"
    request = es.CreateInvitationRequest(event_id=event.id, email=address, ttl=Duration(seconds=60))
    invitation = ana.events.CreateInvitation(request)
    of_id = tables.invitations.c.id == invitation.id
    now = dt.datetime.now(dt.UTC)
    with own_api.database.begin() as connection:
        purge(connection, now)
        email = select(tables.invitations.c.email).where(of_id)
        assert connection.execute(email).scalar_one() == address
        if ended:
            connection.execute(update(tables.invitations).where(of_id).values(ended))
        purge(connection, now if ended else now + HOUR)
        assert connection.execute(email).scalar_one() == ""


def test_mute_is_seen_by_its_member_alone(api: Api) -> None:
    """In lists, in answers to other members, and by the history, which has no trace of it."""
    ana, bo = api.person("Ana"), api.person("Bo")
    event = bo.join(ana, ana.event().id)
    before = ana.revision(event.id)
    assert mute(bo, event).muted
    assert ana.revision(event.id) == before
    members = es.ListMembersRequest(event_id=event.id)
    for person, seen in ((ana, []), (bo, [event.member_id])):
        found = person.events.ListMembers(members).members
        assert [member.id for member in found if member.muted] == seen
    member = event_pb2.Member(event_id=event.id, id=event.member_id, weight=2)
    assert not ana.events.UpdateMember(es.UpdateMemberRequest(member=member)).muted
    changes = ana.events.ListChanges(es.ListChangesRequest(event_id=event.id)).changes
    assert not any(c.after.member.muted or c.before.member.muted for c in changes)
    assert not mute(bo, event, muted=False).muted


def test_archived_event_is_muted_and_left(api: Api) -> None:
    """By its members, and nothing else is changed in it."""
    ana, bo, cy = api.person("Ana"), api.person("Bo"), api.person("Cy")
    event = bo.join(ana, ana.event().id)
    cys = cy.join(ana, event.id)
    ana.events.ArchiveEvent(es.ArchiveEventRequest(event_id=event.id))
    assert mute(bo, event).muted
    both = event_pb2.Member(event_id=event.id, id=event.member_id, muted=False, name="B")
    failed = failure(bo.events.UpdateMember, es.UpdateMemberRequest(member=both))
    assert failed.reason == "EVENT_ARCHIVED"
    of_other = es.RemoveMemberRequest(event_id=event.id, member_id=cys.member_id)
    assert failure(ana.events.RemoveMember, of_other).reason == "EVENT_ARCHIVED"
    bo.events.RemoveMember(es.RemoveMemberRequest(event_id=event.id, member_id=event.member_id))
    assert failure(bo.events.GetEvent, es.GetEventRequest(event_id=event.id)).code == "NOT_FOUND"


def test_sqlite_files_are_private(tmp_path: Path) -> None:
    """In a directory that everybody may read: a new database, and one that others could read until now."""
    tmp_path.chmod(0o755)
    old = new_sqlite_url(tmp_path)
    for file in tmp_path.iterdir():
        file.chmod(0o644)
    for url in (old, f"sqlite:///{tmp_path / 'new.db'}"):
        with closing_database(url) as database, database.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE t (a)")
            modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
            assert any(name.endswith("-wal") for name in modes)
            assert set(modes.values()) == {0o600}, modes
