"""A writer: a member of every event who adds, changes and deletes, one call after the other."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from howmuch.v1 import event_pb2, expense_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from tests.chaos.clients import Client, Session
from tests.chaos.places import Place, amount, batch, create, draft
from tests.chaos.ways import Answer

PAUSE_SECONDS = 0.06
"""The longest pause between two calls of one writer: the program is disturbed, not overloaded."""
BATCHES = (2, 5)
MOST_KNOWN = 40
MOST_GUESTS = 20


@dataclass
class Known:
    """An expense of this writer, whose state the writer knows."""

    place: Place
    id: str
    etag: str
    old_etag: str = ""
    deleted: bool = False


@dataclass
class Writer:
    """Only this writer changes the expenses and guests that it added: so it knows what each call must do."""

    client: Client
    session: Session
    places: list[Place]
    known: list[Known] = field(default_factory=list)
    guests: list[tuple[Place, str]] = field(default_factory=list)

    def run(self, stop: threading.Event) -> None:
        """Calls until told to stop."""
        actions: dict[Callable[[], None], int] = {
            self.add: 40,
            self.add_many: 5,
            self.change: 18,
            self.change_stale: 4,
            self.delete: 9,
            self.undelete: 7,
            self.add_guest: 4,
            self.rename_guest: 3,
            self.remove_guest: 3,
            self.rename_event: 2,
            self.archive: 1,
            self.read: 8,
        }
        while not stop.is_set():
            [act] = self.client.chance.choices(list(actions), list(actions.values()))
            act()
            stop.wait(self.client.chance.uniform(0, PAUSE_SECONDS))

    def add(self) -> None:
        place, marker = self._place(), self.client.marker()
        transfer = self.client.chance.random() < 0.2
        payer = place.members[self.client.user_id]
        expense = draft(place, payer, marker, self.client.chance, transfer=transfer)
        made = self._write(
            place, "CreateExpense", create(place, expense), "EXPENSE_CREATED", marker
        )
        if made:
            self.known.append(Known(place, made.id, made.etag))
            # Some stay as they are.
            del self.known[:-MOST_KNOWN]

    def add_many(self) -> None:
        place, marker = self._place(), self.client.marker()
        chance, payer = self.client.chance, place.members[self.client.user_id]
        markers = [f"{marker}b{index}" for index in range(chance.randint(*BATCHES))]
        drafts = [draft(place, payer, each, chance) for each in markers]
        request = batch(place, drafts)
        self._write(place, "BatchCreateExpenses", request, "EXPENSE_CREATED", *markers)

    def change(self) -> None:
        if known := self._pick(deleted=False):
            etag = known.etag if self.client.chance.random() < 0.5 else ""
            self._change(known, etag)

    def change_stale(self) -> None:
        """With an etag that is out of date: it must be refused."""
        if (known := self._pick(deleted=False)) and known.old_etag:
            self._change(known, known.old_etag)

    def _change(self, known: Known, etag: str) -> None:
        marker = self.client.marker()
        expense = expense_pb2.Expense(
            event_id=known.place.event_id,
            id=known.id,
            etag=etag,
            reason=marker,
            amount=amount(self.client.chance),
        )
        request = xs.UpdateExpenseRequest(expense=expense)
        self._write_known(known, "UpdateExpense", request, "EXPENSE_UPDATED", marker)

    def delete(self) -> None:
        if known := self._pick(deleted=False):
            request = xs.DeleteExpenseRequest(event_id=known.place.event_id, expense_id=known.id)
            self._write_known(known, "DeleteExpense", request, "EXPENSE_DELETED")

    def undelete(self) -> None:
        if known := self._pick(deleted=True):
            request = xs.UndeleteExpenseRequest(event_id=known.place.event_id, expense_id=known.id)
            self._write_known(known, "UndeleteExpense", request, "EXPENSE_UNDELETED")

    def add_guest(self) -> None:
        if len(self.guests) >= MOST_GUESTS:
            self.remove_guest()
            return
        place, marker = self._place(), self.client.marker()
        request = es.AddMemberRequest(event_id=place.event_id, name=marker)
        made = self._write(place, "AddMember", request, "MEMBER_ADDED", marker)
        if made:
            self.guests.append((place, made.id))

    def rename_guest(self) -> None:
        if self.guests:
            place, guest_id = self.client.chance.choice(self.guests)
            marker = self.client.marker()
            guest = event_pb2.Member(event_id=place.event_id, id=guest_id, name=marker)
            request = es.UpdateMemberRequest(member=guest)
            self._write(
                place, "UpdateMember", request, "MEMBER_UPDATED", marker, subject_id=guest_id
            )

    def remove_guest(self) -> None:
        if self.guests:
            place, guest_id = self.guests.pop(self.client.chance.randrange(len(self.guests)))
            request = es.RemoveMemberRequest(event_id=place.event_id, member_id=guest_id)
            self._write(place, "RemoveMember", request, "MEMBER_REMOVED", subject_id=guest_id)

    def rename_event(self) -> None:
        for place in self._own_places():
            marker = self.client.marker()
            request = es.UpdateEventRequest(event=event_pb2.Event(id=place.event_id, name=marker))
            self._write(place, "UpdateEvent", request, "EVENT_UPDATED", marker)

    def archive(self) -> None:
        """For a moment: the calls of the others are refused meanwhile."""
        for place in self._own_places():
            of_event = {"subject_id": place.event_id, "sure": True}
            archive = es.ArchiveEventRequest(event_id=place.event_id)
            self._write(place, "ArchiveEvent", archive, "EVENT_ARCHIVED", **of_event)
            unarchive = es.UnarchiveEventRequest(event_id=place.event_id)
            self._write(place, "UnarchiveEvent", unarchive, "EVENT_UNARCHIVED", **of_event)

    def read(self) -> None:
        request = es.GetBalancesRequest(event_id=self._place().event_id)
        self.client.ask("GetBalances", request, self.session, event_id=request.event_id)

    def _write(
        self, place: Place, method: str, request: Any, kind: str, *markers: str, **more: Any
    ) -> Any:
        """The answer of a write; None if it failed."""
        return self._ask(place, method, request, kind, markers, more).message

    def _ask(
        self,
        place: Place,
        method: str,
        request: Any,
        kind: str,
        markers: tuple[str, ...],
        more: dict[str, Any],
    ) -> Answer:
        given = {"event_id": place.event_id, "kind": kind, "markers": markers, **more}
        return self.client.ask(method, request, self.session, **given)

    def _write_known(
        self, known: Known, method: str, request: Any, kind: str, *markers: str
    ) -> None:
        """Changes an expense. After an outcome that is unknown, its state is unknown: it stays alone."""
        answer = self._ask(known.place, method, request, kind, markers, {"subject_id": known.id})
        if answer.message:
            known.old_etag, known.etag = known.etag, answer.message.etag
            known.deleted = answer.message.HasField("delete_time")
        elif answer.code not in ("ABORTED", "FAILED_PRECONDITION", "RESOURCE_EXHAUSTED"):
            self.known.remove(known)

    def _place(self) -> Place:
        return self.client.chance.choice(self.places)

    def _own_places(self) -> list[Place]:
        return [place for place in self.places if place.owner.user_id == self.client.user_id]

    def _pick(self, *, deleted: bool) -> Known | None:
        found = [known for known in self.known if known.deleted == deleted]
        return self.client.chance.choice(found) if found else None
