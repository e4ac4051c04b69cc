"""E-mail alerts, as readers ask for them, confirm, change and end them. A GET never changes anything.

Nothing here knows who asks: there is no cookie, so no page of another site can act as somebody. What changes an alert
is the key in a link that only its mails have; what a scanner that follows every link finds there are buttons.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ..content import filters
from ..content.moments import when
from ..content.vocabulary import RecordKind
from ..content.words import shown
from ..models import subscription
from ..models.outbox import post
from ..models.subscription import WEEKDAYS, Follower, Subscription
from ..models.tries import Limit, admit
from . import followed, resolver
from .followed import Subject
from .guidance_views import of_guidance, of_posted_guidance, page
from .origin import is_from_elsewhere, network
from .readings import Current
from .responses import View, public
from .tools import Error

NAMING = {**filters.NAMING, "category": RecordKind.CATEGORY}
ONE_CLICK = "List-Unsubscribe"
LONGEST_ADDRESS = 254
ENDED = "This alert has ended already."
# How often anybody may have a mail sent to one address, one network have mails sent to any, and all together
OF_ADDRESS, ADDRESS_WITHIN = 5, timedelta(days=1)
OF_NETWORK, OF_ALL, WITHIN = 20, 500, timedelta(hours=1)
USUAL = {"at_once": True, "weekly": None, "minor": False, "months": True}


@partial(of_guidance, naming=NAMING)
def _form(request: HttpRequest, reading: Current) -> HttpResponse:
    return _asking(request, reading, USUAL)


@of_posted_guidance
def _asked(request: HttpRequest, reading: Current) -> HttpResponse:
    """Take what a form asks for, and answer the same whatever is known of the address."""
    if is_from_elsewhere(request):
        return _refused(request, reading, 403, "This form came from another website. Fill it in here.")
    subject, problems = followed.asked_for(reading, request.GET)
    chosen, errors = _chosen(request.POST)
    address, wrong = _address(request.POST.get("address", ""))
    if wrong or errors or problems:
        return _asking(request, reading, chosen, [*wrong, *errors], status=422)
    if until := admit(_limits(request, address)):
        return _refused(
            request, reading, 429, f"Too many alerts were asked for. You can ask again from {when(until)}.", chosen
        )
    _write(reading, subject, address, chosen)
    return HttpResponseRedirect(reverse("alert-asked"))


def ask(request: HttpRequest, **options: Any) -> HttpResponse:
    """Show the form, or take it."""
    return _asked(request, **options) if request.method == "POST" else _form(request, **options)


ask.csrf_exempt = True  # type: ignore[attr-defined]  # Django asks the view itself


def _asking(
    request: HttpRequest,
    reading: Current,
    chosen: Mapping[str, Any],
    errors: list[Error] | None = None,
    status: int = 200,
) -> HttpResponse:
    subject, problems = followed.asked_for(reading, request.GET)
    context: dict[str, Any] = {
        "subject": subject,
        "problems": problems,
        "errors": errors or [],
        "wrong": _messages(errors or []),
        "chosen": chosen,
        "weekdays": WEEKDAYS,
        "address": shown(request.POST.get("address", "")),
        "query": _query(request.GET),
        "description": "Get an e-mail when this guidance changes, with exactly what changed.",
    }
    response = page(request, "categories/alerts.html", reading, title="Get e-mail alerts", **context)
    response.status_code = status
    return response


def _messages(errors: list[Error], suffix: str = "") -> dict[str, str]:
    """Return what is wrong by the field that it is about; `suffix` tells the fields of one form from others."""
    found = {error.href.removeprefix("#"): error.message for error in errors}
    return {name.removesuffix(suffix): message for name, message in found.items() if name.endswith(suffix)}


def _query(asked: QueryDict) -> str:
    """Return what is asked for as the form sends it again."""
    kept = QueryDict(mutable=True)
    for name in ("category", *filters.PARAMETERS):
        if values := [value for value in asked.getlist(name) if value.strip()]:
            kept.setlist(name, values)
    return str(kept.urlencode())


def _refused(
    request: HttpRequest, reading: Current, status: int, why: str, chosen: Mapping[str, Any] = USUAL
) -> HttpResponse:
    return _asking(request, reading, chosen, [Error(why, "#address")], status)


def _limits(request: HttpRequest, address: str) -> list[Limit]:
    return [
        Limit(("alert to", _mailbox(address)), OF_ADDRESS, ADDRESS_WITHIN),
        Limit(("alert from", network(request)), OF_NETWORK, WITHIN),
        Limit(("alert",), OF_ALL, WITHIN),
    ]


def _mailbox(address: str) -> str:
    """Return where mail to an address arrives, however it is spelt.

    >>> _mailbox("Ann+news@Example.org")
    'ann@example.org'
    """
    local, _, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _address(written: str) -> tuple[str, list[Error]]:
    address = written.strip()
    if not address:
        return "", [Error("Enter your e-mail address", "#address")]
    try:
        validate_email(address)
    except ValidationError:
        address = ""
    if not address or len(address) > LONGEST_ADDRESS:
        return "", [Error("Enter an e-mail address in the correct format, like name@example.com", "#address")]
    if _is_of_a_machine(address):
        return "", [Error("Enter an e-mail address with a domain name after the @, like name@example.com", "#address")]
    return address, []


def _is_of_a_machine(address: str) -> bool:
    """Whether an address names a machine by its number, or this very one, rather than a domain that takes mail."""
    domain = address.rpartition("@")[2].casefold()
    return domain.startswith("[") or domain.rpartition(".")[2] == "localhost"


def _chosen(posted: Mapping[str, str]) -> tuple[dict[str, Any], list[Error]]:
    """Read how often an alert comes and of what, and what is wrong with that."""
    day = posted.get("day", "")
    weekly = int(day) if "weekly" in posted and day in {str(number) for number in range(len(WEEKDAYS))} else None
    chosen = {
        "at_once": "at_once" in posted,
        "weekly": weekly,
        "minor": "minor" in posted,
        "months": "months" in posted,
    }
    if "weekly" in posted and weekly is None:
        return chosen, [Error("Choose the day of the weekly e-mail", "#day")]
    if not chosen["at_once"] and weekly is None:
        return chosen, [Error("Choose how often to get an e-mail", "#at_once")]
    return chosen, []


def _write(reading: Current, subject: Subject, address: str, chosen: dict[str, Any]) -> None:
    """Write down what was asked for together with the mail that has it confirmed."""
    at = timezone.now()
    with transaction.atomic():
        asked = subscription.ask(address, reading.content.id, subject.about, at, **chosen)
        context = {
            "subject": subject,
            "often": often(asked),
            "site": settings.SITE_ADDRESS,
            "confirm": reverse("alert-confirm", args=[asked.confirm_key]),
            "alerts": _known(asked.follower),
        }
        body = render_to_string("alerts/confirm.txt", context)
        post([asked.follower.address], f"Confirm your alert: {subject.to_anybody}", body, at, alert=asked)


def _known(follower: Follower) -> str:
    """Return where somebody who has alerts already can change them: said in the mail, and nowhere else."""
    is_known = follower.subscriptions.confirmed().exists()
    return reverse("alerts-of", args=[follower.key]) if is_known else ""


def often(alert: Subscription) -> str:
    """Say when an alert comes: 'at once, and every Monday'."""
    when_ = ["at once"] if alert.at_once else []
    when_ += [f"every {WEEKDAYS[alert.weekly]}"] if alert.weekly is not None else []
    return ", and ".join(when_)


@public
def asked(request: HttpRequest) -> HttpResponse:
    """Say what comes next, in the same words to everybody."""
    return render(request, "alerts/asked.html")


def by_key(view: View) -> View:
    """A page behind the key in a link of a mail: for its owner alone, kept nowhere. The key is what a form proves."""

    @csrf_exempt
    @require_http_methods(["GET", "HEAD", "POST"])
    def wrapper(request: HttpRequest, key: str) -> HttpResponse:
        response = view(request, key)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return wrapper


@by_key
def confirm(request: HttpRequest, key: str) -> HttpResponse:
    """Ask to confirm an alert; and let it count, by the button."""
    found = Subscription.objects.filter(confirm_key=key).select_related("follower").first()
    if found is None:
        return render(request, "alerts/nothing.html", {"what": "confirm"}, status=404)
    if request.method == "POST" and found.confirmed_at is None:
        try:
            found = subscription.confirm(found, timezone.now())
        except Subscription.DoesNotExist:
            return render(request, "alerts/nothing.html", {"what": "confirm"}, status=404)
    context = {"subject": _subject(found), "often": often(found), "alert": found}
    template = "alerts/confirmed.html" if found.confirmed_at else "alerts/confirm.html"
    return render(request, template, context)


@by_key
def end(request: HttpRequest, key: str) -> HttpResponse:
    """End one alert by the button, or by the one click of a mail program (RFC 8058). The link works for ever."""
    found = Subscription.objects.filter(end_key=key)
    if request.method == "POST" and ONE_CLICK in request.POST:
        subscription.end(found)
    alert = found.first()
    return render(request, "alerts/end.html", {"alert": alert, "subject": alert and _subject(alert)})


@by_key
def alerts(request: HttpRequest, key: str) -> HttpResponse:
    """Show every alert of an address, each to change or end."""
    follower = Follower.objects.filter(key=key).first()
    if follower is None:
        return render(request, "alerts/nothing.html", {"what": "change"}, status=404)
    done, errors, wrong = "", list[Error](), None
    if request.method == "POST":
        done, errors, wrong = _act(request.POST, follower)
        if not Follower.objects.filter(pk=follower.pk).exists():
            return render(request, "alerts/ended.html")
    rows = [
        {
            "alert": alert,
            "key": str(alert.pk),
            "subject": _subject(alert),
            "chosen": wrong[1] if wrong and wrong[0] == alert.pk else alert.chosen,
            "errors": _messages(errors, f"_{alert.pk}"),
        }
        for alert in follower.subscriptions.order_by("pk")
    ]
    context = {"rows": rows, "done": done, "errors": errors, "weekdays": WEEKDAYS}
    return render(request, "alerts/alerts.html", context, status=422 if errors else 200)


def _act(posted: QueryDict, follower: Follower) -> tuple[str, list[Error], tuple[int, dict[str, Any]] | None]:
    """Do what a button of the page asks for; say what was done, or what is wrong with the choices for which alert."""
    if "end_all" in posted:
        subscription.end_all(follower)
        return "", [], None
    number = posted.get("alert", "")
    alert = follower.subscriptions.filter(pk=number).first() if number.isdecimal() and len(number) < 19 else None
    if alert is None:
        return ENDED, [], None
    if "end" in posted:
        subscription.end([alert])
        return "The alert has ended.", [], None
    chosen, errors = _chosen(posted)
    if errors:
        return "", [Error(error.message, f"{error.href}_{alert.pk}") for error in errors], (alert.pk, chosen)
    try:
        alert.choose(timezone.now(), **chosen)
    except Subscription.DoesNotExist:  # in another tab, or by the one click of a mail program
        return ENDED, [], None
    return "Your choices are saved.", [], None


def _subject(alert: Subscription) -> Subject | None:
    """Return what an alert is about, as it is called now, or None where the guidance is not there."""
    reading = resolver.current_of(alert.guidance_id, timezone.now())
    return followed.subject(reading, alert.about) if reading else None
