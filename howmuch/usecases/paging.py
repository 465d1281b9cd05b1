"""Paging by key: a token holds the key of a row at the edge of a page, never a number of rows to skip.

It goes on after that row, or back from it.

So every page costs the same, and rows that are added or deleted between two pages neither repeat nor hide
others. A token is valid only for the query it was made for.
"""

import base64
import binascii
import datetime as dt
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import ge, gt, le, lt
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, tuple_

from howmuch.errors import InvalidArgument, Violations, invalid

Row = TypeVar("Row")
Other = TypeVar("Other")
Statement = TypeVar("Statement", bound="Select[*tuple[Any, ...]]")

DEFAULT_SIZE = 50
LARGEST_SIZE = 500
# Fits into 64 bits.
_MOST_DIGITS = 18


class Way(StrEnum):
    """The rows of a page, as seen from the key in its token, in the order of the list."""

    AFTER = ">"
    FROM = "]"
    BEFORE = "<"
    UP_TO = "["


@dataclass(frozen=True, slots=True)
class Page:
    """The rows to return: at most `size`, from a key onwards or back. key: None means the first rows.

    query: digest of the other fields of the request.
    """

    size: int
    key: tuple[str, ...] | None
    query: str
    way: Way = Way.AFTER

    @property
    def backward(self) -> bool:
        """Whether the rows end at the key."""
        return self.way in (Way.BEFORE, Way.UP_TO)


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """The rows of a page. An empty token means that there is no such page.

    token_of: the token of a page that goes on after the row with this index.
    """

    rows: Sequence[Row]
    next_page_token: str
    token_of: Callable[[int], str]
    previous_page_token: str = ""

    def token_after(self, count: int) -> str:
        """The token for a page that ends early, after `count` rows."""
        return self.next_page_token if count == len(self.rows) else self.token_of(count - 1)

    def map(self, convert: Callable[[Row], Other]) -> "Listing[Other]":
        """The same page of other rows."""
        rows = [convert(row) for row in self.rows]
        return Listing(rows, self.next_page_token, self.token_of, self.previous_page_token)


def parse_page(
    page_size: int,
    page_token: str,
    *query: object,
    keys: int = 1,
    default: int = DEFAULT_SIZE,
    largest: int = LARGEST_SIZE,
) -> Page:
    """The page that `page_size` and `page_token` of a request ask for.

    query: the other fields of the request, which the token must have been made for.
    keys: number of key columns in a token. default, largest: of page_size.
    """
    check_page(page_size, page_token)
    size = min(page_size or default, largest)
    digest = hashlib.sha256(repr(query).encode()).hexdigest()[:16]
    if not page_token:
        return Page(size, None, digest)
    token_query, *key = _read_token(page_token)
    try:
        # Without a way in it, a token goes on after its key.
        way = Way(key.pop(0)) if len(key) > keys else Way.AFTER
    except ValueError as error:
        raise token_malformed() from error
    if len(key) != keys:
        raise token_malformed()
    if token_query != digest:
        raise invalid(
            "page_token",
            "PAGE_TOKEN_OF_OTHER_QUERY",
            "The token was given for another request; keep all other fields as they were.",
        )
    return Page(size, tuple(key), digest, way)


def check_page(page_size: int, page_token: str) -> None:
    """Raises InvalidArgument for a negative size and a malformed token, of any list."""
    wrong = Violations()
    with wrong:
        if page_size < 0:
            raise invalid(
                "page_size",
                "PAGE_SIZE_NEGATIVE",
                f"{page_size} is below zero; 0 asks for the default.",
            )
    with wrong:
        if page_token:
            _read_token(page_token)
    wrong.raise_any()


def _read_token(page_token: str) -> list[str]:
    """The parts of a token: its query, perhaps its way, and its key."""
    try:
        query, *key = json.loads(base64.urlsafe_b64decode(page_token))
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise token_malformed() from error
    if not all(map(_is_key, key)):
        raise token_malformed()
    return [query, *key]


def _is_key(key: object) -> bool:
    return isinstance(key, str) and key.isascii() and key.isprintable()


def number_of(page: Page) -> int | None:
    """The key of a page whose rows are ordered by one number. None means the first rows."""
    return None if page.key is None else parse_number(page.key[0])


def parse_number(key: str) -> int:
    """A number in the key of a page."""
    if not key.isdigit() or len(key) > _MOST_DIGITS:
        raise token_malformed()
    return int(key)


def date_after(key: str) -> dt.date:
    """A key that is a day."""
    try:
        return dt.date.fromisoformat(key)
    except ValueError as error:
        raise token_malformed() from error


def token_malformed() -> InvalidArgument:
    """The same error for every token that the server did not give. A token may be long: it is not shown."""
    return invalid(
        "page_token",
        "PAGE_TOKEN_MALFORMED",
        "This is not a token that this server gave for the next or the previous page.",
    )


def in_page(
    statement: Statement,
    page: Page,
    columns: Sequence[ColumnElement[Any]],
    key: Sequence[Any] | None,
    *,
    descending: bool = False,
) -> Statement:
    """The statement for the rows of a page, and one row more. Those of a backward page come last first.

    columns: the order of the list. key: that of the page, as values of the columns.
    """
    down = descending != page.backward
    if key is not None:
        statement = statement.where(beyond(page, columns, key, descending=descending))
    ordered = (column.desc() if down else column for column in columns)
    return statement.order_by(*ordered).limit(page.size + 1)


def beyond(
    page: Page, columns: Sequence[ColumnElement[Any]], key: Sequence[Any], *, descending: bool
) -> ColumnElement[bool]:
    """Whether a row is on the side of the key that the page is on."""
    down = descending != page.backward
    with_key = page.way in (Way.FROM, Way.UP_TO)
    compare = (le if with_key else lt) if down else (ge if with_key else gt)
    row = columns[0] if len(columns) == 1 else tuple_(*columns)
    found: ColumnElement[bool] = compare(row, key[0] if len(columns) == 1 else tuple(key))
    return found


def cut(page: Page, rows: Sequence[Row], key: Callable[[Row], Sequence[object]]) -> Listing[Row]:
    """The page, of up to size + 1 rows that were read. Those of a backward page come last first."""
    more = len(rows) > page.size
    shown = rows[: page.size]
    if page.backward:
        shown = shown[::-1]

    def token(way: Way, keys: Sequence[object]) -> str:
        # Servers of before know only tokens without a way.
        way_in_it = () if way is Way.AFTER else (way.value,)
        parts = [page.query, *way_in_it, *map(str, keys)]
        return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode()

    def token_of(index: int) -> str:
        return token(Way.AFTER, key(shown[index]))

    following = previous = ""
    if page.key is not None and not shown:
        # The rows were deleted. The one with the key itself may be there.
        inclusive = page.way in (Way.FROM, Way.UP_TO)
        if page.backward:
            following = token(Way.AFTER if inclusive else Way.FROM, page.key)
        else:
            previous = token(Way.BEFORE if inclusive else Way.UP_TO, page.key)
    elif shown:
        if more if not page.backward else page.key is not None:
            following = token_of(len(shown) - 1)
        if more if page.backward else page.key is not None:
            previous = token(Way.BEFORE, key(shown[0]))
    return Listing(shown, following, token_of, previous)
