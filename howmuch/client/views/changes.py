"""Lines of changes: the member, the action and the time."""

from rich.text import Text

from howmuch.client.events import Roster
from howmuch.client.views.events import role
from howmuch.client.views.expenses import summary
from howmuch.client.views.output import clean, local_time
from howmuch.v1 import change_pb2

_DONE = {
    change_pb2.CHANGE_KIND_EVENT_CREATED: "created the event",
    change_pb2.CHANGE_KIND_EVENT_UPDATED: "changed the event",
    change_pb2.CHANGE_KIND_EVENT_ARCHIVED: "archived the event",
    change_pb2.CHANGE_KIND_EVENT_UNARCHIVED: "unarchived the event",
    change_pb2.CHANGE_KIND_EVENT_DELETED: "deleted the event",
    change_pb2.CHANGE_KIND_EVENT_UNDELETED: "restored the event",
    change_pb2.CHANGE_KIND_MEMBER_ADDED: "added the guest",
    change_pb2.CHANGE_KIND_MEMBER_JOINED: "joined as",
    change_pb2.CHANGE_KIND_MEMBER_UPDATED: "changed the member",
    change_pb2.CHANGE_KIND_MEMBER_REMOVED: "removed",
    change_pb2.CHANGE_KIND_MEMBER_LEFT: "left as",
    change_pb2.CHANGE_KIND_INVITATION_CREATED: "created an invitation",
    change_pb2.CHANGE_KIND_INVITATION_REVOKED: "revoked an invitation",
    change_pb2.CHANGE_KIND_EXPENSE_CREATED: "added",
    change_pb2.CHANGE_KIND_EXPENSE_UPDATED: "changed",
    change_pb2.CHANGE_KIND_EXPENSE_DELETED: "deleted",
    change_pb2.CHANGE_KIND_EXPENSE_UNDELETED: "undeleted",
    change_pb2.CHANGE_KIND_EXPENSE_RESTORED: "restored",
}


def change_line(change: change_pb2.Change, roster: Roster) -> Text:
    """`12  2026-11-25 10:00:00  Ana added Dinner, 48.60 EUR paid by Ana`, the revision first."""
    when = local_time(change.create_time)
    actor = roster.name(change.actor_member_id) if change.actor_member_id else "Somebody"
    done = _DONE.get(change.kind) or change_pb2.ChangeKind.Name(change.kind)
    before, after = _told(change.before, roster), _told(change.after, roster)
    told = after or before
    if before and after and before != after:
        told = f"{before} -> {after}"
    return Text.assemble(
        (f"{change.revision:>4}  {when}  ", "dim"), (clean(actor), "bold"), f" {done} {clean(told)}"
    )


def _told(snapshot: change_pb2.Snapshot, roster: Roster) -> str:
    match snapshot.WhichOneof("resource"):
        case "event":
            return snapshot.event.name
        case "member":
            return snapshot.member.name
        case "invitation":
            return f"({role(snapshot.invitation.role)})"
        case "expense":
            return summary(snapshot.expense, roster)
        case _:
            return ""
