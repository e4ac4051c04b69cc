"""Links to other sites: what stood at each when it was last looked at."""

from typing import ClassVar

from django.db import models

LONGEST = 2000  # bytes of an address: PostgreSQL can index that much
TIMES = 2  # how often in a row a site must fail before anybody is told: it may be down for a night


class State(models.TextChoices):
    """What came of a look."""

    FINE = "fine", "It works"
    MOVED = "moved", "It leads elsewhere for good"
    GONE = "gone", "Nothing is there"
    SILENT = "silent", "There was no answer"
    UNKNOWN = "unknown", "It cannot be told"  # whoever is there answers people alone, say


class OutsideLinkQuerySet(models.QuerySet["OutsideLink"]):
    def broken(self) -> "OutsideLinkQuerySet":
        """What somebody should mend."""
        silent = models.Q(state=State.SILENT, times__gte=TIMES)
        return self.filter(silent | models.Q(state__in=[State.MOVED, State.GONE]))


class OutsideLink(models.Model):
    """One address of another site, once, however many records name it."""

    address = models.CharField(max_length=LONGEST, unique=True)
    state = models.CharField(max_length=10, choices=State)
    why = models.TextField()
    suggestion = models.TextField(blank=True)  # an address to write in its place
    times = models.PositiveIntegerField(default=1)  # in a row that it was in this state
    checked_at = models.DateTimeField(db_index=True)

    objects: ClassVar[OutsideLinkQuerySet] = OutsideLinkQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["address"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.address
