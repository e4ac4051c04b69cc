"""The addresses of the API: any site may read what stands there, and nobody may write."""

from collections.abc import Iterable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path

from ..responses import View, from_any_site, public
from .api import api
from .problems import RequestProblem, answer
from .views import documentation, nothing_here


def open_data(view: View) -> View:
    """Let the pages of any site read what a view answers, and answer every method that would write with a problem."""
    readable = public(view)

    @from_any_site
    @wraps(view, updated=())
    def wrapper(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            return readable(request, *args, **options)
        return answer(RequestProblem(405, f"{request.method} is not allowed here: the API can only be read."))

    return wrapper


def _opened(patterns: Iterable[Any]) -> list[URLPattern]:
    return [URLPattern(one.pattern, open_data(one.callback), one.default_args, one.name) for one in patterns]


_described, _namespace, _name = api.urls
urls = (
    _opened(
        [
            path("documentation/", documentation, name="documentation"),
            *_described,
            re_path(r"^[\s\S]+/\Z", nothing_here),
        ]
    ),
    _namespace,
    _name,
)
