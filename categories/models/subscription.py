"""Readers who are told by e-mail: who follows what, and the news that they are told of.

An address is here for as long as one of its alerts is. Whatever is sent to it hangs on the alert, and goes with it.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Lower

from ..content.moments import LONDON

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKLY_HOUR = 8  # in London
UNCONFIRMED_KEPT = timedelta(days=7)
MOST_REFUSALS, REFUSED_FOR = 3, timedelta(days=7)


def new_key() -> str:
    """Return what nobody can guess: whoever has it got it in an e-mail."""
    return secrets.token_urlsafe(24)


class Follower(models.Model):
    """An address, and the key to the page where its owner changes or ends what it gets."""

    address = models.EmailField(max_length=254)
    key = models.CharField(max_length=32, unique=True, default=new_key)
    refusals = models.PositiveSmallIntegerField(default=0)  # of its mail server, for good, one after another
    refused_since = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(Lower("address"), name="one_follower_per_address")]

    def __str__(self) -> str:
        return f"Follower {self.pk}"  # never the address: logs would have it


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def confirmed(self) -> "SubscriptionQuerySet":
        return self.filter(confirmed_at__isnull=False)


class Subscription(models.Model):
    """What an address is told of. `about` is empty for all of a guidance, `id:` and a category's id, or a filter."""

    follower = models.ForeignKey(Follower, on_delete=models.CASCADE, related_name="subscriptions")
    guidance = models.ForeignKey("categories.Guidance", on_delete=models.CASCADE, related_name="+")
    about = models.TextField(blank=True)
    at_once = models.BooleanField()
    weekly = models.PositiveSmallIntegerField(null=True)  # the day of the week, from Monday, which is 0
    minor = models.BooleanField()
    months = models.BooleanField()
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    confirm_key = models.CharField(max_length=32, unique=True, default=new_key)
    end_key = models.CharField(max_length=32, unique=True, default=new_key)  # good for ending it, and nothing else
    weekly_due_at = models.DateTimeField(null=True)
    weekly_told = models.BigIntegerField(default=0)  # the newest news of a weekly e-mail

    objects: ClassVar[SubscriptionQuerySet] = SubscriptionQuerySet.as_manager()  # type: ignore[assignment]

    choices = ("at_once", "weekly", "minor", "months")

    class Meta:
        verbose_name = "e-mail alert"
        ordering = ["pk"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["follower", "guidance", "about"],
                condition=Q(confirmed_at__isnull=False),
                name="one_alert_about_one_thing",
            ),
            models.CheckConstraint(condition=Q(at_once=True) | Q(weekly__lte=6), name="an_alert_comes"),
        ]
        indexes = [models.Index("weekly_due_at", name="weekly_alerts", condition=Q(confirmed_at__isnull=False))]

    def __str__(self) -> str:
        return f"Alert {self.pk}"

    def choose(self, at: datetime, **chosen: Any) -> None:
        """Take how often it comes and of what. Raises DoesNotExist where it has ended meanwhile.

        A weekly one is due on the next such day. One that is weekly no more is due now, once: to tell what the next one
        would have told.
        """
        with transaction.atomic():
            self.refresh_from_db(from_queryset=Subscription.objects.select_for_update())
            was_weekly, waits = self.weekly is not None, self.weekly_due_at is not None
            for name in self.choices:
                setattr(self, name, chosen[name])
            if self.weekly is not None:
                self.weekly_told = self.weekly_told if waits else self._told_so_far()
                self.weekly_due_at = weekly_after(self.weekly, at)
            elif was_weekly and waits:
                self.weekly_due_at = at
            self.save(update_fields=[*self.choices, "weekly_told", "weekly_due_at"])

    def _told_so_far(self) -> int:
        """Return the newest news that was told, as far as this alert: a weekly mail has nothing to add to those."""
        told = News.objects.filter(guidance=self.guidance_id).exclude(told_at=None, reached__lt=self.pk)
        newest = told.last()
        return newest.pk if newest else 0

    @property
    def chosen(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.choices}


