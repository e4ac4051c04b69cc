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
        return [path("scheduled/", view, name="categories_edition_scheduled")]

    def page(self, request: HttpRequest, edition: Edition) -> HttpResponse:
        context = {
            "title": f"{edition} of “{edition.guidance}”",
            "edition": edition,
            "changes": changes_of(edition),
            "is_live": edition.is_live(),
            "submission": getattr(edition, "submission", None),
            "public_url": page_address(guidance_base(edition.content.slug), "update", edition.number),
        }
        return render(request, "admin/categories/edition.html", self.context(request) | context)

    def scheduled(self, request: HttpRequest) -> HttpResponse:
        """List what will go live, when, and what it changes."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        editions = Edition.objects.scheduled(timezone.now()).select_related("guidance").order_by("live_at")
        context = {
            "title": "Scheduled",
            "scheduled": [{"edition": edition, "changes": changes_of(edition)} for edition in editions],
        }
        return render(request, "admin/categories/scheduled.html", self.context(request) | context)


def changes_of(edition: Edition) -> list[Any]:
    previous = Edition.objects.filter(guidance=edition.guidance_id, number=edition.number - 1).first()
    return diff.changes(previous.content if previous else None, edition.content)
