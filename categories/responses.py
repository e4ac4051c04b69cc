"""How public responses travel: no cookie, always checked with the site again, compressed."""

import gzip
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

import brotli
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import cache_control
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
    return require_safe(compressed(conditional_page(cache_control(no_cache=True)(view))))


def from_any_site(view: View) -> View:
    """Let the pages of any site read what a view answers, and follow where it leads (CORS)."""

    @wraps(view, updated=())
    def wrapper(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        response = view(request, *args, **options)
        response.headers["Access-Control-Allow-Origin"] = "*"
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
