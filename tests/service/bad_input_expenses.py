"""Requests to ExpenseService that are refused, beside ids, pages and who pays and shares."""

from tests.service.bad_input import EXPENSE, Case, refused, rule
from tests.service.bad_input_events import TEXT
from tests.service.bad_input_users import CURRENCY, LINE, STALE, mask

_MALFORMED = "is not an amount; write digits and at most one '.', such as '10.30'."
AMOUNT = (
    *(
        (text, "AMOUNT_MALFORMED", f"{text!r} {_MALFORMED}")
        for text in (
            *("1e3", "1E+3", "+10", " 10", "10 ", "10\n", "1,000", "10,5", "1_000", "NaN", "nan"),
            *("Infinity", "-Infinity", "٠١٢", "１０", "²", "0x10", "10.", ".5", ".", "-", "--1"),
            *("1.2.3", "$10", "10 EUR", "1/2", "\0", "10\0", "1\u00a0000", "None", "true", "−5"),
        )
    ),
    ("1" * 100 + "x", "AMOUNT_MALFORMED", "... is not an amount; write digits"),
    ("-1", "AMOUNT_NEGATIVE", "'-1' must not be negative."),
    ("-0", "AMOUNT_NEGATIVE", "'-0' must not be negative."),
    ("0", "AMOUNT_NOT_POSITIVE", "'0' must be more than zero."),
    ("0.00", "AMOUNT_NOT_POSITIVE", "'0.00' must be more than zero."),
    ("10.001", "AMOUNT_TOO_PRECISE", "'10.001' has 3 fraction digits; EUR has at most 2."),
    ("10.000", "AMOUNT_TOO_PRECISE", "'10.000' has 3 fraction digits; EUR has at most 2."),
    ("100000000000", "AMOUNT_TOO_LARGE", "is beyond the largest amount, 99999999999.99 EUR."),
    ("9" * 5_000, "AMOUNT_TOO_LARGE", "9... is beyond the largest amount, 99999999999.99 EUR."),
)
DATE = (
    ("", "DATE_REQUIRED", "A day is required, such as 2026-11-22."),
    *(
        (
            text,
            "DATE_MALFORMED",
            f"{text!r} is not a day; it must be YYYY-MM-DD, such as 2026-11-22.",
        )
        for text in (
            *("2026-02-30", "2026-13-01", "2026-00-10", "2025-02-29", "2026-1-2", "20261122"),
            *("22.11.2026", "2026/11/22", "2026-11-22T10:00:00Z", " 2026-11-22", "2026-W48-1"),
            *("٢٠٢٦-١١-٢٢", "0000-01-01", "today", "2026-11-22\0", "12026-11-22"),
        )
    ),
    ("1899-12-31", "DATE_OUT_OF_RANGE", "1899-12-31 is not between 1900-01-01 and 2199-12-31."),
    ("2200-01-01", "DATE_OUT_OF_RANGE", "2200-01-01 is not between 1900-01-01 and 2199-12-31."),
)
_TOO_LONG = "has 1,001 characters; at most 1,000 are allowed."
_CREATE = "CreateExpense"


def _currency(code: str) -> dict[str, str]:
    return {"expense.currency_code": code}


