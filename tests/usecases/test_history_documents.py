"""Documents in history stay readable: history_documents.json has them as earlier versions wrote them."""

import datetime as dt
import json
from dataclasses import MISSING, field, fields, make_dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from howmuch import model
from howmuch.model import Draft, Expense, Payment, TextRule
from howmuch.rpc.convert import change_message
from howmuch.storage.tables import expenses
from howmuch.usecases import history
from howmuch.usecases.history import change_of, from_json, to_json
from howmuch.usecases.validation import check_texts

DOCUMENTS: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("history_documents.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("index", range(len(DOCUMENTS)))
def test_document_is_read_and_written_as_it_was(index: int) -> None:
    """Every value survives reading and writing. A later field is added with its default."""
    kind, document = getattr(model, DOCUMENTS[index]["kind"]), DOCUMENTS[index]["document"]
    written = to_json(from_json(kind, document))
    assert written is not None
    defaults = {
        field.name: list(field.default) if isinstance(field.default, tuple) else field.default
        for field in fields(kind)
        if field.name not in document
    }
    assert written == document | {name: defaults[name] for name in written.keys() - document.keys()}


def test_documents_have_every_kind_and_every_split() -> None:
    """The documents are of all resources, and of expenses with all ways to split."""
    assert {each["kind"] for each in DOCUMENTS} == {"Event", "Member", "Invitation", "Expense"}
    splits = {each["document"].get("split", {}).get("mode") for each in DOCUMENTS} - {None}
    assert splits == {"equal", "weights", "percent", "exact", "adjusted", "itemized"}


def test_payments_are_those_of_the_shares() -> None:
    """Payments are not stored; they come from the shares, in their order."""
    [two] = [d["document"] for d in DOCUMENTS if d["document"].get("amount_minor") == 1000][:1]
    payments = from_json(Expense, two).draft.payments
    paid = [(s["member_id"], s["paid_minor"]) for s in two["shares"] if s["paid_minor"]]
    assert len(paid) == 2
    assert payments == tuple(Payment(*each) for each in paid)


def test_field_that_a_document_lacks_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """A field of a draft that came later reads as its default."""
    later_draft = make_dataclass(
        "LaterDraft", [("receipt", str, "none")], bases=(Draft,), frozen=True
    )
    kept = [
        (f.name, f.type) if f.default is MISSING else (f.name, f.type, field(default=f.default))
        for f in fields(Expense)
        if f.name != "draft"
    ]
    later = make_dataclass("LaterExpense", [("draft", later_draft), *kept])
    monkeypatch.setitem(history._ADAPTERS, Expense, TypeAdapter(later))
    [document] = [d["document"] for d in DOCUMENTS if d["kind"] == "Expense"][:1]
    for given, receipt in (document, "none"), ({**document, "receipt": "R-1"}, "R-1"):
        draft: Any = from_json(Expense, given).draft
        assert draft.receipt == receipt


@pytest.mark.parametrize("index", range(len(DOCUMENTS)))
def test_fields_of_a_later_version_are_ignored(index: int) -> None:
    """In every object of a document, at any depth."""
    kind, document = getattr(model, DOCUMENTS[index]["kind"]), DOCUMENTS[index]["document"]
    assert from_json(kind, with_later_fields(document)) == from_json(kind, document)


def with_later_fields(value: Any) -> Any:
    """The document with one more field in each of its objects."""
    if isinstance(value, dict):
        fields_ = {name: with_later_fields(each) for name, each in value.items()}
        return {**fields_, "of_a_later_version": {"a": [1]}}
    return [with_later_fields(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("kind", ["Event", "Member", "Invitation", "Expense"])
def test_later_field_of_any_resource_reads_as_its_default(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The documents of today lack it."""
    record = getattr(model, kind)
    later = make_dataclass("Later", [("mood", str, "red")], bases=(record,), frozen=True)
    monkeypatch.setitem(history._ADAPTERS, record, TypeAdapter(later))
    for document in (d["document"] for d in DOCUMENTS if d["kind"] == kind):
        read: Any = from_json(record, document)
        assert read.mood == "red"


def test_change_of_a_later_version_hides_no_other() -> None:
    """Its kind is not known; its subject is read if that kind is known."""
    [event] = [d["document"] for d in DOCUMENTS if d["kind"] == "Event"][:1]
    row: Any = {
        "event_id": event["id"],
        "revision": 1,
        "actor_member_id": "",
        "subject_id": event["id"],
        "before": None,
        "after": event,
        "create_time": dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
    }
    renumbered = change_message(change_of({**row, "kind": "EVENT_RENUMBERED"}))
    assert (renumbered.kind, renumbered.after.event.id) == (0, event["id"])
    photo = change_message(change_of({**row, "kind": "PHOTO_ADDED"}))
    assert (photo.kind, photo.revision, photo.HasField("after")) == (0, 1, False)


def test_every_text_of_a_draft_has_a_rule_and_a_column_as_long() -> None:
    """No text of an expense is without a bound, and none is longer than its column."""
    [document] = [d["document"] for d in DOCUMENTS if d["kind"] == "Expense"][:1]
    draft = from_json(Expense, document).draft
    rules = {
        field.name: rule
        for field in fields(Draft)
        for rule in getattr(field.type, "__metadata__", ())
        if isinstance(rule, TextRule)
    }
    texts = {field.name for field in fields(Draft) if type(getattr(draft, field.name)) is str}
    assert rules.keys() == texts - {"currency_code"}
    for name, rule in rules.items():
        column = expenses.c[name].type
        assert (getattr(column, "length", None) or rule.length) >= rule.length
    given = {name: getattr(draft, name) for name in rules}
    assert check_texts(given) == given
