"""The site that the staff's side stands on: Django's admin, in our order and with our front page."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

from .models.history import saving

ORDER = [
    "Guidance",
    "Category",
    "ApprovalTest",
    "ExamplesList",
    "Relationship",
    "TLevel",
    "Availability",
    "Level",
    "Cohort",
    "ShortForm",
    "Submission",
    "Edition",
    "User",
    "Message",
]


class StaffSite(admin.AdminSite):
    """The admin, with what needs doing in front."""

    site_header = site_title = settings.SITE_NAME
    index_title = "What needs doing"
    enable_nav_sidebar = False

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        # Importing the staff's room registers its models on this very site, so it must be there first
        from .admin.front_page import to_do

        todo = to_do(request.user, timezone.now()) if request.user.has_perm("categories.view_submission") else None
        return super().index(request, {"todo": todo} | (extra_context or {}))

    def get_urls(self) -> list[Any]:
        from .admin.passwords import SetPassword, set_password_done

        return [
            path("set-password/done/", set_password_done, name="set_password_done"),
            path("set-password/<uidb64>/<token>/", SetPassword.as_view(), name="set_password"),
            *super().get_urls(),
        ]

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from .publishing import accounts  # here, since models are not ready when this file is imported

        with saving(request.user):
            response = super().password_change(request, extra_context)
            if response.status_code == 302:
                accounts.tell_of_password(request.user)
            return response

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """List what staff work with in the order in which they meet it, not by the alphabet."""
        apps: list[dict[str, Any]] = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: (*ORDER, model["object_name"]).index(model["object_name"]))
        return apps
