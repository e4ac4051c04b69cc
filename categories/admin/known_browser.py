"""A browser in which an account has signed in before: guesses made elsewhere do not lock its person out there.

The cookie lets nobody in. It gives its browser a limit of its own, for the account that it signed in to alone, and
while that has the password and the second step that it had then: whoever knows an old password gains no tries by it.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from ..models import User
from .factors import FACTORS

FOR = 180 * 24 * 60 * 60  # seconds
_signer = TimestampSigner(salt="known browser")


def remember(response: HttpResponse, account: Any) -> None:
    value = _signer.sign(f"{secrets.token_urlsafe(12)}.{_digest(account)}")
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE, value, FOR, path="/admin/", secure=not settings.PLAIN_HTTP, httponly=True,
        samesite="Lax",
    )  # fmt: skip


def name_of(request: HttpRequest, username: str) -> str | None:
    """Return what the browser is known by, if somebody with this username has signed in in it."""
    try:
        value = _signer.unsign(request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE, ""), max_age=FOR)
    except BadSignature:
        return None
    name, _, digest = value.partition(".")
    account = User.objects.filter(username=username).first()
    return name if account and digest == _digest(account) else None


def _digest(account: Any) -> str:
    """A stamp of an account, its password and its factors: with any of them changed, it is another."""
    factors = account.authenticator_set.filter(type__in=FACTORS).order_by("pk").values_list("pk", flat=True)
    stamp = "\n".join(map(str, (account.pk, account.password, *factors)))
    return salted_hmac("known browser", stamp, algorithm="sha256").hexdigest()[:32]
