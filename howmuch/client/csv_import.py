"""Expenses from a CSV file, one a line, with named columns."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import grpc

from howmuch.client.amounts import to_price
from howmuch.client.client_errors import CallError, ClientError, WrongUse
from howmuch.client.drafts import SplitWords, to_date, to_payments, to_split
from howmuch.client.events import Roster
from howmuch.client.explain import explain
from howmuch.client.session import Session
from howmuch.v1 import expense_pb2, expense_service_pb2

COLUMNS = ("reason", "amount", "currency", "date", "paid", "for", "category", "notes", "kind")
KINDS = ("expense", "income", "transfer")
REQUIRED = ("reason", "amount")
BATCH = 100
"""Expenses in one call, which is atomic."""
MOST_PARTS = 5_000
"""Shares, and pairs of payer and sharer, in one call of several expenses; the server allows 10,000."""

Numbered = tuple[int, expense_pb2.Expense]
"""Line number and expense."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line. number: in the file, counted from 1 for the header."""

    number: int
    values: dict[str, str]


def read_rows(path: Path) -> list[Row]:
    """Read the lines of a file. Raises WrongUse for an unreadable file or wrong columns."""
    try:
        # Spreadsheets put a byte-order mark before the first heading.
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = csv.DictReader(file, strict=True)
            headings = [name.strip().lower() for name in lines.fieldnames or []]
            unknown = [name for name in headings if name not in COLUMNS]
            missing = [name for name in REQUIRED if name not in headings]
            if unknown or missing:
                wrong = f"lacks the column {missing[0]!r}" if missing else f"has {unknown[0]!r}"
                raise WrongUse(f"{path} {wrong}; the columns are {', '.join(COLUMNS)}.")
            lines.fieldnames = headings
            return list(_rows(path, lines))
    except OSError as error:
        raise WrongUse(f"{path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise WrongUse(f"{path} is not CSV in UTF-8 with commas: {error}.") from error


def _rows(path: Path, lines: "csv.DictReader[str]") -> Iterator[Row]:
    for line in lines:
        if None in line or None in line.values():
            raise WrongUse(
                f"{path}, line {lines.line_num}: the number of values differs from the number of columns."
            )
        yield Row(lines.line_num, {name: value.strip() for name, value in line.items()})


def to_expenses(rows: Sequence[Row], roster: Roster, currency_code: str) -> list[Numbered]:
    """Return line number and expense of each row. currency_code: of the event.

    Raises ClientError with the line.
    """
    found = []
    for row in rows:
        try:
            found.append((row.number, _expense(row, roster, currency_code)))
        except ClientError as error:
            raise type(error)(f"line {row.number}: {error}") from error
    return found


def _expense(row: Row, roster: Roster, currency_code: str) -> expense_pb2.Expense:
    values = {name: row.values.get(name, "") for name in COLUMNS}
    price = to_price(values["amount"], values["currency"], currency_code, what="amount")
    names = [name for name in values["for"].split(";") if name]
    paid = [word for word in values["paid"].split(";") if word]
    code = price.currency_code or currency_code
    return expense_pb2.Expense(
        reason=values["reason"],
        amount=price.text,
        date=to_date(values["date"] or "today"),
        currency_code=price.currency_code,
        category=values["category"],
        notes=values["notes"],
        payments=to_payments(paid or [roster.id("me")], roster, code),
        split=to_split(SplitWords(names=names), roster, code),
        kind=_kind(values["kind"]),
    )


def _kind(word: str) -> expense_pb2.ExpenseKind.ValueType:
    if not word:
        return expense_pb2.EXPENSE_KIND_UNSPECIFIED
    if word.lower() not in KINDS:
        raise WrongUse(f"kind {word!r} is not one of {', '.join(KINDS)}.")
    return expense_pb2.ExpenseKind.Value(f"EXPENSE_KIND_{word.upper()}")


def batches(numbered: Sequence[Numbered], everybody: int) -> Iterator[Sequence[Numbered]]:
    """Parts that one call takes: at most 100 expenses, fewer for many members.

    everybody: number of active members, who share an expense without a split.
    """
    part: list[Numbered] = []
    shares = pairs = 0
    for each in numbered:
        payers, sharers = len(each[1].payments), len(each[1].split.equal.member_ids) or everybody
        shares += payers + sharers
        pairs += payers * sharers
        if part and (len(part) == BATCH or max(shares, pairs) > MOST_PARTS):
            yield part
            part, shares, pairs = [], payers + sharers, payers * sharers
        part.append(each)
    if part:
        yield part


def send(
    session: Session,
    event_id: str,
    parts: Iterable[Sequence[Numbered]],
    on_done: Callable[[int], None],
) -> expense_service_pb2.BatchCreateExpensesResponse:
    """Add expenses in `batches`. on_done: called with the number added so far.

    Raises CallError; if earlier batches were added, it names the line to continue from.
    """
    answer = expense_service_pb2.BatchCreateExpensesResponse()
    for part in parts:
        request = expense_service_pb2.BatchCreateExpensesRequest(
            event_id=event_id, expenses=[expense for _, expense in part]
        )
        try:
            done = session.write(session.expenses.BatchCreateExpenses, request)
        except grpc.RpcError as error:
            lines = [number for number, _ in part]
            text = explain(session.profile.address, error, lines)
            if answer.expenses:
                text += f" The lines before {lines[0]} were added: continue with --from-line {lines[0]}."
            raise CallError(text) from error
        answer.expenses.extend(done.expenses)
        on_done(len(answer.expenses))
    return answer
