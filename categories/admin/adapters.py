"""What django-allauth asks of the site: whom it lets in, whom it tells, how it keeps secrets."""

import base64
import hashlib
import secrets
from typing import Any

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from qrcode.image.svg import SvgPathImage

from ..models import SignInEvent, User
from ..models.history import saving
from ..models.sign_in import SIGN_IN
from ..public import origin
from ..publishing import accounts
from . import factors, known_browser, organisation, unsent
from .sign_in import log


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up, nothing is said by messages of its own, and what happens is in our logs."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return origin.address(request) or "unknown"

    def is_safe_url(self, url: str) -> bool:
        request = context.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("admin:index")

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return organisation.say(request, organisation.DEACTIVATED)

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        request.session[origin.ADDRESS] = origin.address(request)
        request.session[origin.BROWSER] = origin.browser(request)

    def post_login(self, request: HttpRequest, user: User, *, redirect_url: str | None, **options: Any) -> HttpResponse:
        if organisation.asked_for_more((options.get("signal_kwargs") or {}).get("sociallogin")):
            factors.record_passed(request, factors.BY_ORGANISATION)
        event = log(request, user, SignInEvent.Verb.SIGNED_IN, factors.ways_in(request))
        request.session[SIGN_IN] = event.pk
        if factors.came_by_organisation(request):
            request.session[factors.BY_LINK] = user.pk  # it says that the address is theirs, as the link does
        there = reverse("admin:unsent") if unsent.of(request) else redirect_url or self.get_login_redirect_url(request)
        response = redirect(there)
        if factors.passed(request):  # by a password alone, a browser would have tries of a second step set up later
            known_browser.remember(response, user)
        return response

    def is_reauthentication_required(self, *, app: str, **options: Any) -> bool:
        """Ask again before a factor is changed, but not of whoever signed in some moments ago."""
        records = get_authentication_records(context.request, context.request.user)
        return not records or factors.is_old(records[-1])

    def add_message(self, *args: Any, **options: Any) -> None:
        """Say nothing: the pages do."""

    def send_notification_mail(self, template_prefix: str, user: User, *args: Any, **options: Any) -> None:
        accounts.factor_changed(user, template_prefix.rpartition("/")[2])


class OrganisationAdapter(DefaultSocialAccountAdapter):
    """People whom the organisation’s own sign-in knows. Their address says whose account it is.

    Somebody without an account gets one that has no role: it is like any other that was made just now.
    """

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if reason := organisation.reason_to_refuse(sociallogin):
            raise ImmediateHttpResponse(organisation.say(request, reason))
        if not sociallogin.is_existing and (account := organisation.account_of(sociallogin)):
            with saving(account):
                sociallogin.connect(request, account)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        with saving(why="By the organisation’s own sign-in"):
            return super().save_user(request, sociallogin, form)

    def on_authentication_error(self, request: HttpRequest, *args: Any, **options: Any) -> None:
        raise ImmediateHttpResponse(organisation.say(request, organisation.FAILED))


class FactorAdapter(DefaultMFAAdapter):
    """Secrets are kept encrypted: whoever reads a backup cannot make codes from it."""

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _fernet().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:  # of another SECRET_KEY: no code is right for what nobody knows
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def encrypt_again(self, encrypted_text: str) -> str:
        """Encrypt by the present SECRET_KEY what an earlier one did; what no known one did is left as it is."""
        try:
            return _fernet().rotate(encrypted_text.encode()).decode()
        except InvalidToken:
            return encrypted_text

    def get_totp_issuer(self) -> str:
        return settings.SITE_NAME

    def get_totp_label(self, user: User) -> str:
        return user.username

    def build_totp_svg(self, url: str) -> str:
        return qrcode.make(url, image_factory=SvgPathImage, border=2).to_string(encoding="unicode")

    def generate_authenticator_name(self, user: User, type: str) -> str:
        return f"Passkey {Authenticator.objects.filter(user=user, type=type).count() + 1}"

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not factors.is_the_last(authenticator)


def _fernet() -> MultiFernet:
    """What encrypts by the present SECRET_KEY, and reads what earlier ones did that are still among the fallbacks."""
    return MultiFernet([Fernet(_key(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"secrets of second factors\n" + secret.encode()).digest())
