"""What people do to addresses: capitals, a missing slash, punctuation pasted behind, an end cut off. One 301 each."""

import re
from collections.abc import Iterator
from copy import copy
from datetime import datetime
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import Resolver404, get_script_prefix, resolve

from ..content.addresses import LONGEST, tidy
from ..models.former_address import FormerAddress
from .responses import CACHE_CONTROL, KEPT, moment

OURS = re.compile(r"/(?:admin|preview|static|api)(?:/|$)", re.IGNORECASE)  # tokens and programs are exact
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
    for meant, query, fragment in _meant(asked, moment(request)):
        if meant != asked and (address := _answering(request, meant)):
            headers = {"Cache-Control": CACHE_CONTROL if KEPT in request.META else "no-cache"}
            return HttpResponsePermanentRedirect(_with(address, query, fragment), headers=headers)
    return None


def _meant(asked: str, at: datetime) -> Iterator[tuple[str, str, str]]:
    """Yield what an address could be meant to be, the likeliest first: path, query and fragment.

    Only a former address leads to a query or fragment of its own.
    """
    found = tidy(asked)
    if former := FormerAddress.objects.leads_to(found, at):
        leads_to = urlsplit(former)
        yield leads_to.path, leads_to.query, leads_to.fragment
    yield found, "", ""
    for cut, whole in CUT:
        if cut.match(found):
            yield cut.sub(whole, found), "", ""


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


def _with(address: str, query: str, fragment: str) -> str:
    """Return an address with a query before its own, and with a fragment where it has none.

    >>> _with("/guidance/x/?q=a", "level=3", "filters"), _with("/guidance/x/", "", "")
    ('/guidance/x/?level=3&q=a#filters', '/guidance/x/')
    """
    if not query and not fragment:
        return address
    parts = urlsplit(address)
    both = "&".join(filter(None, (query, parts.query)))
    return parts._replace(query=both, fragment=parts.fragment or fragment).geturl()
