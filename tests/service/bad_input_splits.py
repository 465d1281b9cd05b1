"""Who paid and who shares: requests to CreateExpense that are refused."""

from typing import Any

from tests.service.bad_input import UNKNOWN, Case, refused, rule

_UNKNOWN_MEMBER = f"'mbr_{UNKNOWN}' is not a member of this event."
_CREATE = "CreateExpense"
_PAYER = "expense.payments[0].member_id"
_EQUAL, _TWICE = "expense.split.equal.member_ids", "is already listed at index 0; list each member"
_TRANSFER = {"expense.kind": 2}
_EMPTY = "The list of members is empty; name at least one member."


def _split(mode: str, parts: Any, reason: str, field: str, text: str) -> Case:
    """A case of one split mode; field: below the mode."""
    value = {"parts": parts} if isinstance(parts, list) else parts
    path = f"expense.split.{mode}.{field}".rstrip(".")
    return Case(_CREATE, {"expense.split": {mode: value}}, reason, path, text)


def _parts(name: str, *values: Any) -> list[dict[str, Any]]:
    """Parts of Ana, Bo, Cy."""
    return [
        {"member_id": member, name: value}
        for member, value in zip(("$ana", "$bo", "$cy"), values, strict=False)
    ]


def _paid(*payments: tuple[str, str]) -> dict[str, Any]:
    listed = [{"member_id": member, "amount": amount} for member, amount in payments]
    return {"expense.payments": listed}


def _everywhere(mode: str, name: str, value: Any) -> list[Case]:
    """What is refused in each mode that has parts: none, one twice, somebody unknown or odd."""
    first, unknown = (
        {"member_id": "$ana", name: value},
        {"member_id": f"mbr_{UNKNOWN}", name: value},
    )
    field = "parts[1].member_id"
    unknown_case = Case(
        _CREATE, {"expense.split": {mode: {"parts": [first, unknown]}}}, "MEMBER_UNKNOWN",
        f"expense.split.{mode}.{field}", _UNKNOWN_MEMBER,
    )  # fmt: skip
    return [
        _split(mode, [], "SPLIT_EMPTY", "parts", _EMPTY),
        _split(mode, [first, first], "MEMBER_DUPLICATE", field, _TWICE),
        _split(mode, [first, {name: value}], "ID_REQUIRED", field, "An id is required"),
        _split(mode, [first, {**first, "member_id": "Bo"}], "ID_MALFORMED", field, "'Bo' is not"),
        unknown_case,
    ]


def _item(amount: str = "10.00", members: tuple[str, ...] = ("$ana", "$bo"), **more: str) -> Any:
    return {"amount": amount, "member_ids": list(members), **more}


