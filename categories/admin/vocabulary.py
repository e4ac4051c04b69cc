from django.contrib import admin

from ..models import Cohort, Level
from .base import PlacedForm, RecordAdmin


@admin.register(Level)
class LevelAdmin(RecordAdmin):
    fieldsets = [(None, {"fields": ["number", "internal_note", "opened_at"]})]
    fixed_once_saved = ("number",)


@admin.register(Cohort)
class CohortAdmin(RecordAdmin):
    form = PlacedForm
    list_display = ["name", "slug"]
    fieldsets = [(None, {"fields": ["name", "slug", "after", "internal_note", "opened_at"]})]
    fixed_once_saved = ("slug",)
