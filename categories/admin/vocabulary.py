"""The vocabulary of a guidance: what its categories name, in words that staff choose."""

from django.contrib import admin
from django.http import HttpRequest

from ..models import Availability, Cohort, Level, Relationship, ShortForm, TLevel
from .base import RecordAdmin
from .record_forms import OfGuidanceForm, PlacedForm

FOR_STAFF = ("For staff", {"fields": ["internal_note", "opened_at"]})


class TermAdmin(RecordAdmin):
    """A record without a page of its own, which categories name."""

    form = PlacedForm
    list_display = ["name", "slug"]
    list_filter = ["guidance"]
    search_fields = ["name", "slug"]
    ordering = ["guidance", "position", "pk"]
    fixed_once_saved = ("guidance",)


@admin.register(Relationship)
class RelationshipAdmin(TermAdmin):
    list_display = ["name", "slug", "to_standard"]
    fieldsets = [(None, {"fields": ["guidance", "name", "slug", "after", "definition", "to_standard"]}), FOR_STAFF]


@admin.register(TLevel)
class TLevelAdmin(TermAdmin):
    list_display = ["name", "slug", "covered"]
    fieldsets = [(None, {"fields": ["guidance", "name", "slug", "after", "covered"]}), FOR_STAFF]


@admin.register(Availability)
class AvailabilityAdmin(TermAdmin):
    list_display = ["name", "slug", "dated"]
    fieldsets = [(None, {"fields": ["guidance", "name", "slug", "after", "dated"]}), FOR_STAFF]


@admin.register(Cohort)
class CohortAdmin(TermAdmin):
    fieldsets = [(None, {"fields": ["guidance", "name", "slug", "after"]}), FOR_STAFF]


@admin.register(ShortForm)
class ShortFormAdmin(TermAdmin):
    list_display = ["term", "meaning"]
    search_fields = ["term", "meaning"]
    fieldsets = [(None, {"fields": ["guidance", "term", "meaning", "after"]}), FOR_STAFF]


@admin.register(Level)
class LevelAdmin(TermAdmin):
    form = OfGuidanceForm
    list_display = ["__str__"]
    search_fields = []
    ordering = ["guidance", "number"]
    fieldsets = [(None, {"fields": ["guidance", "number"]}), FOR_STAFF]

    def has_change_permission(self, request: HttpRequest, obj: Level | None = None) -> bool:
        return False  # a level is its number, which is fixed once it is saved
