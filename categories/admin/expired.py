"""A form that was sent from a page whose key is no longer good, as after signing in anew in another tab."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ..public import failures
from . import unsent


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that nothing was saved, and give back what was typed: CSRF_FAILURE_VIEW.

    It is offered to be sent again only where a page of this very site sent it, as browsers say of every form.
    """
    if not request.path_info.startswith("/admin/"):
        return failures.answer(request, 403)
    is_ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    typed = unsent.typed_in(request) if is_ours else []
    is_in = admin.site.has_permission(request)
    if typed and not is_in:
        unsent.keep(request)
    context = admin.site.each_context(request) | {
        "title": "Nothing was saved",
        "where": request.get_full_path(),
        "typed": typed,
        "can_send": is_in and bool(typed),
        "read": unsent.readable(typed),
    }
    return render(request, "admin/sign_in/expired.html", context, status=403)
