"""Signing in with the organisation’s own sign-in, by OpenID Connect, where the settings name one."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException

logger = logging.getLogger(__name__)
DOES_NOT_ANSWER = "The sign-in of {} does not answer. Try again later, or use your password."
FAILED = "You were not signed in with {}. Try again, or use your password."
NOT_VERIFIED = "{} does not say that your e-mail address is yours, so this site cannot know you by it."


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
