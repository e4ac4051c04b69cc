"""The sign-in page of staff: a name and a password, and then whatever second step the account has."""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import logout, views
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from ..content.moments import clock
from ..models import SignInEvent, User
from ..models.sign_in import log_sign_in
from ..public import origin
from . import factors, limits, unsent

Verb = SignInEvent.Verb
TOO_MANY = (
    "Too many tries with this username, or from this network. Try again after {}. If you cannot wait, or do not know "
    "the password, ask the people who look after accounts to send you a link: with a new password you can sign in at "
    "once."
)


def log(request: HttpRequest, account: Any, verb: str, what: str = "") -> SignInEvent:
    return log_sign_in(account, verb, address=origin.address(request), browser=origin.browser(request), what=what)


class SignInForm(AdminAuthenticationForm):
    """Answers the same, in the same time, whether the name or the password is wrong."""

    until: datetime | None = None
    error_messages = AdminAuthenticationForm.error_messages | {
        "invalid_login": "The username or the password is wrong, or the account is not for staff. Both mind capitals."
    }

    def __init__(self, request: HttpRequest, *args: Any, **options: Any) -> None:
        super().__init__(request, *args, **options)
        self.label_suffix = ""

    def clean(self) -> dict[str, Any]:
        name = self.cleaned_data.get("username")
        if not name or not self.cleaned_data.get("password"):
            return self.cleaned_data
        self._admit(name)
        try:
            super().clean()
        except ValidationError:
            log(self.request, User.objects.filter(username=name).first(), Verb.FAILED)
            raise
        limits.password_was_right(self.request, name)
        return self.cleaned_data

    def _admit(self, name: str) -> None:
        self.until = limits.admit_password(self.request, name)
        if self.until:
            if limits.is_news(name, origin.network(self.request)):
                log(self.request, User.objects.filter(username=name).first(), Verb.REFUSED)
            raise ValidationError(TOO_MANY.format(clock(self.until + timedelta(minutes=1))), "too_many")


def ended_or_back(request: HttpRequest) -> HttpResponse:
    """Lead whoever is not signed in to the sign-in page, and from there back."""
    return redirect_to_login(request.get_full_path(), reverse("admin:login"))


class SignIn(views.LoginView):
    """Stands where Django’s own stood, with the same names of fields."""

    form_class = SignInForm
    template_name = "admin/login.html"
    next_page = "admin:index"

    def get(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        if admin.site.has_permission(request):
            return redirect(self.get_success_url())
        if admin.site.is_staff(request.user):
            return redirect(factors.address_of_next_step(request, self.get_redirect_url()))
        return super().get(request, *args, **options)

    def form_valid(self, form: Any) -> HttpResponse:
        account, name = form.get_user(), form.cleaned_data["username"]
        if self.request.user.is_authenticated:  # a new session, with a beginning of its own
            logout(self.request)
        return perform_password_login(
            self.request, {"username": name}, Login(user=account, redirect_url=self.get_success_url())
        )

    def form_invalid(self, form: Any) -> HttpResponse:
        response = self.render_to_response(self.get_context_data(form=form, failed=True))
        if form.until:
            response.status_code = 429
            response["Retry-After"] = str(max(1, round((form.until - timezone.now()).total_seconds())))
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        sent = self.request.session.get(unsent.UNSENT)
        return {
            **admin.site.each_context(self.request),
            **super().get_context_data(**context),
            "title": "Sign in",
            "organisation": settings.OIDC_ISSUER and settings.OIDC_NAME,
            "not_saved": bool(sent),
            "is_kept": bool(sent and sent["typed"]),
        }
