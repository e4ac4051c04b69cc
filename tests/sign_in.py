"""Signing in as a person does: with a name, a password, and a code of an authenticator app."""

import re
import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.http import HttpRequest
from django.test import Client

from categories.admin import factors

LOGIN = "/admin/login/"
OWN = "/admin/how-you-sign-in/"
PASSWORD = "correct horse"


SIGN_IN = Client._login


def with_second_step(client: Client, user: Any, backend: str | None = None) -> None:
    """Django’s own for `force_login` and `login`, and then the second step too, by the site’s own record of it."""
    SIGN_IN(client, user, backend)
    request = HttpRequest()
    request.session, request.user = client.session, user
    factors.record_passed(request, factors.Type.TOTP)
    request.session.save()


def sign_in(client: Client, name: str, password: str = PASSWORD, **options: Any) -> Any:
    return client.post(LOGIN, {"username": name, "password": password, "next": "/admin/"}, **options)


def give_app(account: Any) -> str:
    """Set up an authenticator app for an account; return its secret."""
    secret = generate_totp_secret()
    TOTP.activate(account, secret)
    return secret


def give_recovery_codes(account: Any) -> list[str]:
    return RecoveryCodes.activate(account).generate_codes()


def code_of(secret: str, later: int = 0) -> str:
    """The code that an app shows now, or so many times 30 seconds later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


def wrong_code(secret: str) -> str:
    right = {code_of(secret, later) for later in (-2, -1, 0, 1, 2)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in right)


def secret_on(response: Any) -> str:
    return re.search(r"<dt>Key</dt><dd><code>([A-Z2-7 ]+)<", response.content.decode())[1].replace(" ", "")


def factors_of(account: Any) -> list[str]:
    return sorted(Authenticator.objects.filter(user=account).values_list("type", flat=True))
