from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from ..models import User


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """Accounts. Whoever appears in history is protected: deactivate the account instead of deleting it."""

    list_display = ["username", "first_name", "last_name", "role", "is_active", "last_login"]

    @admin.display(description="role")
    def role(self, user: User) -> str:
        if user.is_superuser:
            return "Superuser"
        return ", ".join(group.name for group in user.groups.all()) or "None"

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")
