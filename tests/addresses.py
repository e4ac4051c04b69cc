"""Every public address, as the URL resolver knows it: a new page is in every test of all of them at once."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from django.urls import URLPattern, URLResolver, get_resolver

PRIVATE = ("admin/", "preview/")
# Addresses that are written as regular expressions, and one that each of them matches
EXPRESSIONS = {
    "^healthz/?$": "healthz",
    "^readyz/?$": "readyz",
    r"api/v1/^[\s\S]+/\Z": "api/v1/nothing/",
}
PARAMETER = re.compile(r"([\w-]+)/<(?:\w+:)?\w+>")


def routes(patterns: Sequence[URLPattern | URLResolver] | None = None, prefix: str = "") -> Iterator[str]:
    """Yield the pattern of every public address, those of several names once for each."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        route = f"{prefix}{one.pattern}"
        if route.startswith(PRIVATE):
            continue
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, route)
        else:
            yield route


def filled(route: str, values: Mapping[str, Sequence[str]]) -> list[str]:
    """Return every address of a pattern, its parameters filled in by the part of the address before each.

    A part that no values are given for is a KeyError: whoever adds an address says what to try it with.
    """
    if route in EXPRESSIONS:
        return [f"/{EXPRESSIONS[route]}"]
    parts = dict.fromkeys(PARAMETER.findall(route))
    found = []
    for chosen in product(*(values[part] for part in parts)):
        given = dict(zip(parts, chosen, strict=True))
        found.append("/" + PARAMETER.sub(lambda match, given=given: f"{match[1]}/{given[match[1]]}", route))
    return found


def every(values: Mapping[str, Sequence[str]]) -> list[str]:
    """Return every address of every public pattern, each once."""
    return list(dict.fromkeys(address for route in routes() for address in filled(route, values)))
