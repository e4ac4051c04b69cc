"""The pages of the second step: to pass it, set it up, change it. The views are django-allauth’s, the pages ours."""

from typing import Any

from allauth.account.views import ReauthenticateView
from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from ..models.session import end_others
from ..public import origin
from . import factors, known_browser
from .sign_in import Verb, ended_or_back, log


class StaffPage:
    """A page of the staff’s side with one form. What the form says when it is refused is 422."""

    title = lead = button = ""
    template_name = "admin/sign_in/form.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        found = admin.site.each_context(self.request) | super().get_context_data(**context)
        forms = [found[name] for name in ("form", "webauthn_form") if name in found]
        failed = any(form is not None and form.is_bound and form.errors for form in forms)
        self.failed = failed and self.request.method == "POST"
        return found | {"title": self.title, "lead": self.lead, "button": self.button, "failed": self.failed}

    def render_to_response(self, context: dict[str, Any], **options: Any) -> HttpResponse:
        return super().render_to_response(context, **options | ({"status": 422} if self.failed else {}))


class OwnPage(StaffPage):
    """For staff who have given their password, about themselves. `open_to` says to which of them."""

    open_to = staticmethod(factors.passed)

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        if not admin.site.is_staff(request.user):
            return ended_or_back(request)
        if not self.open_to(request):
            return redirect(factors.address_of_next_step(request, request.get_full_path()))
        return super().dispatch(request, *args, **options)


# Passing it


class SecondStep(StaffPage, base.AuthenticateView):
    title = "Your second step"
    template_name = "admin/sign_in/second_step.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**context) | kinds_of(self.stage.login.user)


class Again(OwnPage):
    """Asks again who somebody is, before they change how they sign in; or, for the first time, for the second step."""

    title = "Show that it is you"

    @staticmethod
    def open_to(request: HttpRequest) -> bool:
        return True

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**context) | kinds_of(self.request.user)

    def form_valid(self, form: Any) -> HttpResponse:
        self.request.session.cycle_key()  # it may do more than before
        return super().form_valid(form)


class PasswordAgain(Again, ReauthenticateView):
    lead = "Type your password again, before you change how you sign in."
    button = "Continue"


class CodeAgain(Again, base.ReauthenticateView):
    title = "Your second step"
    button = "Continue"
    template_name = "admin/sign_in/second_step.html"


class PasskeyAgain(Again, webauthn.ReauthenticateWebAuthnView):
    title = "Your second step"
    template_name = "admin/sign_in/second_step.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        found = super().get_context_data(**context)
        return found | {"webauthn_form": found.pop("form")}


def kinds_of(account: Any) -> dict[str, bool]:
    types = set(factors.Authenticator.objects.filter(user=account).values_list("type", flat=True))
    return {
        "has_code": bool(types - {factors.Type.WEBAUTHN}),
        "has_app": factors.Type.TOTP in types,
        "has_passkey": factors.Type.WEBAUTHN in types,
    }


# Setting it up


class SettingUp(OwnPage):
    """Adds a factor, and with it passes the second step: whoever adds one has shown that they hold it."""

    open_to = staticmethod(factors.may_set_up)
    kind: str

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        factors.record_passed(self.request, self.kind)
        self.request.session.pop(factors.BY_LINK, None)
        self.request.session.cycle_key()  # it may do more than before
        known_browser.remember(response, self.request.user)
        return response


class AddApp(SettingUp, totp.ActivateTOTPView):
    title, button = "Set up an authenticator app", "Set up this app"
    kind = factors.Type.TOTP
    template_name = "admin/sign_in/add_app.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        found = super().get_context_data(**context)
        secret = found["form"].secret
        return found | {"secret": " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))}


class AddPasskey(SettingUp, webauthn.AddWebAuthnView):
    title, button = "Set up a passkey", "Make a passkey"
    kind = factors.Type.WEBAUTHN
    template_name = "admin/sign_in/add_passkey.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        instead = "" if origin.has_name(self.request) else f"{settings.SITE_ADDRESS}{self.request.path}"
        return super().get_context_data(**context) | {"instead": instead}


# Changing it


def end_other_sessions(request: HttpRequest) -> None:
    """End the sessions of a person that are not this one: by what was removed, somebody else may have begun one."""
    if ended := end_others(request.user, request.session.session_key):
        log(request, request.user, Verb.ENDED, f"By its own person, with all others: {ended}")


class Removing(OwnPage):
    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        if response.status_code == 302:
            end_other_sessions(self.request)
        return response


class RemoveApp(Removing, totp.DeactivateTOTPView):
    title, button = "Remove the authenticator app", "Remove it"
    lead = "Codes of the app do not work any more then."


class RemovePasskey(Removing, webauthn.RemoveWebAuthnView):
    title, button = "Remove a passkey", "Remove it"

    def get_success_url(self) -> str:
        return reverse("mfa_index")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**context) | {"lead": f"“{self.object}” does not work any more then."}

    def form_valid(self, form: Any) -> HttpResponse:
        if factors.is_the_last(self.object):
            form.add_error(None, "This is your only second step. Set up another first.")
            return self.render_to_response(self.get_context_data(form=form))
        return super().form_valid(form)


class RecoveryCodes(OwnPage, recovery_codes.ViewRecoveryCodesView):
    title = "Recovery codes"
    template_name = "admin/sign_in/recovery_codes.html"


class NewRecoveryCodes(OwnPage, recovery_codes.GenerateRecoveryCodesView):
    title, button = "Make new recovery codes", "Make new codes"
    lead = "The codes that you have do not work any more then."
