"""Who has which record open to edit. It tells people of each other, and keeps nobody out."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models

from .session import IDLE

KEPT = timedelta(days=1)


class OpenForm(models.Model):
    """A record that somebody has opened to edit, and when they last did anything to its form."""

    record_id = models.UUIDField()
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    seen = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["record_id", "account"], name="one_open_form_per_account")]

    def __str__(self) -> str:
        return f"{self.record_id} since {self.since}"


def note_open(record_id: UUID, account: Any, at: datetime) -> None:
    """Keep that somebody has a record open now. Whoever comes back after a while begins anew."""
    row, made = OpenForm.objects.get_or_create(record_id=record_id, account=account, defaults={"since": at, "seen": at})
    if made:
        OpenForm.objects.filter(seen__lt=at - KEPT).delete()
        return
    row.since = at if row.seen < at - IDLE else row.since
    row.seen = at
    row.save(update_fields=["since", "seen"])


def note_closed(record_id: UUID, account: Any) -> None:
    OpenForm.objects.filter(record_id=record_id, account=account).delete()


def others_with(record_id: UUID, account: Any, at: datetime) -> list[OpenForm]:
    """Who else has a record open, and did anything there in the time that a session lasts without use. One query."""
    found = OpenForm.objects.filter(record_id=record_id, seen__gt=at - IDLE).exclude(account=account)
    return list(found.select_related("account").order_by("since"))
