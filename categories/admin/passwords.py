"""The page behind a link to set a password: it works once, ends by itself, and tells a stranger nothing."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import views
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy

from ..models import User
from ..models.history import saving
from ..publishing import accounts
from . import factors, limits


class SetPassword(views.PasswordResetConfirmView):
    """Django's own, for accounts that are active. Its second address, which has no token, leaks none."""

    template_name = "registration/set_password.html"
    title = "Set your password"
    reset_url_token = "choose"  # noqa: S105 - it stands where a token stood
    success_url = reverse_lazy("admin:set_password_done")

    def get_user(self, uidb64: str) -> User | None:
        user = super().get_user(uidb64)
        return user if user and user.is_active else None

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"label_suffix": ""}

    def form_valid(self, form: Any) -> HttpResponse:
        with saving(self.user):
            accounts.tell_of_password(self.user)
            response = super().form_valid(form)
        limits.start_anew(self.request, self.user)
        self.request.session[factors.BY_LINK] = self.user.pk  # lets them set up a first second step
        return response

    def form_invalid(self, form: Form) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form, failed=True), status=422)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        found = admin.site.each_context(self.request) | super().get_context_data(**context)
        return found if self.validlink else found | {"title": "This link does not work"}


def set_password_done(request: HttpRequest) -> HttpResponse:
    context = admin.site.each_context(request) | {"title": "Your password is set"}
    return render(request, "registration/set_password_done.html", context)
