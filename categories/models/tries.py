"""How often somebody may try: counted in the database, so that every process and machine counts the same.

A try is counted before it is looked at, so that however many come at once, no more than the limit get through.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

KEPT = timedelta(days=1)  # no limit counts for longer


class Tries(models.Model):
    """How many tries were made, of one kind, since a moment. The key does not tell what was typed."""

    key = models.CharField(max_length=64, primary_key=True)
    since = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.count} since {self.since}"


@dataclass(frozen=True)
class Limit:
    """At most so many tries, within a time, of what `parts` name. The time starts with the first try."""

    parts: tuple[str, ...]
    most: int
    within: timedelta

    def __post_init__(self) -> None:
        if self.within > KEPT:
            raise ValueError("A limit cannot count for longer than tries are kept.")

    @property
    def key(self) -> str:
        return salted_hmac("tries", "\n".join(self.parts), algorithm="sha256").hexdigest()


def admit(limits: Iterable[Limit]) -> datetime | None:
    """Count one try under every limit and return None; or, where one is reached, count none and return its end.

    A refused try leaves nothing behind: whoever goes on trying, with ever new names or addresses, would fill the table.
    """
    now = timezone.now()
    ordered = sorted(limits, key=lambda limit: limit.key)  # in one order, so that two never wait for each other
    with transaction.atomic():
        found = [(limit, _counted(limit, now)) for limit in ordered]
        if full := [row.since + limit.within for limit, row in found if row.count >= limit.most]:
            transaction.set_rollback(True)  # of this block alone: the rows that were made for other limits
            return max(full)
        for _, row in found:
            row.count += 1
            row.save()
    return None


def give_back(*limits: Limit) -> None:
    """Uncount a try that turned out not to be a failed one."""
    for limit in limits:
        Tries.objects.filter(key=limit.key, count__gt=0).update(count=models.F("count") - 1)


def forget(*limits: Limit) -> None:
    """Start anew: whoever it is has shown that they may."""
    Tries.objects.filter(key__in=[limit.key for limit in limits]).delete()


def forget_over(now: datetime) -> int:
    """Forget what no limit counts any more; return how many there were."""
    forgotten, _ = Tries.objects.filter(since__lt=now - KEPT).delete()
    return forgotten


def _counted(limit: Limit, now: datetime) -> Tries:
    """The locked row of a limit, at nothing where its time is over."""
    row, made = Tries.objects.select_for_update().get_or_create(key=limit.key, defaults={"since": now})
    if made:
        forget_over(now)
    if row.since + limit.within <= now:
        row.since, row.count = now, 0
    return row
