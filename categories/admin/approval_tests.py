"""Approval tests and statutory powers, which categories face."""

from django.contrib import admin

from ..models import ApprovalTest
from .base import RecordAdmin
from .lists import WithdrawnFilter
from .previewing import Previewed
from .record_forms import PlacedForm


@admin.register(ApprovalTest)
class ApprovalTestAdmin(Previewed, RecordAdmin):
    form = PlacedForm
    list_display = ["name", "kind"]
    list_filter = ["guidance", "kind", WithdrawnFilter]
    search_fields = ["name", "slug", "description"]
    fixed_once_saved = ("guidance",)
    ordering = ["guidance", "position", "pk"]
    fieldsets = [
        (None, {"fields": ["guidance", "name", "slug", "kind", "after", "description"]}),
        ("Withdraw this test or power", {"fields": ["withdrawn"], "classes": ["collapse"]}),
        ("For staff", {"fields": ["internal_note", "opened_at"]}),
    ]
