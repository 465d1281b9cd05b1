"""The ETag of a response, and If-Match as the service gets it."""

import pytest

from howmuch.gateway.etags import etag_of, without_hash


@pytest.mark.parametrize("own", ["v1", '"v1"', 'W/"v1"'])
def test_service_gets_its_own_etag_back(own: str) -> None:
    """Without the hash that the ETag of a GET has. Quotes are added once."""
    quoted = own if '"' in own else f'"{own}"'
    first, second = (etag_of(own, wire, cacheable=True).decode() for wire in (b"a", b"b"))
    assert first != second
    assert without_hash(first) == quoted
    assert without_hash(f'"x", {first}, {second}') == f'"x", {quoted}, {quoted}'
    assert etag_of(own, b"a", cacheable=False).decode() == quoted


def test_message_without_an_etag_has_a_weak_hash() -> None:
    assert etag_of("", b"a", cacheable=True) == etag_of("", b"a", cacheable=False)
    assert etag_of("", b"a", cacheable=True).startswith(b'W/"')


@pytest.mark.parametrize("given", ["*", '"v1"', '"v1;h=0123"', '"v1;h=' + "0" * 24 + 'x"', "v1"])
def test_other_values_reach_the_service_as_they_are(given: str) -> None:
    assert without_hash(given) == given
