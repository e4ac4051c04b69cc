"""The second step of signing in: whether this session has passed one, and who may set one up."""

import time
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

Type = Authenticator.Type
FACTORS = [Type.TOTP, Type.WEBAUTHN]  # recovery codes stand in for one, and are none
BY_LINK = "by-link"  # in the data of a session: the account whose link led to it
BY_ORGANISATION = "organisation"  # the kind of a second step that the organisation’s own sign-in asked for
NAMES = {
    BY_ORGANISATION: "its second step",
    Type.TOTP: "authenticator app",
    Type.WEBAUTHN: "passkey",
    Type.RECOVERY_CODES: "recovery code",
}
METHODS = {"password": "password", "socialaccount": "your organisation’s sign-in"}


def has_factor(account: Any) -> bool:
    return is_mfa_enabled(account, FACTORS)


def passed(request: HttpRequest) -> bool:
    """Whether this very session, and not some other of the account, passed a second step, or need not."""
    if settings.SECOND_FACTOR == "offered":
        return True
    return any(record["method"] == "mfa" for record in get_authentication_records(request, request.user))


def came_by_organisation(request: HttpRequest) -> bool:
    return any(record["method"] == "socialaccount" for record in get_authentication_records(request, request.user))


def record_passed(request: HttpRequest, kind: str) -> None:
    """Keep in the session that its person has shown that they hold a factor."""
    record_authentication(request, request.user, "mfa", type=kind)


def may_set_up(request: HttpRequest) -> bool:
    """Whether a factor may be added. The first needs the link to the account’s address: a password is not enough."""
    if passed(request):
        return True
    return request.session.get(BY_LINK) == request.user.pk and not has_factor(request.user)


def is_the_last(authenticator: Authenticator) -> bool:
    """Whether an account would be left without a factor, where it must have one."""
    others = Authenticator.objects.filter(user=authenticator.user_id, type__in=FACTORS).exclude(pk=authenticator.pk)
    return settings.SECOND_FACTOR == "required" and not others.exists()


def is_old(record: dict[str, Any]) -> bool:
    return time.time() - record["at"] > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def ways_in(request: HttpRequest) -> str:
    """Say how this session’s person showed who they are, such as “password, then passkey”."""
    records = get_authentication_records(request, request.user)
    return ", then ".join(NAMES.get(record.get("type"), METHODS.get(record["method"], "")) for record in records)


def address_of_next_step(request: HttpRequest, where: str) -> str:
    """Where somebody goes who has given their password alone."""
    if has_factor(request.user):
        return f"{reverse('mfa_reauthenticate')}?{urlencode({'next': where or reverse('admin:index')})}"
    return reverse("mfa_index")
