"""Paging by key: a token holds the key of the last row of a page, never a number of rows to skip.

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
from typing import Generic, TypeVar

from howmuch.errors import InvalidArgument, invalid

Row = TypeVar("Row")
Other = TypeVar("Other")

DEFAULT_SIZE = 50
LARGEST_SIZE = 500
# Fits into 64 bits.
_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Page:
    """The rows to return: at most `size`, after the row with the key `after`. None means from the first.

    query: digest of the other fields of the request.
    """

    size: int
    after: tuple[str, ...] | None
    query: str


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """The rows of a page. next_page_token: empty means that this is the last page.

    token_of: the token of a page that goes on after the row with this index.
    """

    rows: Sequence[Row]
    next_page_token: str
    token_of: Callable[[int], str]

    def token_after(self, count: int) -> str:
        """The token for a page that ends early, after `count` rows."""
        return self.next_page_token if count == len(self.rows) else self.token_of(count - 1)

    def map(self, convert: Callable[[Row], Other]) -> "Listing[Other]":
        """The same page of other rows."""
        rows = [convert(row) for row in self.rows]
        return Listing(rows, self.next_page_token, self.token_of)


def parse_page(page_size: int, page_token: str, *query: object, keys: int = 1) -> Page:
    """The page that `page_size` and `page_token` of a request ask for.

    query: the other fields of the request, which the token must have been made for.
    keys: number of key columns in a token.
    """
    check_page_size(page_size)
    size = min(page_size or DEFAULT_SIZE, LARGEST_SIZE)
    digest = hashlib.sha256(repr(query).encode()).hexdigest()[:16]
    if not page_token:
        return Page(size, None, digest)
    try:
        token_query, *after = json.loads(base64.urlsafe_b64decode(page_token))
        well_formed = len(after) == keys and all(map(_is_key, after))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        well_formed, token_query, after = False, None, []
    if not well_formed:
        raise token_malformed()
    if token_query != digest:
        raise invalid(
            "page_token",
            "PAGE_TOKEN_OF_OTHER_QUERY",
            "The token was given for another request; keep all other fields as they were.",
        )
    return Page(size, tuple(after), digest)


def check_page_size(page_size: int) -> None:
    """Raises InvalidArgument for a negative size."""
    if page_size < 0:
        raise invalid(
            "page_size", "PAGE_SIZE_NEGATIVE", f"{page_size} is below zero; 0 asks for the default."
        )


def _is_key(key: object) -> bool:
    return isinstance(key, str) and key.isascii() and key.isprintable()


def number_after(page: Page) -> int | None:
    """The key of a page whose rows are ordered by one number. None means from the first."""
    if page.after is None:
        return None
    key = page.after[0]
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
        "This is not a token that this server gave as next_page_token.",
    )


def cut(page: Page, rows: Sequence[Row], key: Callable[[Row], Sequence[object]]) -> Listing[Row]:
    """The page, of up to size + 1 rows that were read."""

    def token_of(index: int) -> str:
        token = json.dumps([page.query, *map(str, key(rows[index]))], separators=(",", ":"))
        return base64.urlsafe_b64encode(token.encode()).decode()

    if len(rows) <= page.size:
        return Listing(rows, "", token_of)
    return Listing(rows[: page.size], token_of(page.size - 1), token_of)
