"""The public pages: thin views over a reading."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from . import reading as readings
from .reading import Reading

View = Callable[..., HttpResponse]


def of_guidance(view: View) -> View:
    """Give a view the reading that its address names; former addresses lead straight to the present one."""

    @require_safe
    @wraps(view)
    def wrapper(
        request: HttpRequest, guidance: str = "", on: str = "", reading: Reading | None = None, **rest: Any
    ) -> HttpResponse:
        if reading:  # a preview brings its own
            return view(request, reading, **rest)
        at = timezone.now()
        reading = readings.dated(guidance, date.fromisoformat(on), at) if on else readings.current(guidance, at)
        if reading is None:
            raise Http404
        return view(request, reading, **rest)

    return wrapper


@of_guidance
def guidance(request: HttpRequest, reading: Reading) -> HttpResponse:
    return render(request, "categories/guidance.html", {"reading": reading})


@of_guidance
def category(request: HttpRequest, reading: Reading, slug: str) -> HttpResponse:
    return render(request, "categories/category.html", {"reading": reading})


@of_guidance
def approval_tests(request: HttpRequest, reading: Reading) -> HttpResponse:
    return render(request, "categories/approval_tests.html", {"reading": reading})


@of_guidance
def approval_test(request: HttpRequest, reading: Reading, slug: str) -> HttpResponse:
    return render(request, "categories/approval_test.html", {"reading": reading})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "500.html", status=500)