PAYMENTS = [
    Case(_CREATE, {**change, "expense.amount": amount}, reason, f"expense.{field}", text)
    for amount, change, reason, field, text in (
        (
            "10",
            _paid(("$ana", "4"), ("$ana", "6")),
            "MEMBER_DUPLICATE",
            "payments[1].member_id",
            _TWICE,
        ),
        (
            "10",
            _paid(("$ana", "4"), ("$bo", "")),
            "AMOUNT_REQUIRED",
            "payments[1].amount",
            "'' is no",
        ),
        (
            "10",
            _paid(("$ana", "10"), ("$bo", "0")),
            "AMOUNT_NOT_POSITIVE",
            "payments[1].amount",
            "'0'",
        ),
        (
            "10",
            _paid(("$ana", "11"), ("$bo", "-1")),
            "AMOUNT_NEGATIVE",
            "payments[1].amount",
            "'-1'",
        ),
        ("10", _paid(("$ana", "1e1")), "AMOUNT_MALFORMED", "payments[0].amount", "'1e1' is not an"),
        (
            "10",
            _paid(("", "10")),
            "ID_REQUIRED",
            "payments[0].member_id",
            "An id is required: `mbr_`",
        ),
        ("10", _paid(("$expense", "10")), "ID_MALFORMED", "payments[0].member_id", "is not an id"),
        (
            "10",
            _paid(("$ana", "4"), ("$bo", "5.98")),
            "SUM_MISMATCH",
            "payments",
            "The payments sum to 9.98 EUR, but must sum to 10.00 EUR (difference -0.02 EUR).",
        ),
        (
            "10",
            _paid(("$ana", "10.01")),
            "SUM_MISMATCH",
            "payments",
            "The payments sum to 10.01 EUR, but must sum to 10.00 EUR (difference +0.01 EUR).",
        ),
        (
            "",
            _paid(("$ana", "99999999999.99"), ("$bo", "0.01")),
            "AMOUNT_TOO_LARGE",
            "amount",
            "'100000000000.00' is beyond the largest amount, 99999999999.99 EUR.",
        ),
        ("", _paid(("$ana", "")), "AMOUNT_REQUIRED", "amount", "'' is not an amount; an amount is"),
    )
] + [
    Case(_CREATE, _paid((f"mbr_{UNKNOWN}", "10")), "MEMBER_UNKNOWN", _PAYER, _UNKNOWN_MEMBER),
    Case(_CREATE, _paid(("$other_member", "10")), "MEMBER_UNKNOWN", _PAYER, "is not a member of"),
    refused(
        _CREATE,
        _paid(("$left", "10")),
        "FAILED_PRECONDITION",
        "MEMBER_INACTIVE",
        "has left the event. Re-add them first, or leave them out.",
    ),
    *rule(
        _CREATE,
        "expense.split",
        ({}, "TRANSFER_ONE_RECEIVER", "5 members receive, but a transfer goes to exactly one."),
        (
            {"equal": {"member_ids": ["$bo", "$cy"]}},
            "TRANSFER_ONE_RECEIVER",
            "2 members receive, but a transfer goes to exactly one.",
        ),
        (
            {"equal": {"member_ids": ["$ana"]}},
            "TRANSFER_TO_SELF",
            "is payer and receiver; a transfer goes to another member.",
        ),
        also=_TRANSFER,
    ),
    *rule(
        _CREATE,
        "expense.payments",
        (
            [{"member_id": "$ana", "amount": "4"}, {"member_id": "$bo", "amount": "6"}],
            "TRANSFER_ONE_PAYER",
            "2 members pay, but a transfer comes from exactly one.",
        ),
        also={**_TRANSFER, "expense.split": {"equal": {"member_ids": ["$cy"]}}},
    ),
]
SPLITS = [
    Case(_CREATE, {_EQUAL: ["$ana", "$ana"]}, "MEMBER_DUPLICATE", f"{_EQUAL}[1]", _TWICE),
    Case(
        _CREATE, {_EQUAL: ["$ana", ""]}, "ID_REQUIRED", f"{_EQUAL}[1]", "An id is required: `mbr_`"
    ),
    Case(
        _CREATE, {_EQUAL: ["Bo"]}, "ID_MALFORMED", f"{_EQUAL}[0]", "'Bo' is not an id of this kind"
    ),
    Case(_CREATE, {_EQUAL: [f"mbr_{UNKNOWN}"]}, "MEMBER_UNKNOWN", f"{_EQUAL}[0]", _UNKNOWN_MEMBER),
    # As many as one message has room for, and no statement.
    Case(
        _CREATE,
        {_EQUAL: [f"mbr_{number:026}" for number in range(100_000)]},
        "TOO_MANY_SHARES",
        "expense.split",
        "This expense has 100,001 shares",
    ),
    refused(_CREATE, {_EQUAL: ["$left"]}, "FAILED_PRECONDITION", "MEMBER_INACTIVE", "has left the"),
    *_everywhere("weights", "weight", 1),
    _split(
        "weights",
        _parts("weight", -1),
        "WEIGHT_OUT_OF_RANGE",
        "parts[0].weight",
        "-1 is not a weight",
    ),
    _split(
        "weights",
        _parts("weight", 1, 1_000_001),
        "WEIGHT_OUT_OF_RANGE",
        "parts[1].weight",
        "1000001 is not a weight; it must be from 0 to 1,000,000.",
    ),
    *_everywhere("percent", "percent", "50"),
    *(
        _split("percent", _parts("percent", "50", text), reason, "parts[1].percent", says)
        for text, reason, says in (
            ("", "PERCENT_REQUIRED", "'' is not a percentage; a percentage is required."),
            ("50%", "PERCENT_MALFORMED", "'50%' is not a percentage; write digits and at most one"),
            ("5e1", "PERCENT_MALFORMED", "'5e1' is not a percentage"),
            ("٥٠", "PERCENT_MALFORMED", "'٥٠' is not a percentage"),
            (
                "50.00000",
                "PERCENT_TOO_PRECISE",
                "'50.00000' has 5 fraction digits; a percentage has",
            ),
            ("-50", "PERCENT_OUT_OF_RANGE", "'-50' must be from 0 to 100."),
            ("100.0001", "PERCENT_OUT_OF_RANGE", "'100.0001' must be from 0 to 100."),
            ("9" * 5_000, "PERCENT_OUT_OF_RANGE", "must be from 0 to 100."),
        )
    ),
    _split(
        "percent",
        _parts("percent", "33.3333", "33.3333", "33.3333"),
        "SUM_MISMATCH",
        "parts",
        "The percentages sum to 99.9999 %, but must sum to 100 % (difference -0.0001 %).",
    ),
    *_everywhere("exact", "amount", "5.00"),
    _split("exact", _parts("amount", "1e1"), "AMOUNT_MALFORMED", "parts[0].amount", "'1e1' is not"),
    _split(
        "exact", _parts("amount", ""), "AMOUNT_REQUIRED", "parts[0].amount", "'' is not an amount"
    ),
    _split(
        "exact", _parts("amount", "11", "-1"), "AMOUNT_NEGATIVE", "parts[1].amount", "'-1' must"
    ),
    _split(
        "exact",
        _parts("amount", "3.33", "3.33", "3.33"),
        "SUM_MISMATCH",
        "parts",
        "The exact amounts sum to 9.99 EUR, but must sum to 10.00 EUR (difference -0.01 EUR).",
    ),
    *_everywhere("adjusted", "adjustment", "1.00"),
    _split(
        "adjusted",
        _parts("adjustment", "20.00", ""),
        "SHARE_NEGATIVE",
        "parts[1].adjustment",
        "0.00 EUR plus an equal share of -5.00 EUR makes -5.00 EUR; a share must not be",
    ),
    _split(
        "adjusted", _parts("adjustment", "+1"), "AMOUNT_MALFORMED", "parts[0].adjustment", "'+1'"
    ),
    _split(
        "itemized", {}, "SPLIT_EMPTY", "items", "The list of items is empty; add at least one item."
    ),
    *(
        _split("itemized", {"items": [item], **more}, reason, field, text)
        for item, more, reason, field, text in (
            (
                _item("0"),
                {},
                "AMOUNT_NOT_POSITIVE",
                "items[0].amount",
                "'0' must be more than zero.",
            ),
            (_item(""), {}, "AMOUNT_REQUIRED", "items[0].amount", "'' is not an amount"),
            (_item(members=()), {}, "SPLIT_EMPTY", "items[0].member_ids", _EMPTY),
            (_item(members=("$bo",) * 2), {}, "MEMBER_DUPLICATE", "items[0].member_ids[1]", _TWICE),
            (
                _item(members=("x",)),
                {},
                "ID_MALFORMED",
                "items[0].member_ids[0]",
                "'x' is not an id",
            ),
            (_item(name="a\nb"), {}, "CHARACTER_NOT_ALLOWED", "items[0].name", "'a\\nb' has the"),
            (_item(name="a" * 201), {}, "TEXT_TOO_LONG", "items[0].name", "has 201 characters"),
            (_item(), {"tax": "-1"}, "AMOUNT_NEGATIVE", "tax", "'-1' must not be negative."),
            (_item(), {"tip": "x"}, "AMOUNT_MALFORMED", "tip", "'x' is not an amount"),
            (
                _item("9.00"),
                {"tax": "0.50"},
                "SUM_MISMATCH",
                "",
                "The lines, tax and tip sum to 9.50 EUR, but must sum to 10.00 EUR (difference -0.50",
            ),
        )
    ),
    _split(
        "itemized",
        {"items": [_item("1.00")] * 201},
        "TOO_MANY_ITEMS",
        "items",
        "201 items were sent; at most 200 are possible.",
    ),
]
