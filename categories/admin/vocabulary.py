"""What all guidance shares: levels and cohorts."""

from django.contrib import admin
from django.http import HttpRequest

from ..models import Cohort, Level
from .base import RecordAdmin
from .record_forms import PlacedForm


@admin.register(Level)
class LevelAdmin(RecordAdmin):
    fieldsets = [(None, {"fields": ["number", "internal_note", "opened_at"]})]

    def has_change_permission(self, request: HttpRequest, obj: Level | None = None) -> bool:
        return False  # a level is its number, which is fixed once it is saved


@admin.register(Cohort)
class CohortAdmin(RecordAdmin):
    form = PlacedForm
    list_display = ["name", "slug"]
    fieldsets = [(None, {"fields": ["name", "slug", "after", "internal_note", "opened_at"]})]
    fixed_once_saved = ("slug",)
