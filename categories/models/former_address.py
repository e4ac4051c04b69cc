"""Addresses elsewhere that once led to what stands here: a table that only grows, so that it is its own history."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from ..content.addresses import tidy
from .log import Logged, LoggedQuerySet

AHEAD = timedelta(seconds=2)  # so that every process knows of a row before it counts


class FormerAddressQuerySet(LoggedQuerySet["FormerAddress"]):
    def leads_to(self, address: str, at: datetime) -> str:
        """Return where an address leads at a moment, or nothing. The newest row of it counts. One query."""
        rows = self.filter(address=address, in_force_from__lte=at).order_by("-pk")
        return rows.values_list("leads_to", flat=True).first() or ""

    def in_force(self, at: datetime) -> dict[str, str]:
        """Return where each address leads at a moment. One query."""
        rows = self.filter(in_force_from__lte=at).order_by("pk").values_list("address", "leads_to")
        return {address: leads_to for address, leads_to in dict(rows).items() if leads_to}


class FormerAddress(Logged):
    """From a moment on, an address leads to another on this site, or to none any more."""

    address = models.CharField(
        max_length=300,
        help_text="The path, such as /publications/categories. Capitals, a slash at its end and a query do not count.",
    )
    leads_to = models.CharField(
        max_length=300,
        blank=True,
        help_text="A path on this site, such as /guidance/categories/. Nothing: it leads nowhere any more.",
    )
    why = models.TextField(help_text="For staff: who links there, or why it ends.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    in_force_from = models.DateTimeField(editable=False)

    objects: ClassVar[Any] = FormerAddressQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["address"])]
        verbose_name_plural = "former addresses"
        default_permissions = ("add", "view")

    def __str__(self) -> str:
        return f"{self.address} leads to {self.leads_to or 'nothing'}"

    def save(self, *args: Any, **options: Any) -> None:
        self.address = tidy(self.address)
        self.in_force_from = timezone.now().replace(microsecond=0) + AHEAD
        super().save(*args, **options)
