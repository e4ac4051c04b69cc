"""What holds for every request and every answer, whatever view it is for."""

import re
from collections.abc import Callable
from uuid import uuid4

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from categories.public import failures

from .logs import request_id

STAFF = ("/admin/", "/preview/")
KEPT_ERRORS = (404,)  # with what says so: a cache may keep them, so they carry nothing of one request
UNUSED = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
HEADERS = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
    "Cross-Origin-Resource-Policy": "same-origin",
}
Answer = Callable[[HttpRequest], HttpResponse]


def edges(get_response: Answer) -> Answer:
    """Middleware, the first: a name for each request, no body that is too long, headers, and how long to keep."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.META["REQUEST_ID"] = name = _name_of(request)
        token = request_id.set(name)
        try:
            request.path, request.path_info = (one.replace("\0", "\ufffd") for one in (request.path, request.path_info))
            response = _refusal(request) or get_response(request)
        finally:
            request_id.reset(token)
        _finish(request, response)
        return response

    return middleware


def _name_of(request: HttpRequest) -> str:
    """Return the request's name: what a trusted proxy calls it, or a new one."""
    given = request.headers.get("X-Request-ID", "") if settings.BEHIND_PROXY else ""
    return given if re.fullmatch(r"[A-Za-z0-9-]{8,64}", given) else uuid4().hex


def _refusal(request: HttpRequest) -> HttpResponse | None:
    """Refuse a body by what the request says of it, before any of it is read."""
    if request.headers.get("Transfer-Encoding"):
        return failures.answer(request, 411)
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return failures.answer(request, 413)
    return None


def _finish(request: HttpRequest, response: HttpResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.headers.get("Access-Control-Allow-Origin") == "*":
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    is_staff = request.path_info.startswith(STAFF)
    is_kept = response.status_code in KEPT_ERRORS or "s-maxage" in response.headers.get("Cache-Control", "")
    if is_staff or (response.status_code >= 400 and not is_kept):
        response.headers["X-Request-ID"] = request.META["REQUEST_ID"]
        response.headers.setdefault("Cache-Control", "no-store")
    elif 300 <= response.status_code < 400:
        response.headers.setdefault("Cache-Control", "no-cache")


class OrderedCSP(CSPMiddleware):
    """django-csp with its directives in one order, whatever the process: answers can be compared byte for byte."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response = super().process_response(request, response)
        if policy := response.headers.get(HEADER):
            response.headers[HEADER] = "; ".join(sorted(policy.split("; ")))
        return response
