"""Accounts of staff, with their roles."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import ManyToManyField, QuerySet
from django.http import HttpRequest, HttpResponse

from ..models import User
from .lists import CarefulLists
from .record_forms import RecordsField

admin.site.unregister(Group)  # the two roles are made by a migration, with least privilege, and stay as they are


@admin.register(User)
class UserAdmin(CarefulLists, DjangoUserAdmin):
    """Accounts. Whoever appears in history is protected: deactivate the account instead of deleting it."""

    formfield_overrides = {ManyToManyField: {"form_class": RecordsField}}
    list_display = ["username", "first_name", "last_name", "role", "is_active", "last_login"]

    @admin.display(description="role")
    def role(self, user: User) -> str:
        if user.is_superuser:
            return "Superuser"
        return ", ".join(group.name for group in user.groups.all()) or "None"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def history_view(self, request: HttpRequest, object_id: str, extra_context=None) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)
