"""What the site says when it cannot answer, in the form that an address promises: a page, JSON, CSV, Atom or text."""

from dataclasses import dataclass
from datetime import UTC

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import escape

RETRY_AFTER = 10  # seconds
JSON = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Failure:
    title: str
    advice: str


FAILURES = {
    403: Failure("This page was open for too long", "Go back, load it again and send it once more. Nothing was saved."),
    404: Failure("Page not found", "No address has the character that this one has: a NUL, written as %00."),
    411: Failure("This request does not say how long it is", "Send it with a Content-Length."),
    413: Failure("This is too long", "Send less at once. Nothing was saved."),
    414: Failure("This address is too long", "Shorten it, or go to the start of this site and follow the links."),
    500: Failure("Sorry, there is a problem", "This cannot be shown now. Try again later."),
    503: Failure("Sorry, this is not available just now", "Nothing was saved. Try again in a minute."),
}
NOT_IN_MIRROR = Failure(
    "This part of the site is not available just now",
    "You can still read the guidance: a copy of it is shown until the site is back. Filters, searches, questions and "
    "forms do not work meanwhile, and nothing that you sent was saved. Try again later.",
)


def answer(request: HttpRequest, status: int) -> HttpResponse:
    """Say in the form of the address why there is no answer. Uses no database, which may be what has failed."""
    return _said(request, FAILURES[status], status, "failed.html")


def not_in_mirror(request: HttpRequest) -> HttpResponse:
    """Say in the form of the address that a mirror does not have it. Nothing of it is of the address itself."""
    return _said(request, NOT_IN_MIRROR, 503, "not_in_mirror.html")


def _said(request: HttpRequest, failure: Failure, status: int, template: str) -> HttpResponse:
    path = request.path_info
    if path.startswith("/api/"):
        problem = {"title": failure.title, "status": status, "detail": failure.advice, "errors": []}
        response: HttpResponse = JsonResponse(problem, status=status, content_type=JSON)
    elif path.endswith(".csv"):
        body = f'"{failure.title}. {failure.advice}"\r\n'
        response = HttpResponse(body, status=status, content_type="text/csv; charset=utf-8; header=absent")
    elif path.endswith(".atom"):
        response = HttpResponse(_feed(request, failure), status=status, content_type="application/atom+xml")
    elif path.rstrip("/") in ("/readyz", "/healthz"):
        response = HttpResponse("the database keeps others waiting\n", status=status, content_type="text/plain")
    else:
        reference = "" if status == 404 else request.META.get("REQUEST_ID", "")  # nothing of ours failed
        context = {"failure": failure, "reference": reference}
        response = HttpResponse(render_to_string(template, context), status=status)
    if path.startswith("/api/") or path.endswith((".csv", ".atom")):
        response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "no-store"
    return response


def unavailable(request: HttpRequest) -> HttpResponse:
    response = answer(request, 503)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _feed(request: HttpRequest, failure: Failure) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{escape(request.build_absolute_uri(request.path))}</id><title>{escape(failure.title)}</title>"
        f"<updated>{timezone.now().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</updated>"
        f"<subtitle>{escape(failure.advice)}</subtitle></feed>\n"
    )
