"""Paths in OpenAPI's form: a parameter for each variable segment.

`/v1/{name=shelves/*/books/*}` becomes `/v1/shelves/{shelf}/books/{book}`, since a path parameter cannot have
slashes. `**` becomes one parameter with `x-multi-segment`. `{event.id}` becomes `{eventId}`, since many tools
reject dots. Templates that differ only in names are one path to OpenAPI, so they get the same names: those of
the first binding with the least deep field paths.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple
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


class Part(NamedTuple):
    """A variable segment. variable: None means a wildcard outside of variables.

    depth: number of fields in the name. pattern: of the whole variable, with the final names, if the variable
    has several segments.
    """

    name: str
    depth: int
    variable: Variable | None
    multi: bool
    pattern: str = ""


class FlatPath(NamedTuple):
    """A path and its variable segments in order."""

    text: str
    parts: list[Part]


def flat_paths(routes: Iterable[Route]) -> dict[int, FlatPath]:
    """The path of each route, by the route's id()."""
    drafts = [(route, _draft(route)) for route in routes]
    alike: dict[str, list[list[Part]]] = defaultdict(list)
    for route, parts in drafts:
        alike[_shape(route, parts)].append([part for part in parts if isinstance(part, Part)])
    return {
        id(route): _named(route, parts, _plainest(alike[_shape(route, parts)]))
        for route, parts in drafts
    }


def singular(plural: str) -> str:
    """The name of one element of a collection: `shelves` gives `shelf`, `event-types` `eventType`."""
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
    """The segments: percent-encoded literals, and parts with their own names."""
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
        if variable is not None and (index == variable.start or not before):
            first, *others = resolve(route.method.input_type, variable.field_path)
            names = [first.json_name, *(_capitalized(field.json_name) for field in others)]
        else:
            names = [singular(before) if before else f"part{index}"]
        parts.append(Part("".join(names), len(names), variable, multi))
        before = ""
    return parts


def _shape(route: Route, parts: Iterable[str | Part]) -> str:
    return _text(["{}" if isinstance(part, Part) else part for part in parts], route)


def _text(segments: Iterable[str], route: Route) -> str:
    verb = f":{quote(route.template.verb, safe=_LITERAL_SAFE)}" if route.template.verb else ""
    return f"/{'/'.join(segments)}{verb}"


def _plainest(choices: list[list[Part]]) -> list[str]:
    """The names of the choice with the least deep field paths; conflicts get a number."""
    names: list[str] = []
    for part in min(choices, key=lambda parts: sum(part.depth for part in parts)):
        name, number = part.name, 1
        while name in names:
            number += 1
            name = f"{part.name}{number}"
        names.append(name)
    return names


def _named(route: Route, parts: list[str | Part], names: list[str]) -> FlatPath:
    left = iter(names)
    named = [part._replace(name=next(left)) if isinstance(part, Part) else part for part in parts]
    texts = [f"{{{part.name}}}" if isinstance(part, Part) else part for part in named]

    def finished(part: Part) -> Part:
        variable = part.variable
        if variable is None or variable.end - variable.start == 1:
            return part
        return part._replace(pattern="/".join(texts[variable.start : variable.end]))

    return FlatPath(_text(texts, route), [finished(p) for p in named if isinstance(p, Part)])
