"""Documents in history stay readable: history_documents.json has them as earlier versions wrote them."""

import json
from dataclasses import fields, make_dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from howmuch import model
from howmuch.model import Draft, Expense, Payment, TextRule
from howmuch.storage.tables import expenses
from howmuch.usecases import history
from howmuch.usecases.history import from_json, to_json
from howmuch.usecases.validation import check_texts

DOCUMENTS: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("history_documents.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("index", range(len(DOCUMENTS)))
def test_document_is_read_and_written_as_it_was(index: int) -> None:
    """Every value survives reading and writing, and nothing is added."""
    kind, document = getattr(model, DOCUMENTS[index]["kind"]), DOCUMENTS[index]["document"]
    assert to_json(from_json(kind, document)) == document


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
    kept = [(f.name, f.type) for f in fields(Expense) if f.name != "draft"]
    later = make_dataclass("LaterExpense", [("draft", later_draft), *kept])
    monkeypatch.setitem(history._ADAPTERS, Expense, TypeAdapter(later))
    [document] = [d["document"] for d in DOCUMENTS if d["kind"] == "Expense"][:1]
    for given, receipt in (document, "none"), ({**document, "receipt": "R-1"}, "R-1"):
        draft: Any = from_json(Expense, given).draft
        assert draft.receipt == receipt


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
    assert check_texts(draft, "expense") == draft
