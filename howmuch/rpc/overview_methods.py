"""The methods of UserService that are about all events of the caller."""

import grpc
from google.protobuf.empty_pb2 import Empty

from howmuch.errors import Violations, invalid
from howmuch.ids import EVENT, check_id
from howmuch.ledger.money import format_amount
from howmuch.mail.wording import Wording
from howmuch.rpc.activity import members_of, told_message, wording_of
from howmuch.rpc.call import current_call
from howmuch.rpc.convert import CHANGE_KINDS, my_event_message
from howmuch.rpc.language import preferred_locale
from howmuch.rpc.mapping import timestamp
from howmuch.rpc.pages import page_of
from howmuch.usecases import activity, overview, seen
from howmuch.usecases.member_rows import read_names_for_user
from howmuch.usecases.paging import parse_page
from howmuch.v1 import change_pb2, overview_pb2, user_service_pb2


class OverviewMethods:
    """A part of UserServicer."""

    def GetMyOverview(
        self, request: user_service_pb2.GetMyOverviewRequest, context: grpc.ServicerContext
    ) -> overview_pb2.MyOverview:
        """Returns the caller's events with their balance in each."""
        call = current_call()
        most = overview.LARGEST_OVERVIEW
        page = parse_page(
            request.page_size,
            request.page_token,
            "overview",
            call.caller.user_id,
            keys=2,
            default=most,
        )
        found = overview.read_overview(call.connection, call.caller.user_id, page)
        listed, tokens = page_of(found, overview_message)
        message = overview_pb2.MyOverview(**tokens)
        for each in listed:
            archived = each.event.HasField("archive_time")
            (message.archived_events if archived else message.events).append(each)
        return message

    def ListMyChanges(
        self, request: user_service_pb2.ListMyChangesRequest, context: grpc.ServicerContext
    ) -> user_service_pb2.ListMyChangesResponse:
        """Lists the changes of all events of the caller."""
        call = current_call()
        user_id, largest = call.caller.user_id, activity.LARGEST_PAGE
        page = parse_page(
            request.page_size, request.page_token, "my changes", user_id, keys=3, largest=largest
        )
        found = activity.list_my_changes(call.connection, user_id, page)
        told = [each.change for each in found.rows]
        read = read_names_for_user(
            call.connection, user_id, {change.event_id for change in told}, members_of(told)
        )
        locale = preferred_locale(call.header("accept-language")) or read.locale
        wording = wording_of(locale, read.names)
        changes, tokens = page_of(found, lambda each: my_change_message(wording, each))
        return user_service_pb2.ListMyChangesResponse(changes=changes, **tokens)

    def MarkSeen(
        self, request: user_service_pb2.MarkSeenRequest, context: grpc.ServicerContext
    ) -> Empty:
        """Marks changes as read."""
        call = current_call()
        if request.event_id:
            wrong = Violations()
            with wrong:
                event_id = check_id(EVENT, request.event_id, "event_id")
            with wrong:
                seen.check_not_negative(request.revision)
            wrong.raise_any()
            seen.mark_seen(call.connection, call.caller.user_id, event_id, request.revision)
        elif request.revision:
            raise invalid(
                "revision",
                "REVISION_WITHOUT_EVENT",
                f"The revision {request.revision} needs an event_id; without one, all changes are marked.",
            )
        else:
            seen.mark_all_seen(call.connection, call.caller.user_id)
        return Empty()


def overview_message(each: overview.Overview) -> overview_pb2.MyEvent:
    """An event of the overview."""
    last = each.last_change
    message = overview_pb2.MyEvent(
        event=my_event_message(each.mine),
        last_change=change_pb2.Change(
            event_id=last.event_id,
            revision=last.revision,
            kind=CHANGE_KINDS.get(f"CHANGE_KIND_{last.kind}", 0),  # type: ignore[arg-type]
            actor_member_id=last.actor_member_id,
            subject_id=last.subject_id,
            create_time=timestamp(last.create_time),
        ),
        unread_count=each.unread_count,
        seen_revision=each.seen_revision,
    )
    for code, net_minor in each.balances:
        message.balances.add(currency_code=code, net=format_amount(net_minor, code))
    return message


def my_change_message(wording: Wording, each: activity.MyChange) -> overview_pb2.MyChange:
    """A change of one of the caller's events."""
    return overview_pb2.MyChange(
        change=told_message(wording, each.change),
        event_name=each.event_name,
        actor_name=each.actor_name,
        unread=each.unread,
    )
