"""Editions: what is on record, what is scheduled, and who answers for it."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import Truncator

from ..content import diff
from ..content.moments import when
from ..models import Edition
from ..models.submission import live_number
from ..public.readings import guidance_base, page_address
from .forms import CompareForm
from .front_page import with_announced
from .read_only import ReadOnlyAdmin


@admin.register(Edition)
class EditionAdmin(ReadOnlyAdmin):
    """Every edition, newest first. An edition is never changed here or anywhere."""

    list_display = ["__str__", "guidance", "goes_live", "state", "update_type", "note"]
    list_filter = ["guidance", "update_type"]
    search_fields = ["change_note"]
    list_select_related = ["guidance", "submission"]
    ordering = ["-pk"]  # as they were made, without sorting all of them

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        scheduled = {"scheduled_url": reverse("admin:categories_edition_scheduled")}
        return super().changelist_view(request, scheduled | (extra_context or {}))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Edition]:
        listed = super().get_queryset(request).defer("content_text", "submission__content_text")
        return listed.annotate(live=live_number(OuterRef("guidance"), timezone.now()))

    @admin.display(description="live from", ordering="live_at")
    def goes_live(self, edition: Edition) -> str:
        return when(edition.live_at)

    @admin.display(description="change note")
    def note(self, edition: Edition) -> str:
        return Truncator(edition.change_note).words(20)

    @admin.display(description="state")
    def state(self, edition: Edition) -> str:
        if not hasattr(edition, "submission"):
            return ""
        edition.submission.edition = edition
        return edition.submission.state_words(live=edition.live)

    def own_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.scheduled)
        compare = self.admin_site.admin_view(self.compare)
        return [
            path("scheduled/", view, name="categories_edition_scheduled"),
            path("<int:pk>/compare/", compare, name="categories_edition_compare"),
        ]

    def page(self, request: HttpRequest, edition: Edition) -> HttpResponse:
        context = {
            "title": f"{edition} of “{edition.guidance}”",
            "edition": edition,
            "changes": changes_of(edition),
            "form": CompareForm(editions=_editions(edition)),
            "is_live": edition.is_live(),
            "submission": getattr(edition, "submission", None),
            "public_url": page_address(guidance_base(edition.content.slug), "update", edition.number),
        }
        return render(request, "admin/categories/edition.html", self.context(request) | context)

    def compare(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show all that differs between two editions of one guidance, live or scheduled, the older one first."""
        edition = self.found(request, pk)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        form = CompareForm(request.GET if "other" in request.GET else None, editions=_editions(edition))
        other = form.cleaned_data["other"] if form.is_valid() else None
        older, newer = sorted([edition, other or edition], key=lambda one: one.number)
        context = {
            "title": f"Edition {older.number} and edition {newer.number}" if other else f"Compare {edition}",
            "failed": bool(form.errors),
            "edition": edition,
            "older": older,
            "newer": newer,
            "form": form,
            "changes": diff.changes(older.content, newer.content) if other else [],
            "compared": bool(other),
        }
        status = 422 if form.errors else 200
        return render(request, "admin/categories/compare.html", self.context(request) | context, status=status)

    def scheduled(self, request: HttpRequest) -> HttpResponse:
        """List what will go live, when, and what it changes."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        scheduled = Edition.objects.scheduled(timezone.now()).select_related("guidance")
        rows = [
            {"edition": edition, "changes": changes_of(edition), "is_announced": is_announced}
            for edition, is_announced in with_announced(scheduled)
        ]
        context = {"title": "Scheduled", "scheduled": rows}
        return render(request, "admin/categories/scheduled.html", self.context(request) | context)


def _editions(edition: Edition) -> QuerySet[Edition]:
    """The editions that one can be compared with."""
    return Edition.objects.filter(guidance=edition.guidance_id)


def changes_of(edition: Edition) -> list[Any]:
    previous = Edition.objects.filter(guidance=edition.guidance_id, number=edition.number - 1).first()
    return diff.changes(previous.content if previous else None, edition.content)
