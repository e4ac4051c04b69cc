"""What people do to addresses: capitals, a missing slash, punctuation pasted behind, an end cut off. One 301 each."""

import re
from collections.abc import Iterator
from copy import copy

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import Resolver404, get_script_prefix, resolve

OURS = re.compile(r"/(?:admin|preview|static|api)(?:/|$)", re.IGNORECASE)  # tokens and programs are exact
LONGEST = 500  # characters of an address that a person could have meant
PASTED = re.compile(r"(?:[\s.,;:!?'\"’”»)\]}>*|\\]|%20)+$")  # what stands behind an address in a text
FILE = re.compile(r"(\.(?:csv|atom|txt|xml))/*$")
MOMENT = re.compile(r"(?<=/at/)[0-9-]+t[0-9:.]+z(?=/)")  # the one part of an address that has capitals
CUT = [
    (re.compile(r"^/guidance/$"), "/"),
    (re.compile(r"^(/guidance/[^/]+/(?:(?:on|at)/[^/]+/)?)categories/$"), r"\1"),
    (re.compile(r"^(/guidance/[^/]+/)at/$"), r"\1on/"),
]


def led_to_what_was_meant(request: HttpRequest) -> HttpResponse | None:
    """Lead to the address that one at which nothing stands was meant to be, straight, or return None."""
    asked = request.path_info
    if request.method not in ("GET", "HEAD") or OURS.match(asked) or len(asked) > LONGEST:
        return None
    for meant in _meant(asked):
        if meant != asked and (address := _answering(request, meant)):
            return HttpResponsePermanentRedirect(address)
    return None


def _meant(asked: str) -> Iterator[str]:
    """Yield what an address could be meant to be, the likeliest first."""
    found = tidy(asked)
    yield found
    for cut, whole in CUT:
        if cut.match(found):
            yield cut.sub(whole, found)


def tidy(asked: str) -> str:
    """Return an address in small letters, with its slash, and without what was pasted behind it.

    >>> tidy("/Guidance/X)."), tidy("/guidance/x/&utm_source=mail"), tidy("/guidance/x/categories.CSV")
    ('/guidance/x/', '/guidance/x/', '/guidance/x/categories.csv')
    >>> tidy("/guidance/x/AT/2026-09-01t08:30:00z")
    '/guidance/x/at/2026-09-01T08:30:00Z/'
    """
    path = PASTED.sub("", asked.partition("&")[0]).lower()
    path = re.sub("/{2,}", "/", FILE.sub(r"\1", path) if FILE.search(path) else f"{path}/")
    return MOMENT.sub(lambda moment: moment[0].upper(), path)


def _answering(request: HttpRequest, path: str) -> str | None:
    """Return the address at which a page stands, or to which it leads from there, or None where nothing stands."""
    asked = copy(request)
    asked.path_info, asked.path = path, get_script_prefix().rstrip("/") + path
    try:
        match = asked.resolver_match = resolve(path)
        answer = match.func(asked, *match.args, **match.kwargs)
    except (Resolver404, Http404):
        return None
    if answer.status_code in (301, 302, 303):
        return str(answer["Location"])
    query = request.META.get("QUERY_STRING", "")
    return (f"{asked.path}?{query}" if query else asked.path) if answer.status_code < 400 else None
