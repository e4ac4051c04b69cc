"""Previews of what is not public, through the real public pages: for staff, and by link for people with no account."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from . import guidance_urls, publishing
from .content import diff
from .content.moments import when
from .models.edition import Edition
from .models.guidance import Guidance
from .models.submission import PreviewLink, Submission
from .public.guidance_views import page
from .public.readings import Preview, Reading
from .public.responses import View

STAFF, PREFIXES = "/admin/", ("/preview/", "/admin/preview/")
KEPT_NOWHERE = "no-store, private"
HEADERS = {
    "Cache-Control": KEPT_NOWHERE,
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}


def never_kept(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: let no cache keep what staff see, and no search engine nor other site learn of a preview.

    An error or a redirect can name a draft as well as a page can.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path_info.startswith(STAFF):
            response["Cache-Control"] = KEPT_NOWHERE
        if request.path_info.startswith(PREFIXES):
            for name, value in HEADERS.items():
                response[name] = value
        return response

    return middleware


def of_link(view: View) -> View:
    """Give a public page the submission that a genuine, current preview link is for."""

    @require_safe
    @wraps(view)
    def wrapper(request: HttpRequest, token: str, **rest: Any) -> HttpResponse:
        link = PreviewLink.from_token(token)
        if link is None:
            return render(request, "categories/preview_over.html", status=404)
        base = reverse("preview-link", args=[token])
        label = f"It is shared with you until {when(link.expires_at)}."
        return view(request, reading=Preview(link.submission.content, timezone.now(), base, label), **rest)

    return wrapper


def of_submission(view: View) -> View:
    """Give a public page a submission, for staff who may see it."""

    @require_safe
    @wraps(view)
    def wrapper(request: HttpRequest, submission: int, **rest: Any) -> HttpResponse:
        if not request.user.has_perm("categories.view_submission"):
            raise PermissionDenied
        found = get_object_or_404(Submission, pk=submission)
        base = reverse("preview-submission", args=[submission])
        label = f"It shows {found}, as frozen at {when(found.submitted_at)}."
        return view(request, reading=Preview(found.content, timezone.now(), base, label), **rest)

    return admin.site.admin_view(wrapper)


def of_working_copy(view: View) -> View:
    """Give a public page the working copy, for staff who may see it."""

    @require_safe
    @wraps(view)
    def wrapper(request: HttpRequest, guidance: UUID, **rest: Any) -> HttpResponse:
        if not request.user.has_perm("categories.view_guidance"):
            raise PermissionDenied
        try:
            content = publishing.working_content(get_object_or_404(Guidance, pk=guidance))
        except publishing.Refused as refused:
            return render(request, "categories/preview_refused.html", {"reasons": refused.reasons}, status=409)
        base = reverse("preview-working-copy", args=[guidance])
        label = "It shows the working copy, drafts included."
        return view(request, reading=Preview(content, timezone.now(), base, label), **rest)

    return admin.site.admin_view(wrapper)


def changes(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Show what the previewed content would change of what readers see now."""
    live = Edition.objects.filter(guidance=reading.content.id).live(reading.at).newest()
    found = diff.changes(live.content if live else None, reading.content)
    title = "What this preview changes"
    return page(request, "categories/preview_changes.html", reading, title=title, live=live, changes=found)


def patterns(of: Callable[[View], View], name: str) -> list[URLPattern]:
    """Mount every page of guidance once more, each under a kind of preview; its front page gives the name."""
    pages = [URLPattern(one.pattern, of(one.callback), one.default_args, one.name) for one in guidance_urls.urlpatterns]
    return [path("", pages[0].callback, name=name), path("changes/", of(changes), name=f"{name}-changes"), *pages]