PLAIN = [
    *rule(_CREATE, "expense.amount", *AMOUNT),
    *rule(
        _CREATE,
        "expense.amount",
        ("", "AMOUNT_REQUIRED", "'' is not an amount; an amount is required."),
    ),
    *rule(
        _CREATE,
        "expense.amount",
        ("10.5", "AMOUNT_TOO_PRECISE", "'10.5' has 1 fraction digit; JPY has at most 0."),
        ("10.", "AMOUNT_MALFORMED", "such as '10'."),
        ("10000000000000", "AMOUNT_TOO_LARGE", "is beyond the largest amount, 9999999999999 JPY."),
        also=_currency("JPY"),
    ),
    *rule(
        _CREATE,
        "expense.amount",
        ("1.2345", "AMOUNT_TOO_PRECISE", "'1.2345' has 4 fraction digits; KWD has at most 3."),
        ("10000000000", "AMOUNT_TOO_LARGE", "is beyond the largest amount, 9999999999.999 KWD."),
        also=_currency("KWD"),
    ),
    *rule(_CREATE, "expense.date", *DATE[1:]),
    *rule("UpdateExpense", "expense.date", DATE[0], also={"update_mask": {"paths": ["date"]}}),
    *rule(_CREATE, "time_zone", ("Mars", "TIME_ZONE_UNKNOWN", "'Mars' is not an IANA time zone")),
    *rule(_CREATE, "expense.currency_code", *CURRENCY),
    *rule(_CREATE, "expense.reason", LINE[4], LINE[5], ("a" * 1001, "TEXT_TOO_LONG", _TOO_LONG)),
    *rule(
        _CREATE,
        "expense.reason",
        ("", "FIELD_REQUIRED", "A text of 1 to 1,000 characters is required."),
    ),
    *rule(
        _CREATE,
        "expense.category",
        LINE[4],
        LINE[5],
        ("a" * 101, "TEXT_TOO_LONG", "has 101 characters; at most 100 are allowed."),
    ),
    *rule(_CREATE, "expense.notes", *TEXT),
    *rule(
        _CREATE,
        "expense.kind",
        (9, "ENUM_UNKNOWN", "9 is not allowed here; the values are "),
        (-1, "ENUM_UNKNOWN", "-1 is not allowed here; the values are "),
    ),
    *rule(
        _CREATE, "expense.payments", ([], "PAYMENTS_EMPTY", "The list of payments is empty; name")
    ),
]
OTHERS = [
    *rule(
        "BatchCreateExpenses", "expenses", ([], "BATCH_SIZE", "0 expenses were sent; a batch has 1")
    ),
    *rule(
        "BatchCreateExpenses", "expenses", ([{}] * 501, "BATCH_SIZE", "501 expenses were sent; a")
    ),
    Case(
        "BatchCreateExpenses",
        {"expenses": [EXPENSE, {**EXPENSE, "payments": [{"member_id": "$ana", "amount": "9"}]}]},
        "SUM_MISMATCH",
        "expenses[1].payments",
        "The payments sum to 9.00 EUR, but must sum to 10.00 EUR (difference -1.00 EUR).",
    ),
    Case(
        "BatchCreateExpenses",
        {"expenses": [EXPENSE, EXPENSE, {**EXPENSE, "date": "2026-02-30"}]},
        "DATE_MALFORMED",
        "expenses[2].date",
        "'2026-02-30' is not a day",
    ),
    Case(
        "BatchCreateExpenses",
        {"expenses": [EXPENSE, {**EXPENSE, "reason": ""}]},
        "FIELD_REQUIRED",
        "expenses[1].reason",
        "A text of 1 to 1,000 characters is required.",
    ),
    *rule("ListExpenses", "from_date", *DATE[1:4]),
    *rule("GetBalances", "as_of_date", *DATE[1:4]),
    *rule("GetSettlement", "as_of_date", *DATE[1:4]),
    *rule("GetTotals", "as_of_date", *DATE[-2:]),
    *rule(
        "ListExpenses",
        "max_amount",
        ("1.99", "AMOUNTS_REVERSED", "1.99 is below min_amount, which is 2."),
        also={"min_amount": "2"},
    ),
    *rule("ListExpenses", "to_date", *DATE[-2:]),
    *rule(
        "ListExpenses",
        "to_date",
        ("2026-11-21", "DATES_REVERSED", "2026-11-21 is before from_date, which is 2026-11-22."),
        also={"from_date": "2026-11-22"},
    ),
    *(
        case
        for text in ("amount", "date descending", "date; drop table", "DATE", "-date", "date\0")
        for case in rule(
            "ListExpenses",
            "order_by",
            (
                text,
                "ORDER_UNKNOWN",
                f"{text!r} is not an order; these are: date desc, date, create_",
            ),
        )
    ),
    *rule("ListExpenses", "text", LINE[2], LINE[5]),
    *rule("ListExpenses", "category", LINE[5]),
    *rule("ListExpenses", "kind", (9, "ENUM_UNKNOWN", "9 is not allowed here; the values are ")),
    *mask("UpdateExpense", "split.equal", "payments.amount"),
    *rule("UpdateExpense", "expense.amount", *AMOUNT[:3], *AMOUNT[-9:]),
    *rule("UpdateExpense", "expense.date", *DATE[1:3], *DATE[-1:]),
    *rule("UpdateExpense", "expense.reason", LINE[4], LINE[5]),
    *rule("UpdateExpense", "expense.notes", TEXT[1]),
    *rule(
        "UpdateExpense",
        "expense.kind",
        (9, "ENUM_UNKNOWN", "9 is not allowed here; the values are "),
    ),
    *rule("UpdateExpense", "expense.currency_code", CURRENCY[0]),
    *rule(
        "UpdateExpense",
        "expense.split.exact.parts",
        (
            [{"member_id": "$ana", "amount": "1"}],
            "SUM_MISMATCH",
            "The exact amounts sum to 1.00 EUR, but must sum to",
        ),
    ),
    *(
        rule("UpdateExpense", path, row, also={"update_mask.paths": [path.rpartition(".")[2]]})[0]
        for path, row in (
            ("expense.reason", ("", "FIELD_REQUIRED", "A text of 1 to 1,000 characters")),
            ("expense.date", DATE[0]),
            ("expense.payments", ([], "PAYMENTS_EMPTY", "The list of payments is empty")),
        )
    ),
    *(
        refused(rpc, {field: "v99"}, "ABORTED", "ETAG_STALE", STALE)
        for rpc, field in (
            ("UpdateExpense", "expense.etag"),
            ("DeleteExpense", "etag"),
            ("UndeleteExpense", "etag"),
            ("RestoreExpenseVersion", "etag"),
        )
    ),
    refused(
        "UndeleteExpense",
        {"expense_id": "$expense"},
        "FAILED_PRECONDITION",
        "EXPENSE_NOT_DELETED",
        "The expense 'Lunch' is not deleted.",
    ),
    *rule(
        "RestoreExpenseVersion",
        "version",
        (0, "NUMBER_OUT_OF_RANGE", "0 is not between 1 and 2,147,483,647."),
        (-1, "NUMBER_OUT_OF_RANGE", "-1 is not between 1 and 2,147,483,647."),
    ),
    refused(
        "RestoreExpenseVersion",
        {"version": 99},
        "NOT_FOUND",
        "EXPENSE_VERSION_NOT_FOUND",
        "There is no version 99 of the expense",
    ),
]
