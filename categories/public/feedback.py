"""“Is this page useful?” and “Report a problem”: two forms on every page, without cookies or personal data."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ..content.moments import when
from ..content.words import CONTROL_CHARACTERS, normal, shows_something
from ..models.feedback import LONGEST_PAGE, LONGEST_WORDS, Feedback
from ..models.tries import Limit, admit
from .converters import whole_number
from .origin import is_from_elsewhere, network
from .responses import public
from .tools import Error

SECRET = ("/preview/", "/alerts/", "/admin/")  # whose addresses tell who reads them
DECOY = "website"  # nobody sees this field, so only programs fill it in
OF_NETWORK, OF_ALL, WITHIN = 20, 1000, timedelta(hours=1)


def page_of(path: str) -> str:
    """Return the address of a page as feedback names it, or nothing where feedback on it is not asked for."""
    kept = path[:LONGEST_PAGE]
    return "" if _is_secret(kept) else CONTROL_CHARACTERS.sub("\ufffd", kept)


def _is_secret(path: str) -> bool:
    """Whether a path is a secret, however it is written: a page that is not there is told of as it was asked for.

    >>> _is_secret("/Preview/x/"), _is_secret("/%2550review%2Fx"), _is_secret("//alerts/x/"), _is_secret("/guidance/x/")
    (True, True, True, False)
    """
    while (meant := unquote(path)) != path:
        path = meant
    return re.sub(r"[/\\\s]+", "/", path.casefold()).startswith(SECRET)


@csrf_exempt  # nobody is signed in, so nobody can be made to say something as themselves
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: HttpRequest) -> HttpResponse:
    """Ask what is wrong with a page, or take what a reader says of one."""
    response = _taken(request) if request.method == "POST" else _form(request, request.GET)
    response.headers["Cache-Control"] = "no-store"
    return response


@public
def thanks(request: HttpRequest) -> HttpResponse:
    return render(request, "categories/feedback_thanks.html")


def _form(
    request: HttpRequest, said: Mapping[str, str], errors: tuple[Error, ...] = (), status: int = 200
) -> HttpResponse:
    context = {
        "page": _page(said),
        "edition": _edition(said),
        "doing": _words(said, "doing"),
        "wrong": _words(said, "wrong"),
        "errors": errors,
        "messages": {error.href.removeprefix("#"): error.message for error in errors},
        "most": LONGEST_WORDS,
        "decoy": DECOY,
    }
    return render(request, "categories/feedback.html", context, status=status)


def _taken(request: HttpRequest) -> HttpResponse:
    said = request.POST
    if is_from_elsewhere(request):
        return _form(request, said, (Error("This form came from another website. Fill it in here.", "#wrong"),), 403)
    if said.get(DECOY):
        return HttpResponseRedirect(reverse("feedback-thanks"))
    if errors := tuple(_errors(said)):
        return _form(request, said, errors, 422)
    limits = [Limit(("feedback from", network(request)), OF_NETWORK, WITHIN), Limit(("feedback",), OF_ALL, WITHIN)]
    if until := admit(limits):
        return _form(request, said, (Error(f"That is too often. Try again from {when(until)}.", "#wrong"),), 429)
    useful = {"yes": True, "no": False}.get(said.get("useful", ""))
    written: dict[str, Any] = {"doing": _words(said, "doing"), "wrong": _words(said, "wrong"), "useful": useful}
    Feedback.objects.create(page=_page(said), edition=_edition(said), at=timezone.now(), **written)
    return HttpResponseRedirect(reverse("feedback-thanks"))


def _errors(said: Mapping[str, str]) -> list[Error]:
    if said.get("useful") in ("yes", "no"):
        return []
    doing, wrong = _words(said, "doing"), _words(said, "wrong")
    errors = [] if shows_something(wrong) else [Error("Enter what went wrong", "#wrong")]
    for name, text, label in (("doing", doing, "What you were doing"), ("wrong", wrong, "What went wrong")):
        if len(text) > LONGEST_WORDS:
            errors.append(Error(f"“{label}” must be {LONGEST_WORDS} characters or fewer", f"#{name}"))
    return errors


def _page(said: Mapping[str, str]) -> str:
    """Return which page is meant: a path, without what was asked of it; “/” where none is given."""
    path = said.get("about", "").partition("?")[0].partition("#")[0]
    return page_of(path) if path.startswith("/") and page_of(path) else "/"


def _edition(said: Mapping[str, str]) -> int | None:
    return whole_number(said.get("edition", ""))


def _words(said: Mapping[str, str], name: str) -> str:
    return CONTROL_CHARACTERS.sub("\ufffd", normal(said.get(name, "")))
