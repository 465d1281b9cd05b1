"""Pages by key, without a database."""

import base64
import json

import pytest

from howmuch.errors import InvalidArgument
from howmuch.usecases.paging import Page, Way, cut, number_of, parse_page


def token_of(page: Page, *key: object) -> str:
    """The token of the page after a row with this key."""
    return cut(page, range(page.size + 1), lambda _row: key).next_page_token


def refused(page_token: str, *query: object, keys: int = 1) -> str:
    """The reason that a token is refused for."""
    with pytest.raises(InvalidArgument) as caught:
        parse_page(1, page_token, *query, keys=keys)
    return caught.value.reason


@pytest.mark.parametrize(
    ("asked", "size"), [(0, 50), (1, 1), (500, 500), (501, 500), (2**31 - 1, 500)]
)
def test_size_has_a_default_and_a_bound(asked: int, size: int) -> None:
    """None asked for is 50; more than 500 is 500."""
    assert parse_page(asked, "").size == size


def test_token_leads_to_the_row_after_the_last() -> None:
    """The key of the last row comes back as it was, as text."""
    page = parse_page(2, "", "q", 1)
    listing = cut(page, ["a", "b", "c"], lambda row: [row, 7])
    assert listing.rows == ["a", "b"]
    assert parse_page(9, listing.next_page_token, "q", 1, keys=2).key == ("b", "7")
    assert parse_page(9, listing.token_after(1), "q", 1, keys=2).key == ("a", "7")
    assert listing.token_after(2) == listing.next_page_token


def test_pages_lead_back_to_the_rows_before() -> None:
    """A backward page is read last row first, and shown in the order of the list."""
    first = cut(parse_page(2, ""), "abc", lambda row: [row])
    assert (first.next_page_token != "", first.previous_page_token) == (True, "")
    last = cut(parse_page(2, first.next_page_token), "cd", lambda row: [row])
    assert last.next_page_token == ""
    back = parse_page(2, last.previous_page_token)
    assert (back.key, back.way) == (("c",), Way.BEFORE)
    listing = cut(back, "ba", lambda row: [row])
    assert (listing.rows, listing.previous_page_token) == ("ab", "")
    assert listing.next_page_token == first.next_page_token
    assert cut(back, "bax", lambda row: [row]).previous_page_token != ""


def test_empty_page_leads_to_the_row_with_its_key() -> None:
    """All rows beyond were deleted; the row at the edge may be there."""
    query = parse_page(2, "").query
    back = parse_page(2, cut(Page(2, ("b",), query), [], list).previous_page_token)
    assert (back.key, back.way) == (("b",), Way.UP_TO)
    onwards = parse_page(2, cut(Page(2, ("b",), query, Way.BEFORE), [], list).next_page_token)
    assert (onwards.key, onwards.way) == (("b",), Way.FROM)


def test_last_page_has_no_token() -> None:
    """As many rows as asked for, and no more, are the end."""
    listing = cut(parse_page(2, ""), ["a", "b"], lambda row: [row])
    assert (listing.rows, listing.next_page_token) == (["a", "b"], "")


def test_token_of_another_query_is_refused() -> None:
    """Every part of the query counts, and so does its type."""
    token = token_of(parse_page(1, "", "q", 1), "a")
    assert refused(token, "q", 2) == "PAGE_TOKEN_OF_OTHER_QUERY"
    assert refused(token, "q", "1") == "PAGE_TOKEN_OF_OTHER_QUERY"
    assert refused(token, "q", 1, keys=2) == "PAGE_TOKEN_MALFORMED"


@pytest.mark.parametrize("key", [7, None, ["a"], "\0", "\ud800", "é", "a\n"])
def test_key_that_no_row_has_is_refused(key: object) -> None:
    """Keys are ids, days and numbers: plain characters, as text."""
    page = parse_page(1, "", "q")
    token = base64.urlsafe_b64encode(json.dumps([page.query, key]).encode()).decode()
    assert refused(token, "q") == "PAGE_TOKEN_MALFORMED"


def test_deeply_nested_token_is_refused() -> None:
    """What breaks the parser is a token like any other that nobody was given."""
    assert refused(base64.urlsafe_b64encode(b"[" * 100_000).decode()) == "PAGE_TOKEN_MALFORMED"


def test_number_of_a_page_fits_into_the_database() -> None:
    """Numbers of up to 18 digits are taken; a word, a sign or more digits are not."""
    assert number_of(Page(1, None, "")) is None
    assert number_of(Page(1, ("9" * 18,), "")) == 10**18 - 1
    for key in ("", "-1", "1.0", "9" * 19, "x"):
        with pytest.raises(InvalidArgument):
            number_of(Page(1, (key,), ""))
