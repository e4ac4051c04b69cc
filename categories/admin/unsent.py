"""What somebody sent after their session had ended: nothing of it is saved, but they can send it again."""

import re
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from ..models import Session
from ..models.session import is_key
from . import limits

UNSENT = "unsent"  # in the data of a session
MOST = 300_000  # characters
NEVER = {"csrfmiddlewaretoken"}
# What forms send that nobody typed
UNTYPED = re.compile(r"(initial-)?(\w+-)?(seen|opened_at|kept_as|new_record|chosen|after|_\w+|next)")


def typed_in(request: HttpRequest) -> list[list[str]]:
    """What was sent, by the names of the controls; nothing, where a secret is among it or it is too much."""
    typed = [[name, value] for name, values in request.POST.lists() if name not in NEVER for value in values]
    secret = any("password" in name for name, _ in typed)
    fits = sum(len(name) + len(value) for name, value in typed) <= MOST
    return typed if fits and not secret else []


def readable(typed: list[list[str]]) -> list[tuple[str, str]]:
    """The texts among what was sent, for people to read, with the names of their fields."""
    shown = ((name, value) for name, value in typed if value.strip() and not UNTYPED.fullmatch(name))
    return [(name.rpartition("-")[2].replace("_", " ").capitalize(), value) for name, value in shown]


def keep(request: HttpRequest) -> None:
    """Remember what was sent, for the account whose session ended; for a stranger, only that nothing was saved.

    What a page sends by itself, such as for a preview, is not kept, and nothing takes the place of a form that is but
    another form.
    Keeping is done only so often, for strangers and for one account: they could fill the database.
    """
    if saves_nothing(request):
        return
    account = _whose(request) or request.session.get(UNSENT, {}).get("account")
    if limits.admit_unsent(request, account):
        return
    typed = typed_in(request) if account else []
    if not typed and request.session.get(UNSENT, {}).get("typed"):
        return
    request.session[UNSENT] = {"account": account, "where": request.get_full_path(), "typed": typed}


def _whose(request: HttpRequest) -> int | None:
    """Whose the session is that ended, if it was anybody's: one that a stranger began is not."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    if not is_key(key):
        return None
    ended = Session.objects.filter(session_key=key).first()
    return ended.account_id if ended else None


def saves_nothing(request: HttpRequest) -> bool:
    """Whether a page sent this by itself, or for a preview, or somebody only signs out."""
    name = request.resolver_match.url_name if request.resolver_match else None
    return bool(name and name.endswith(("_open", "_preview", "_preview_new", "logout")))


def of(request: HttpRequest) -> dict[str, Any] | None:
    """What the person who is signed in sent in vain, if anything."""
    found = request.session.get(UNSENT)
    return found if found and found["typed"] and found["account"] == request.user.pk else None


def page(request: HttpRequest) -> HttpResponse:
    """Offer to send it again, which nobody but its person decides."""
    found = of(request)
    if found is None:
        raise Http404
    context = admin.site.each_context(request) | {"title": "Nothing was saved", "unsent": found}
    context["read"] = readable(found["typed"])
    return render(request, "admin/sign_in/unsent.html", context)
