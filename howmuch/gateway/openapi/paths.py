"""Paths as OpenAPI has them: a name in braces for each segment that varies.

`/v1/{name=shelves/*/books/*}` becomes `/v1/shelves/{shelf}/books/{book}`, for a path parameter cannot hold
a slash. `**` becomes one name, marked `x-multi-segment`. `{event.id}` becomes `{eventId}`, as many tools
cannot take a name with a dot. Templates that differ in their names only are one path to OpenAPI, so they
get the same names: those of the binding that reaches the least deep into its request, and of those the
first.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote

from howmuch.gateway.routes import Route, resolve
from howmuch.gateway.templates import Variable, Wildcard

_LITERAL_SAFE = "-._~!$&'()+,;=@"
_WORD_BREAK = re.compile(r"[^A-Za-z0-9]+")
_IRREGULAR = {
    "children": "child",
    "halves": "half",
    "knives": "knife",
    "leaves": "leaf",
    "lives": "life",
    "movies": "movie",
    "news": "news",
    "people": "person",
    "series": "series",
    "shelves": "shelf",
    "wolves": "wolf",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A segment that varies. variable: None for a wildcard that no field takes.

    depth: how many fields the name is made of. pattern: of the whole variable with the final names, where the
    part is not all of it.
    """

    name: str
    depth: int
    variable: Variable | None
    multi: bool
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class FlatPath:
    """A path, and its parts that vary, in order."""

    text: str
    parts: tuple[Part, ...]


def flat_paths(routes: Iterable[Route]) -> dict[int, FlatPath]:
    """The path of each route, by the route's id()."""
    drafts = [(route, _draft(route)) for route in routes]
    alike: dict[str, list[list[Part]]] = defaultdict(list)
    for route, parts in drafts:
        varying = [part for part in parts if isinstance(part, Part)]
        alike[_shape(route, parts)].append(varying)
    return {
        id(route): _named(route, parts, _plainest(alike[_shape(route, parts)]))
        for route, parts in drafts
    }


def singular(plural: str) -> str:
    """The name of one of a collection: `shelves` is `shelf`, `event-types` is `eventType`."""
    first, *others = [word for word in _WORD_BREAK.split(plural) if word] or ["part"]
    *before, last = [first[0].lower() + first[1:], *map(_capitalized, others)]
    lower = last.lower()
    if lower in _IRREGULAR:
        last = last[0] + _IRREGULAR[lower][1:]
    elif lower.endswith("ies") and len(lower) > 4:
        last = f"{last[:-3]}y"
    elif lower.endswith(("sses", "shes", "ches", "xes", "zzes")):
        last = last[:-2]
    elif lower.endswith("s") and not lower.endswith(("ss", "us", "is")) and len(lower) > 1:
        last = last[:-1]
    return "".join([*before, last])


def _capitalized(word: str) -> str:
    return word[0].upper() + word[1:]


def _draft(route: Route) -> list[str | Part]:
    """Segments, each literal as it stands in a URL."""
    template = route.template
    parts: list[str | Part] = []
    before = ""
    for index, segment in enumerate(template.segments):
        if not isinstance(segment, Wildcard):
            before = segment
            parts.append(quote(segment, safe=_LITERAL_SAFE, errors="surrogateescape"))
            continue
        variable = next((v for v in template.variables if v.start <= index < v.end), None)
        multi = segment is Wildcard.REST
        name, depth = _part_name(route, variable, index, before)
        parts.append(Part(name, depth, variable, multi))
        before = ""
    return parts


def _part_name(route: Route, variable: Variable | None, index: int, before: str) -> tuple[str, int]:
    """The name of a part, and its depth. before: the literal before it; empty where there is none."""
    if variable is not None and (index == variable.start or not before):
        first, *others = resolve(route.method.input_type, variable.field_path)
        names = [first.json_name, *(_capitalized(field.json_name) for field in others)]
        return "".join(names), len(names)
    return (singular(before) if before else f"part{index}"), 1


def _shape(route: Route, parts: Iterable[str | Part]) -> str:
    return _text(["{}" if isinstance(part, Part) else part for part in parts], route)


def _text(segments: Iterable[str], route: Route) -> str:
    verb = f":{quote(route.template.verb, safe=_LITERAL_SAFE)}" if route.template.verb else ""
    return f"/{'/'.join(segments)}{verb}"


def _plainest(choices: list[list[Part]]) -> list[str]:
    plainest = min(choices, key=lambda parts: sum(part.depth for part in parts))
    return list(_distinct([part.name for part in plainest]))


def _distinct(names: list[str]) -> Iterator[str]:
    taken: set[str] = set()
    for name in names:
        unique, number = name, 1
        while unique in taken:
            number += 1
            unique = f"{name}{number}"
        taken.add(unique)
        yield unique


def _named(route: Route, parts: list[str | Part], names: list[str]) -> FlatPath:
    left = iter(names)
    named = [replace(part, name=next(left)) if isinstance(part, Part) else part for part in parts]
    texts = [f"{{{part.name}}}" if isinstance(part, Part) else part for part in named]
    finished = []
    for part in named:
        if isinstance(part, Part):
            variable = part.variable
            whole = variable is None or variable.end - variable.start == 1
            pattern = (
                "" if whole or variable is None else "/".join(texts[variable.start : variable.end])
            )
            finished.append(replace(part, pattern=pattern))
    return FlatPath(_text(texts, route), tuple(finished))
