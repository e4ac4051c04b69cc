"""The outbox: every e-mail of the site, written in the transaction that causes it, and sent afterwards by the queue."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

LATE = timedelta(minutes=15)  # what waits longer is for staff to know of


def new_message_id() -> str:
    """Return what names a message for ever, so that one which arrives twice can be known as one (RFC 5322)."""
    return f"<{uuid4()}@{urlsplit(settings.SITE_ADDRESS).hostname}>"


END_LINK, CHANGE_LINK = "https://end.invalid/", "https://change.invalid/"  # where a letter has its reader's own links


class Letter(models.Model):
    """What many are told in the same words, kept once."""

    digest = models.CharField(max_length=64, unique=True)
    subject = models.TextField()
    text = models.TextField()
    html = models.TextField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.subject


class MessageQuerySet(models.QuerySet["Message"]):
    def waiting(self) -> "MessageQuerySet":
        return self.filter(sent_at=None, given_up_at=None)

    def unsent(self, at: datetime) -> "MessageQuerySet":
        """What staff must know of: what was given up, and what failed and still waits."""
        late = Q(given_up_at=None, sent_at=None, tries__gt=0, made_at__lte=at - LATE)
        return self.filter(Q(given_up_at__isnull=False) | late)


class Message(models.Model):
    """One e-mail to one address. Its body, which may hold a link that sets a password, is erased once it is sent.

    One to a reader belongs to an alert, and ends with it; `told` is what it tells, once for each alert.
    """

    to = models.CharField(max_length=320)
    subject = models.TextField()
    body = models.TextField()
    message_id = models.CharField(max_length=200, unique=True, default=new_message_id)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()  # when it may be tried; later, while somebody tries it
    tries = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)  # what the last try came to
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    letter = models.ForeignKey(Letter, null=True, on_delete=models.PROTECT, related_name="messages")
    alert = models.ForeignKey("categories.Subscription", null=True, on_delete=models.CASCADE, related_name="messages")
    told = models.CharField(max_length=40, blank=True, default="", db_default="")

    objects: ClassVar[MessageQuerySet] = MessageQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "e-mail"
        verbose_name_plural = "e-mail"
        ordering = ["-pk"]
        default_permissions = ("view",)
        indexes = [
            models.Index("due_at", name="waiting_messages", condition=Q(sent_at=None, given_up_at=None)),
            models.Index("due_at", name="waiting_first", condition=Q(sent_at=None, given_up_at=None, letter=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["alert", "told"], condition=~Q(told=""), name="an_alert_is_told_once"),
        ]

    def __str__(self) -> str:
        return f"“{self.subject}” to {self.recipient}"

    @property
    def recipient(self) -> str:
        """Say whom it is to. Staff need not know which addresses follow what."""
        return "a reader" if self.alert_id else self.to

    @property
    def said(self) -> str:
        """What the mail server said, without the address of a reader."""
        return self.error.replace(self.to, "the reader’s address") if self.alert_id else self.error

    @property
    def state(self) -> str:
        if self.sent_at:
            return "Sent"
        if self.given_up_at:
            return "Given up"
        return "Waits to be tried again" if self.error else "Waits"


def post(addresses: Iterable[str], subject: str, body: str, at: datetime | None = None, **about: Any) -> None:
    """Put one message to each of the addresses that is one into the outbox. It leaves if the transaction is kept."""
    at = at or timezone.now()
    subject = " ".join(subject.split())
    known = sorted({address for address in addresses if address})
    Message.objects.bulk_create(
        Message(to=address, subject=subject, body=body, made_at=at, due_at=at, **about) for address in known
    )
