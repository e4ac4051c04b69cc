"""A browser in which an account has signed in before: guesses made elsewhere do not lock its person out there.

The cookie lets nobody in. It gives its browser a limit of its own, for the name that it signed in with alone.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

FOR = 180 * 24 * 60 * 60  # seconds
_signer = TimestampSigner(salt="known browser")


def remember(response: HttpResponse, account: Any) -> None:
    value = _signer.sign(f"{secrets.token_urlsafe(12)}.{_digest(account.username)}")
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
    return name if digest == _digest(username) else None


def _digest(username: str) -> str:
    return salted_hmac("known browser", username.casefold(), algorithm="sha256").hexdigest()[:32]
