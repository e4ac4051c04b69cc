"""One guidance: its publication metadata, and the way to publish it."""

from django.contrib import admin
from django.http import HttpRequest

from .. import publishing
from ..models import Guidance
from .base import RecordAdmin
from .previewing import Previewed
from .publishing_pages import PublishingPages


@admin.register(Guidance)
class GuidanceAdmin(Previewed, PublishingPages, RecordAdmin):
    """The publication metadata of one guidance, and the way to publish it."""

    list_display = ["title", "publisher", "first_published_on", "under_review", "review_by"]
    search_fields = ["title", "summary"]
    fieldsets = [
        (None, {"fields": ["title", "slug", "summary"]}),
        ("Publication", {"fields": ["publisher", "first_published_on", "applies_to", "under_review"]}),
        ("Before the categories", {"fields": ["notice", "introduction"]}),
        ("On every page", {"fields": ["caution"]}),
        (
            "Contact",
            {
                "fields": ["contact_name", "contact_email", "contact_url"],
                "description": "Whom readers can ask about this guidance: a name, with an e-mail address, a web "
                "address or both.",
            },
        ),
        ("Related links", {"fields": ["links"]}),
        ("For staff", {"fields": ["review_by", "internal_note", "opened_at"]}),
    ]

    def render_change_form(self, request: HttpRequest, context, add=False, change=False, form_url="", obj=None):
        if obj:
            try:
                context["pending"] = publishing.pending_changes(obj)
            except publishing.Refused:
                context["unreadable"] = True
        return super().render_change_form(request, context, add, change, form_url, obj)
