"""What readers are told of changes that are to come: a log that only grows, so that what was announced stays on record.

A line holds all that the public is shown of an announcement: no public page asks for the edition that it is of before
that is live.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import models

from ..content.canonical import parse
from ..content.schema import Content
from ..content.vocabulary import UpdateType
from .log import Sealed, SealedQuerySet


class AnnouncementLineQuerySet(SealedQuerySet["AnnouncementLine"]):
    def in_force(self, guidance: Any, at: datetime) -> "AnnouncementLineQuerySet":
        """The lines about a guidance that readers see at a moment, oldest first. For a query too."""
        return self.filter(guidance=guidance, in_force_from__lte=at).order_by("pk")

    def without_texts(self) -> "AnnouncementLineQuerySet":
        return self.defer("before_text", "content_text")

    def standing(self, *guidances: UUID) -> "dict[str, AnnouncementLine]":
        """The newest line of each announcement that was not taken back, by the digest of its edition. One query."""
        lines = self.filter(guidance__in=guidances).order_by("pk").without_texts()
        newest = {line.announcement: line for line in lines}
        stands = [line for line in newest.values() if line.verb != AnnouncementLine.Verb.UNSCHEDULED]
        return {line.edition_record_digest: line for line in stands}


class AnnouncementLine(Sealed):
    """One line of what is said of an announced change. The newest one of an announcement says how it stands.

    `announcement` is the id of it, `record_ids` are those of what it changes, and it changes `before_text` into
    `content_text`. `why` is public.
    """

    sealed = (
        "announcement",
        "guidance_id",
        "verb",
        "in_force_from",
        "live_at",
        "change_note",
        "update_type",
        "why",
        "record_ids",
        "before_text",
        "content_text",
        "edition_record_digest",
    )

    class Verb(models.TextChoices):
        ANNOUNCED = "announced", "Announced"
        UPDATED = "updated", "Updated"  # made again on top of something else
        RESCHEDULED = "rescheduled", "Rescheduled"
        UNSCHEDULED = "unscheduled", "Taken back"
        SAME = "same", "Made again as it was"  # only its edition has another digest

    announcement = models.UUIDField()
    guidance = models.ForeignKey("categories.Guidance", on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=12, choices=Verb)
    in_force_from = models.DateTimeField()
    live_at = models.DateTimeField()
    change_note = models.TextField()
    update_type = models.CharField(max_length=5, choices=UpdateType)
    why = models.TextField(blank=True)
    record_ids = models.JSONField(default=list)
    before_text = models.TextField()
    content_text = models.TextField()
    edition_record_digest = models.CharField(max_length=64)

    objects: ClassVar[Any] = AnnouncementLineQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["guidance", "in_force_from"], name="announcements_in_force")]

    def __str__(self) -> str:
        return f"{self.get_verb_display()}: {self.announcement}"

    @property
    def before(self) -> Content | None:
        """What it changes; None where a first edition was announced, which is refused now."""
        return parse(self.before_text) if self.before_text else None

    @property
    def content(self) -> Content:
        return parse(self.content_text)

    @property
    def is_major(self) -> bool:
        return self.update_type == UpdateType.MAJOR
