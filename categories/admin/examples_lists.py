"""Lists, kept elsewhere, of qualifications that are examples of categories."""

from django.contrib import admin

from ..models import ExamplesList
from .base import RecordAdmin
from .record_forms import PlacedForm


@admin.register(ExamplesList)
class ExamplesListAdmin(RecordAdmin):
    form = PlacedForm
    list_display = ["name", "covers"]
    list_filter = ["guidance"]
    search_fields = ["name", "covers"]
    ordering = ["guidance", "position", "pk"]
    fixed_once_saved = ("guidance", "slug")
    fieldsets = [
        (None, {"fields": ["guidance", "name", "slug", "after", "covers", "text", "url"]}),
        ("For staff", {"fields": ["internal_note", "opened_at"]}),
    ]
