"""Followers: how many readers are told of what, and how. Never who."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone

from ..models.outbox import Message
from ..models.subscription import Follower, Subscription
from ..public import followed, resolver
from .read_only import ReadOnlyAdmin

COUNTED = {
    "followers": Count("pk", filter=Q(confirmed_at__isnull=False)),
    "at_once_": Count("pk", filter=Q(confirmed_at__isnull=False, at_once=True)),
    "weekly_": Count("pk", filter=Q(confirmed_at__isnull=False, weekly__isnull=False)),
    "unconfirmed": Count("pk", filter=Q(confirmed_at=None)),
}


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    """One page, of numbers: the rows themselves are nobody's to read."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.changelist_view)
        return [path("", view, name="categories_subscription_changelist")]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        letters = Message.objects.filter(letter__isnull=False)
        context = {
            "title": "E-mail alerts",
            "rows": rows(),
            "addresses": Follower.objects.count(),
            "waiting": letters.waiting().count(),  # type: ignore[attr-defined]
            "sent": letters.filter(sent_at__isnull=False).count(),
            "given_up": letters.filter(given_up_at__isnull=False).count(),
        }
        return render(request, "admin/categories/followers.html", self.context(request) | context)


def rows() -> list[dict[str, Any]]:
    """Count the followers of each thing that is followed, the most followed first."""
    now, readings = timezone.now(), {}
    found = []
    counted = Subscription.objects.order_by().values("guidance", "about").annotate(**COUNTED)
    for row in counted.order_by("-followers", "guidance", "about"):
        if row["guidance"] not in readings:
            readings[row["guidance"]] = resolver.current_of(row["guidance"], now)
        reading = readings[row["guidance"]]
        found.append(row | {"subject": followed.subject(reading, row["about"]) if reading else None})
    return found