class News(models.Model):
    """Something that followers are told of: an edition, a month that came while edition `number` stood, or a line of an
    announcement, by its key, in which case `number` is 0.

    `reached` is the last alert that it was written for, so that whoever goes on after a kill knows where.
    """

    guidance = models.ForeignKey("categories.Guidance", on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    month = models.CharField(max_length=7, blank=True)
    line = models.BigIntegerField(default=0, db_default=0)
    at = models.DateTimeField()
    reached = models.BigIntegerField(default=0)
    told_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        default_permissions = ()
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["guidance", "number"], condition=Q(month="", line=0), name="an_edition_is_news_once"
            ),
            models.UniqueConstraint(fields=["line"], condition=~Q(line=0), name="a_line_is_news_once"),
            models.UniqueConstraint(fields=["guidance", "month"], condition=~Q(month=""), name="a_month_is_news_once"),
        ]

    def __str__(self) -> str:
        if self.line:
            return f"announcement {self.line}"
        return f"month {self.month}" if self.month else f"edition {self.number}"


def weekly_after(weekday: int, at: datetime) -> datetime:
    """Return the next moment after another at which the weekly e-mail of a day is due.

    >>> weekly_after(0, datetime(2027, 3, 3, 9, tzinfo=LONDON)).isoformat()
    '2027-03-08T08:00:00+00:00'
    """
    local = at.astimezone(LONDON)
    day = local.date() + timedelta(days=(weekday - local.weekday()) % 7)
    due = _morning(day)
    return due if due > at else _morning(day + timedelta(days=7))


def _morning(day: Any) -> datetime:
    return datetime(day.year, day.month, day.day, WEEKLY_HOUR, tzinfo=LONDON)


def ask(address: str, guidance: Any, about: str, at: datetime, **chosen: Any) -> Subscription:
    """Write down that somebody asks for an alert to an address. It counts once its owner confirms it."""
    with transaction.atomic():
        follower = Follower.objects.filter(address__iexact=address).first() or _new_follower(address)
        return Subscription.objects.create(follower=follower, guidance_id=guidance, about=about, made_at=at, **chosen)


def _new_follower(address: str) -> Follower:
    """Two may ask at once: `ignore_conflicts` lets the second find what the first made."""
    Follower.objects.bulk_create([Follower(address=address)], ignore_conflicts=True)
    return Follower.objects.get(address__iexact=address)


def confirm(asked: Subscription, at: datetime) -> Subscription:
    """Let an alert count. Where there is one about the same, that is chosen anew, and the links in its mails go on.

    Raises Subscription.DoesNotExist where it has ended meanwhile.
    """
    with transaction.atomic():
        # Two clicks at once wait for each other
        list(Follower.objects.select_for_update().filter(pk=asked.follower_id))
        same = Subscription.objects.confirmed().filter(
            follower=asked.follower_id, guidance=asked.guidance_id, about=asked.about
        )
        if (found := same.first()) is None:
            found = asked
            Subscription.objects.filter(pk=found.pk).update(confirmed_at=at)
        found.choose(at, **asked.chosen)
        if found != asked:
            asked.delete()
    return found


def end(which: Iterable[Subscription]) -> None:
    """End alerts; where none is left, nothing of the address is."""
    with transaction.atomic():
        followers = [alert.follower_id for alert in which]
        Subscription.objects.filter(pk__in=[alert.pk for alert in which]).delete()
        forget_without_alerts(followers)


def end_all(follower: Follower) -> None:
    follower.delete()


def forget_without_alerts(followers: Iterable[int] | None = None) -> None:
    """Erase the addresses that have no alert any more, of some or of all."""
    found = Follower.objects.filter(subscriptions=None)
    (found if followers is None else found.filter(pk__in=list(followers))).delete()


def forget_unconfirmed(at: datetime) -> None:
    """Erase what nobody confirmed in time."""
    old = Subscription.objects.filter(confirmed_at=None, made_at__lte=at - UNCONFIRMED_KEPT)
    if old.delete()[0]:
        forget_without_alerts()


def arrived(follower: int) -> None:
    """Note that a mail server took something for an address: what it refused before does not count."""
    Follower.objects.filter(pk=follower, refusals__gt=0).update(refusals=0, refused_since=None)


def refused(follower: int, at: datetime) -> None:
    """Note that a mail server refused an address for good. One that does so again and again gets nothing any more.

    One refusal ends nothing: a mail server that is set up wrong would wipe out every reader.
    """
    found = Follower.objects.filter(pk=follower)
    found.filter(refused_since=None).update(refused_since=at)
    found.update(refusals=F("refusals") + 1)
    found.filter(refusals__gte=MOST_REFUSALS, refused_since__lte=at - REFUSED_FOR).delete()
