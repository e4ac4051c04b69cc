"""The log of signing in: each try that was looked at, and how each session began and ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from .session import Session

ADDRESSES_KEPT = timedelta(days=90)
SIGN_IN = "sign-in"  # in the data of a session: the id of the line with which it began
OVER_KEPT = timedelta(days=1)  # of a session that is over: whose it was


class SignInEvent(models.Model):
    """One line. `account` is empty where none has the name that was typed: that may be a password, and is not kept."""

    class Verb(models.TextChoices):
        SIGNED_IN = "in", "Signed in"
        FAILED = "failed", "Wrong password"
        FACTOR_FAILED = "factor", "Wrong second step"
        REFUSED = "refused", "Refused after too many tries"
        SIGNED_OUT = "out", "Signed out"
        ENDED = "ended", "Session ended"

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="sign_ins", editable=False
    )
    verb = models.CharField(max_length=8, choices=Verb)
    at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=60, blank=True)
    what = models.CharField(max_length=100, blank=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        ordering = ["pk"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["account", "-id"], name="sign_ins_of_account"),
            models.Index(fields=["at"], condition=models.Q(address__isnull=False), name="sign_ins_with_address"),
        ]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} at {self.at}"


Verb = SignInEvent.Verb
FAILURES = (Verb.FAILED, Verb.FACTOR_FAILED, Verb.REFUSED)


def forget_old(now: datetime) -> tuple[int, int]:
    """Forget network addresses and sessions that are too old to be kept; return how many of each."""
    addresses = SignInEvent.objects.filter(at__lt=now - ADDRESSES_KEPT, address__isnull=False).update(address=None)
    sessions, _ = Session.objects.filter(expire_date__lt=now - OVER_KEPT).delete()
    return addresses, sessions


def log_sign_in(
    account: Any, verb: str, *, address: str | None = None, browser: str = "", what: str = ""
) -> SignInEvent:
    """Add a line, and forget what is too old to be kept."""
    now = timezone.now()
    forget_old(now)
    event: SignInEvent = SignInEvent.objects.create(
        account=account, verb=verb, at=now, address=address, browser=browser[:60], what=what
    )
    return event


@dataclass(frozen=True)
class LastSignIn:
    """When somebody signed in before the session that they are in, and how often somebody failed to since."""

    event: SignInEvent
    failed: int


def last_sign_in(account: Any, this: int | None) -> LastSignIn | None:
    """The sign-in before the one with the id `this`, if there was one."""
    events = SignInEvent.objects.filter(account=account)
    event = events.filter(verb=Verb.SIGNED_IN, pk__lt=this).order_by("-pk").first() if this else None
    if event is None:
        return None
    return LastSignIn(event, events.filter(verb__in=FAILURES, pk__gt=event.pk).count())
