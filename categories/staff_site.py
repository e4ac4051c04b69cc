"""The site that the staff's side stands on: Django's admin, in our order and with our front page."""

from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models.base import ModelBase
from django.http import Http404, HttpRequest, HttpResponse
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
    "FormerAddress",
    "User",
    "Message",
    "Feedback",
    "Subscription",
]


class StaffSite(admin.AdminSite):
    """The admin, with what needs doing in front."""

    site_header = site_title = settings.SITE_NAME
    index_title = "What needs doing"
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take what is this app’s alone: by django-allauth’s pages, staff could set each other’s second step."""
        models = [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else model_or_iterable
        super().register([model for model in models if model._meta.app_label == "categories"], admin_class, **options)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        # Importing the staff's room registers its models on this very site, so it must be there first
        from .admin.front_page import to_do
        from .models.sign_in import SIGN_IN, last_sign_in

        todo = to_do(request.user, timezone.now()) if request.user.has_perm("categories.view_submission") else None
        last = last_sign_in(request.user, request.session.get(SIGN_IN))
        return super().index(request, {"todo": todo, "last_sign_in": last} | (extra_context or {}))

    def is_staff(self, user: Any) -> bool:
        return bool(user.is_active and user.is_staff)

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff, in a session that passed the second step: that the account has one is not enough."""
        from .admin import factors

        return self.is_staff(request.user) and factors.passed(request)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        offered = settings.SECOND_FACTOR == "offered"
        return super().each_context(request) | {"second_step_is_only_offered": offered}

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from .admin.sign_in import SignIn

        return SignIn.as_view()(request)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """No form of ours asks for it, and Django's would look for anything, a NUL too."""
        raise Http404

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from .admin import sign_in

        if request.method == "POST" and request.user.is_authenticated:
            sign_in.log(request, request.user, sign_in.Verb.SIGNED_OUT)
        return super().logout(request, extra_context)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Keep what is sent after a session has ended: the way leads over the sign-in page."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def wrapper(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
            from .admin import unsent

            if request.method == "POST" and not request.user.is_authenticated:
                unsent.keep(request)
            return inner(request, *args, **named)

        return wrapper

    def get_urls(self) -> list[Any]:
        from .admin import help, unsent
        from .admin.passwords import SetPassword, set_password_done

        return [
            path("help/", self.admin_view(help.page), name="help"),
            path("unsent/", self.admin_view(unsent.page), name="unsent"),
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
