"""How public responses travel: no cookie, and kept for the next reader by the door, and for a second by others."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, cast

from django.core.handlers.exception import response_for_exception
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import ResolverMatch
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

View = Callable[..., HttpResponse]

# Browsers ask again; shared caches keep an answer for one second. The same everywhere, so that it tells nothing
CACHE_CONTROL = "public, max-age=0, s-maxage=1"
# In the environ: whether the door may keep the answer, and the moment that it asks for, if it does
KEPT, MOMENT = "door.kept", "door.moment"
STATE = "door.state"  # a function that returns what the door knows of itself: see config/door.py


def public(view: View) -> View:
    """Make a view a public one: its answer depends on the address, the record and the day alone, so others get it too.

    The headers say nothing of how long it will hold: that would tell when the next edition comes.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        request.META[KEPT] = True
        response = view(request, *args, **options)
        response.headers["Cache-Control"] = CACHE_CONTROL
        return response

    return readable(_same_for_head(wrapper))


def moment(request: HttpRequest) -> datetime:
    """Return the moment as of which to answer: the second at which the door knows how the record stands, or now."""
    at: datetime | None = request.META.get(MOMENT)
    return at or timezone.now()


def not_kept(request: HttpRequest) -> None:
    """Keep the answer to a request from the next reader: it would be another, though the record is the same."""
    request.META.pop(KEPT, None)


def readable(view: View) -> View:
    """Answer GET and HEAD alone, and say so to other methods: they are not asked for a token, since nothing changes."""
    return csrf_exempt(require_safe(view))


def _same_for_head(view: View) -> View:
    """Answer HEAD with the headers of GET. Whoever sends the answer to a HEAD drops its body."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        method, request.method = request.method, "GET"
        try:
            return view(request, *args, **options)
        finally:
            request.method = method

    return wrapper


def match_of(request: HttpRequest) -> ResolverMatch:
    """Return which view the address of a request led to, and with what: whatever a view gets has it."""
    return cast(ResolverMatch, request.resolver_match)


def led_on(request: HttpRequest, address: str, query: str | None = None) -> HttpResponse | None:
    """Lead to the address that what a request asks for has now, or return None where it was asked for by that.

    `query` is the one that it has now; None is the one that it was asked with.
    """
    if request.path == address and query is None:
        return None
    query = request.META.get("QUERY_STRING", "") if query is None else query
    return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)


def from_any_site(view: View) -> View:
    """Let the pages of any site read what a view answers, ask again with its ETag, and follow where it leads (CORS)."""

    @csrf_exempt
    @wraps(view, updated=())
    def wrapper(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        if request.method == "OPTIONS":  # what a browser asks before it sends If-None-Match
            response = HttpResponse(status=204, headers={"Access-Control-Allow-Headers": "If-None-Match"})
        else:
            try:
                response = view(request, *args, **options)
            except Http404 as missing:
                response = response_for_exception(request, missing)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "ETag"
        if response.status_code in (204, 405):
            response.headers["Allow"] = "GET, HEAD, OPTIONS"
        return response

    return wrapper
