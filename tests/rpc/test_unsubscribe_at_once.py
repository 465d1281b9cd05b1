"""Mails that are ended while somebody else writes to the same member."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from howmuch.rpc.grpc_server import GrpcServer
from howmuch.storage.database import Database
from howmuch.usecases.event_writes import lock_event
from howmuch.usecases.member_rows import read_member, update_member_row
from howmuch.v1 import user_service_pb2 as us
from tests.rpc.running import wait_for_waiting
from tests.service.api import Api
from tests.service.world import mail_token


def test_muting_is_not_lost_to_a_writer_of_the_member(
    database: Database, server: tuple[GrpcServer, Api], pool: ThreadPoolExecutor
) -> None:
    """Who renames a member writes its whole row, as it was before: the mute waits and comes after."""
    _, api = server
    ana = api.person()
    event = ana.event()
    request = us.UnsubscribeRequest(token=mail_token(api, ana.user_id), event_id=event.id)
    with database.begin() as connection:
        lock_event(connection, event.id)
        before = read_member(connection, event.id, event.member_id)
        muting = pool.submit(api.nobody().users.Unsubscribe, request)
        wait_for_waiting(database, 1)
        update_member_row(connection, replace(before, own_name="Anna"))
    muting.result(timeout=30)
    with database.read() as connection:
        after = read_member(connection, event.id, event.member_id)
    assert (after.name, after.muted) == ("Anna", True)
