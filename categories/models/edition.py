"""The public record: immutable, numbered editions, each chained to the one before by its digest."""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, NoReturn
from uuid import UUID

from django.db import models, router
from django.db.models import Max, Q
from django.utils import timezone

from ..content.canonical import canonical, digest, parse
from ..content.schema import Content
from ..content.vocabulary import Action, RecordKind, UpdateType
from .log import Immutable, Logged, LoggedQuerySet, refuse, utc


class EditionQuerySet(LoggedQuerySet["Edition"]):
    """Editions, newest first. Every question about time takes the time, and now is only its default."""

    def live(self, at: datetime | None = None) -> "EditionQuerySet":
        """The editions that have gone live by a time."""
        return self.filter(live_at__lte=at or timezone.now())

    def scheduled(self, at: datetime | None = None) -> "EditionQuerySet":
        """The editions that are still to go live at a time."""
        return self.filter(live_at__gt=at or timezone.now())

    def at_address(self, slug: str, at: datetime) -> "EditionQuerySet":
        """The editions of the guidance that had this slug in any edition live by a time: former slugs find it too."""
        owner = EditionChange.objects.filter(kind=RecordKind.GUIDANCE, slug=slug, edition__live_at__lte=at)
        # A slug belongs to one guidance for ever, so any row will do; to sort them all would take longer each year
        return self.filter(guidance_id=owner.order_by().values("edition__guidance_id")[:1])

    def newest(self) -> "Edition | None":
        return self.order_by("-live_at").first()

    def bulk_create(self, *args: Any, **options: Any) -> NoReturn:
        refuse(self.model, "bulk_create()")


class Edition(Logged):
    """What one guidance said from one moment on. `content_text` is the canonical text that its digest is of."""

    guidance = models.ForeignKey("categories.Guidance", on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    live_at = models.DateTimeField(db_index=True)
    made_at = models.DateTimeField()
    change_note = models.TextField()
    update_type = models.CharField(max_length=5, choices=UpdateType)
    corrects = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections")
    content_text = models.TextField()
    content_digest = models.CharField(max_length=64)
    previous_record_digest = models.CharField(max_length=64, blank=True)
    record_digest = models.CharField(max_length=64, unique=True)

    objects: ClassVar[Any] = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        indexes = [models.Index(fields=["guidance", "live_at", "number"])]  # what stood on a day, however long ago
        constraints = [
            models.UniqueConstraint(fields=["guidance", "number"], name="one_edition_per_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="editions_number_from_1"),
            models.CheckConstraint(condition=Q(update_type__in=UpdateType.values), name="update_type_known"),
        ]

    def __str__(self) -> str:
        return f"Edition {self.number}"

    @cached_property
    def content(self) -> Content:
        return parse(self.content_text)

    @property
    def is_major(self) -> bool:
        return self.update_type == UpdateType.MAJOR

    def is_live(self, at: datetime | None = None) -> bool:
        return self.live_at <= (at or timezone.now())

    def record(self) -> dict[str, object]:
        """Return what `record_digest` is the digest of, as JSON values. docs/proof.md explains it to the public."""
        return {
            "guidance": str(self.guidance_id),
            "number": self.number,
            "live_at": utc(self.live_at),
            "made_at": utc(self.made_at),
            "change_note": self.change_note,
            "update_type": str(self.update_type),
            "corrects": self.corrects.number if self.corrects else None,
            "content_digest": self.content_digest,
            "previous_record_digest": self.previous_record_digest or None,
        }

    def sealed(self, previous: "Edition | None") -> "Edition":
        """Number this edition after the previous one, and compute its digests."""
        self.number = previous.number + 1 if previous else 1
        self.previous_record_digest = previous.record_digest if previous else ""
        self.content_digest = digest(self.content_text)
        self.record_digest = digest(canonical(self.record()))
        return self

    def discard(self, at: datetime) -> None:
        """Remove an edition that is not live yet. `publishing.unschedule` alone calls this."""
        if self.is_live(at):
            raise Immutable(f"{self} is live, so it can never be removed.")
        self.changes.all().delete()
        # Not through Django's collector, which would write to submissions: the verb has told them already
        models.QuerySet(Edition).filter(pk=self.pk)._raw_delete(router.db_for_write(Edition))


class EditionChangeQuerySet(models.QuerySet["EditionChange"]):
    def owners_of_slugs(self, kind: RecordKind, slugs: Iterable[str], guidance: UUID) -> dict[str, dict[UUID, str]]:
        """Return the titles of the records that slugs have belonged to by any edition, by their ids. One query."""
        taken = self.filter(kind=kind, slug__in=list(slugs)).order_by()
        if kind != RecordKind.GUIDANCE:
            taken = taken.filter(edition__guidance_id=guidance)
        newest = taken.values("slug", "record_id").annotate(newest=Max("pk")).values("newest")
        found: dict[str, dict[UUID, str]] = {}
        for slug, record, title in self.filter(pk__in=newest).order_by().values_list("slug", "record_id", "title"):
            found.setdefault(slug, {})[record] = title
        return found


class EditionChange(models.Model):
    """One record that one edition touched: an index derived from editions, by which addresses and histories are found.

    `manage.py rebuild_edition_changes` makes it again from the editions.
    """

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="changes")
    record_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=15, choices=RecordKind)
    action = models.CharField(max_length=10, choices=Action)
    slug = models.CharField(max_length=100)
    title = models.CharField(max_length=300)

    objects = EditionChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-edition__number", "pk"]
        indexes = [models.Index(fields=["kind", "slug"])]
        constraints = [models.UniqueConstraint(fields=["edition", "record_id"], name="one_change_per_record")]

    def __str__(self) -> str:
        return f"{self.title}: {self.action} in edition {self.edition.number}"
