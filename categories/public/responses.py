"""How public responses travel: no cookie, always checked with the site again, compressed."""

import gzip
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

import brotli
from django.core.handlers.exception import response_for_exception
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import ResolverMatch
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page, require_safe

View = Callable[..., HttpResponse]

SMALLEST_WORTH_IT = 500  # bytes
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda content: brotli.compress(content, quality=5),
    "gzip": lambda content: gzip.compress(content, compresslevel=6, mtime=0),
}


def public(view: View) -> View:
    """Make a view a public one: it answers GET and HEAD, and a copy of its answer is used only while still true.

    The headers say nothing of how long that is: it would tell when the next edition goes live.
    """
    return readable(_same_for_head(compressed(conditional_page(cache_control(no_cache=True)(view)))))


def readable(view: View) -> View:
    """Answer GET and HEAD alone, and say so to other methods: they are not asked for a token, since nothing changes."""
    return csrf_exempt(require_safe(view))


def _same_for_head(view: View) -> View:
    """Answer HEAD with the headers of GET, ETag included. Whoever sends the answer to a HEAD drops its body."""

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


def compressed(view: View) -> View:
    """Compress what a view answers. Only for answers without secrets: their size would leak them (BREACH)."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        response = view(request, *args, **options)
        if response.streaming or response.has_header("Content-Encoding") or len(response.content) < SMALLEST_WORTH_IT:
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        if encoding := accepted_encoding(request.headers.get("Accept-Encoding", "")):
            response.content = ENCODERS[encoding](response.content)
            response.headers["Content-Encoding"] = encoding
            if etag := response.headers.get("ETag"):
                response.headers["ETag"] = f"W/{etag.removeprefix('W/')}"  # the same page, not the same bytes
        return response

    return wrapper


def accepted_encoding(header: str) -> str | None:
    """Return the best of our encodings that an Accept-Encoding header takes, or None."""
    taken = {
        part.split(";")[0].strip().lower()
        for part in header.split(",")
        if not re.search(r";\s*q\s*=\s*0(\.0*)?\s*$", part)
    }
    return next((encoding for encoding in ENCODERS if encoding in taken), None)
