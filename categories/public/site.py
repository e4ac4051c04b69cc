"""The pages around the guidance: the front door, the statements and the files that machines ask for."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from ..content.vocabulary import Action
from ..models.edition import EditionChange
from . import failures, resolver
from .readings import Current
from .responses import moment, public

PLAIN = "text/plain; charset=utf-8"
SECURITY_TXT_DAYS = 90  # RFC 9116 wants an end that is less than a year away


@public
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the guidance itself while there is one; list them when there are more."""
    found = resolver.all_current(moment(request))
    if len(found) == 1:
        return HttpResponseRedirect(found[0].base)
    return render(request, "categories/home.html", {"readings": found})


@public
def accessibility_statement(request: HttpRequest) -> HttpResponse:
    return render(request, "categories/accessibility_statement.html")


@public
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "categories/privacy.html")


@public
def robots(request: HttpRequest) -> HttpResponse:
    sitemap = request.build_absolute_uri(reverse("sitemap"))
    lines = ["User-agent: *", "Disallow: /admin/", "Disallow: /preview/", "", f"Sitemap: {sitemap}", ""]
    return HttpResponse("\n".join(lines), content_type=PLAIN)


@public
def sitemap(request: HttpRequest) -> HttpResponse:
    """List every page as it stands now, with the moment of the edition that last changed what it is about."""
    at = moment(request)
    touched = EditionChange.objects.filter(edition__live_at__lte=at)
    listed, said = _last(touched), _last(touched.exclude(action=Action.MOVED))
    pages = [
        {"url": request.build_absolute_uri(url), "changed": changed.astimezone(UTC)}
        for reading in resolver.all_current(at)
        for url, changed in _pages(reading, said, listed)
    ]
    around = [request.build_absolute_uri(reverse(name)) for name in ("accessibility-statement", "privacy")]
    context = {"pages": pages, "around": around}
    return render(request, "sitemap.xml", context, content_type="application/xml; charset=utf-8")


def _last(touched: "QuerySet[EditionChange]") -> dict[UUID, datetime]:
    """Return when each record was last touched, by reading one row for each, however often it was. One query."""
    latest = touched.filter(record_id=OuterRef("record_id")).order_by("-pk").values("edition__live_at")[:1]
    added = touched.filter(action=Action.ADDED).order_by()
    return dict(added.values_list("record_id", Subquery(latest)))


def _pages(
    reading: Current, said: dict[UUID, datetime], listed: dict[UUID, datetime]
) -> Iterator[tuple[str, datetime]]:
    """Yield each page with when it last changed: `said` is when each record did, `listed` when it did or moved.

    A page changed with the newest of the records that it shows: a category with those that it names. The pages of
    tests say to which of all categories each is applied: one that ceased to face a test is shown no more, so every
    category counts there.
    """
    content, live_at = reading.content, reading.edition.live_at
    yield reading.base, live_at
    for name in ("table", "in-full", "updates", "find", "compare", "check"):
        yield reading.url(name), live_at
    for category in content.current_categories:
        shown = [category.id, *(record for _, record in content.entries[category.id].names)]
        yield reading.url("category", category.slug), max(said.get(record, live_at) for record in shown)
        yield reading.url("category-updates", category.slug), listed.get(category.id, live_at)
    categories = [listed.get(category.id, live_at) for category in content.categories]
    if content.approval_tests:
        tests = [listed.get(test.id, live_at) for test in content.approval_tests]
        yield reading.url("approval-tests"), max(categories + tests)  # a withdrawal changes the list too
    for test in content.current_approval_tests:
        yield reading.url("approval-test", test.slug), max([*categories, said.get(test.id, live_at)])


@public
def security_txt(request: HttpRequest) -> HttpResponse:
    """Say whom to tell about a vulnerability, as RFC 9116 has it; without a contact there is nothing to say."""
    contact = settings.SECURITY_CONTACT
    if not contact:
        raise Http404
    if "://" not in contact and not contact.startswith(("mailto:", "tel:")):
        contact = f"mailto:{contact}"
    today = datetime.combine(moment(request).astimezone(UTC).date(), time.min, UTC)
    lines = [
        f"Contact: {contact}",
        f"Expires: {today + timedelta(days=SECURITY_TXT_DAYS):%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {request.build_absolute_uri(request.path)}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type=PLAIN)


def server_error(request: HttpRequest) -> HttpResponse:
    """Apologise; where it is the database that failed, say when to come back."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return failures.unavailable(request)
    return failures.answer(request, 500)
