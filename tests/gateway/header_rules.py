"""What a case can say of the headers of a reply, and of the metadata of a call."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

ValuesOf = Callable[[str], list[Any]]  # every value of a name, in order; none: []
Rule = Callable[[list[Any], Any], bool]  # the values, what is said of them


def _exact(values: list[str], expected: str) -> bool:
    return values == [expected]


def _contain(values: list[str], expected: list[str]) -> bool:
    found = {item.strip().casefold() for value in values for item in value.split(",")}
    return {item.casefold() for item in expected} <= found


def _list(values: list[str], expected: list[str]) -> bool:
    return values == expected


def _not(values: list[str], unwanted: str) -> bool:
    return unwanted not in values


def _absent(values: list[str], _: None) -> bool:
    return not values


RULES: dict[str, Rule] = {
    "headers_exact": _exact,
    "headers_contain": _contain,
    "headers_list": _list,
    "headers_absent": _absent,
    "header_not": _not,
    "header_absent_value": _not,
    "metadata": _exact,
    "metadata_list": _list,
    "metadata_absent": _absent,
    "metadata_not": _not,
}


def broken_rules(
    key: str, expected: Mapping[str, Any] | list[str], values_of: ValuesOf
) -> Iterator[str]:
    """A sentence for every name that does not follow the rule of a key of an outcome."""
    said = dict.fromkeys(expected) if isinstance(expected, list) else expected
    for name, value in said.items():
        found = values_of(name)
        if not RULES[key](found, value):
            yield f"{key}: {name} is {found}" + ("." if value is None else f", and {value!r} said.")


def media_type(values_of: ValuesOf) -> ValuesOf:
    """The same headers, of Content-Type only the media type."""

    def values(name: str) -> list[str]:
        found = values_of(name)
        if name == "content-type":
            return [value.partition(";")[0].strip().lower() for value in found]
        return found

    return values
