"""Signing in with the organisation’s own sign-in, by OpenID Connect, where the settings name one."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException

from ..models import User

logger = logging.getLogger(__name__)
DOES_NOT_ANSWER = "The sign-in of {} does not answer. Try again later, or use your password."
DEACTIVATED = "Your account here is deactivated. {} cannot sign you in to it."
UNCLEAR = "{} gives an address by which this site cannot tell your account. Ask the people who look after accounts."
FAILED = "You were not signed in with {}. Try again, or use your password."
NOT_VERIFIED = "{} does not say that your e-mail address is yours, so this site cannot know you by it."


def reason_to_refuse(login: SocialLogin) -> str:
    """Say why somebody whom the provider has signed in is not let in, or nothing.

    A person is known by an address that the provider says is verified, and from the first time on by the provider’s own
    name of them too: an address can be given to somebody else, and another provider can use the same names.
    """
    if login.state.get("process") != AuthProcess.LOGIN:  # such as connecting with whoever is signed in here
        return FAILED
    if not (address := verified_address(login)):
        return NOT_VERIFIED
    found = User.objects.filter(email__iexact=address)
    if login.is_existing:
        return "" if is_same(login.user.email, address) else UNCLEAR
    if found and not (len(found) == 1 and is_same(found[0].email, address)):
        return UNCLEAR
    return UNCLEAR if SocialAccount.objects.filter(user__in=found).exists() else ""


def verified_address(login: SocialLogin) -> str:
    """Return the first address that the provider says is verified; some say so as text."""
    return next((one.email for one in login.email_addresses if one.verified in (True, "true")), "")


def is_same(address: str, other: str) -> bool:
    """Whether two addresses differ in capitals alone: databases count more as the same, such as a dotless i."""
    return address.encode().lower() == other.encode().lower()


def account_of(login: SocialLogin) -> User | None:
    return User.objects.filter(email__iexact=verified_address(login)).first()


def asked_for_more(login: SocialLogin | None) -> bool:
    """Whether the provider says that this very sign-in passed a second step, and the settings believe it."""
    if login is None or not settings.OIDC_HAS_SECOND_FACTOR:
        return False
    said = login.account.extra_data.get("id_token") or {}
    return said.get("sub") == login.account.uid and "mfa" in (said.get("amr") or [])


def say(request: HttpRequest, sentence: str) -> HttpResponse:
    """Lead back to the sign-in page, which says what was wrong."""
    messages.error(request, sentence.format(settings.OIDC_NAME[:1].upper() + settings.OIDC_NAME[1:]))
    return redirect("admin:login")


def _answered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer even where the provider does not."""

    @wraps(view)
    def wrapper(request: HttpRequest, **named: Any) -> HttpResponse:
        if not settings.OIDC_ISSUER:
            raise Http404
        try:
            return view(request, **named)
        except (RequestException, KeyError, ValueError):  # it is away, or answers what it should not
            logger.warning("The OpenID provider did not answer as it should.", exc_info=True)
            return say(request, DOES_NOT_ANSWER)

    return wrapper


begin = require_POST(_answered(views.login))
end = require_safe(_answered(views.callback))
