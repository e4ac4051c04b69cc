"""The working copy: what staff edit. Nobody outside ever sees it; the public reads editions."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from ..content import markdown
from ..content.canonical import parse
from ..content.schema import LONGEST_LINE, LONGEST_TEXT, LONGEST_WEB_ADDRESS, Content
from ..content.vocabulary import ADDRESSED, RecordKind
from ..content.words import normal
from .contribution import Aspect, Contribution
from .edition import EditionChange
from .fields import LinesField, LinksField, validate_line, validate_text, validate_web_address
from .history import History, TrackedModel, saving

STEP = 1000
KEY_NAMES = {"slug": "slug", "number": "number", "term": "short form"}
WAITS = "“{}” is in a submission that waits for approval."

validate_slug = RegexValidator(
    r"^[a-z0-9]+(-[a-z0-9]+)*\Z", "Use lower-case letters, digits and single hyphens, such as level-3-adults-only."
)


def validate_markdown(text: str) -> None:
    """Refuse links that no reader could follow, and characters that nobody can read."""
    if faults := markdown.faults(text):
        raise ValidationError([fault[0].upper() + fault[1:] + "." for fault in faults])
    validate_text(text)


def line(verbose_name: str, **options: Any) -> "models.CharField[str, str]":
    return models.CharField(verbose_name, max_length=LONGEST_LINE, validators=[validate_line], **options)


def markdown_text(verbose_name: str, help_text: str = "", **options: Any) -> "models.TextField[str, str]":
    how = "Paragraphs, lists, links and *emphasis* in Markdown."
    return models.TextField(
        verbose_name,
        blank=True,
        max_length=LONGEST_TEXT,
        validators=[validate_markdown],
        help_text=f"{help_text} {how}".strip(),
        **options,
    )


def slug(help_text: str, **options: Any) -> "models.CharField[str, str]":
    return models.CharField(max_length=100, validators=[validate_slug], help_text=help_text, **options)


def waiting_contents(**of_guidance: Any) -> Iterator[Content]:
    """What the submissions that wait for approval would publish: of all guidance, or of some."""
    waiting = Guidance.objects.filter(submissions__status="submitted", **of_guidance)
    return map(parse, waiting.values_list("submissions__content_text", flat=True))


def owners_of_slugs(kind: RecordKind, slugs: Iterable[str], guidance: UUID) -> dict[str, dict[UUID, str]]:
    """Say by which records slugs are taken for good, by an edition, or would be by a submission that waits.

    For each slug that is taken, the ids of those records with what is said of each. Two queries.
    """
    wanted = set(slugs)
    found: dict[str, dict[UUID, str]] = {slug: {} for slug in wanted}
    for content in waiting_contents(**({} if kind == RecordKind.GUIDANCE else {"pk": guidance})):
        for entry in content.entries_of(kind).values():
            if entry.slug in wanted:
                words = f"belongs to “{entry.title}” in a submission that waits for approval"
                found[entry.slug].setdefault(entry.id, words)
    for slug, owners in EditionChange.objects.owners_of_slugs(kind, wanted, guidance).items():
        published = {one: f"has belonged to “{title}” since it was published" for one, title in owners.items()}
        found[slug] = published | {one: words for one, words in found[slug].items() if one not in published}
    return found


def owner_of_slug(kind: RecordKind, slug: str, guidance: UUID, besides: UUID) -> str | None:
    """Say which other record has a slug for good, by an edition, or would have it by a submission that waits."""
    owners = owners_of_slugs(kind, [slug], guidance)[slug]
    return next((words for identity, words in owners.items() if identity != besides), None)


class Record(TrackedModel):
    """What all records share: text is kept with plain line ends, and what was live is never deleted."""

    record_kind: RecordKind
    key = "slug"  # by which it is told apart among its kind

    class Meta:
        abstract = True

    @property
    def guidance_pk(self) -> UUID:
        """The guidance that this record belongs to."""
        raise NotImplementedError

    def lock(self) -> None:
        list(Guidance.objects.select_for_update().filter(pk=self.guidance_pk))

    def contribute(self, *aspects: Aspect) -> None:
        by, at = self.author, timezone.now()
        Contribution.objects.append(
            Contribution(
                guidance_id=self.guidance_pk, kind=self.record_kind, record_id=self.pk, aspect=aspect, by=by, at=at
            )
            for aspect in aspects
        )

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        for field in self._meta.fields:
            if isinstance(field, models.TextField | models.CharField):
                value = getattr(self, field.attname)
                if isinstance(value, str):
                    setattr(self, field.attname, normal(value))
        super().clean_fields(exclude)

    def was_live(self) -> bool:
        """Whether any edition, live or scheduled, has ever named this record."""
        return EditionChange.objects.filter(record_id=self.pk).exists()

    def reasons_not_to_delete(self) -> list[str]:
        """Say why this record must stay. Empty when it may be deleted."""
        if self.was_live():
            return [f"“{self}” has been published, so it stays on record. Withdraw it instead."]
        return [WAITS.format(self)] if self.waits() else []

    def waits(self) -> bool:
        """Whether a submission that waits for approval would publish this record."""
        return any(self.pk in content.entries for content in waiting_contents(pk=self.guidance_pk))

    def clean(self) -> None:
        super().clean()
        if fault := self.key_fault():
            raise ValidationError({self.key: fault})

    def key_fault(self) -> str | None:
        """Say what is wrong with the key of this record, or None. A slug belongs to one record for ever."""
        if self.key != "slug":
            return None
        owned = owner_of_slug(self.record_kind, getattr(self, self.key), self.guidance_pk, self.pk)
        what = "address" if self.record_kind in ADDRESSED else "slug"
        return owned and f"This {what} {owned}. Choose another."


class Guidance(Record):
    """One piece of guidance: its publication metadata."""

    record_kind = RecordKind.GUIDANCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    slug = slug("The last part of the address. Old addresses go on working.", unique=True)
    title = line("title")
    summary = models.TextField(
        blank=True,
        max_length=LONGEST_TEXT,
        validators=[validate_text],
        help_text="One or two sentences, shown under the title and by search engines.",
    )
    publisher = line("publisher", help_text="Shown as “From”.")
    first_published_on = models.DateField(
        "first published on", null=True, blank=True, help_text="Leave empty if it is not stated."
    )
    applies_to = LinesField(
        "applies to",
        blank=True,
        help_text="The nations, one on each line. Leave empty if it is not stated.",
    )
    notice = markdown_text("notice", "Shown above the categories.")
    introduction = markdown_text("introduction", "Stands before the categories. Leave empty if the guidance has none.")
    caution = markdown_text("caution", "One line that every page of the guidance carries.")
    contact_name = line("contact: name", blank=True, help_text="Leave all three empty if the guidance gives none.")
    contact_email = models.EmailField("contact: e-mail address", blank=True)
    contact_url = models.URLField(
        "contact: web address", max_length=LONGEST_WEB_ADDRESS, blank=True, validators=[validate_web_address]
    )
    links = LinksField("related links", blank=True, help_text="One on each line: the title, then the web address.")
    under_review = models.BooleanField("under review", default=False, help_text="Readers see that it may change.")
    review_by = models.DateField(
        "review by",
        null=True,
        blank=True,
        help_text="Staff only: after this day the staff front page asks for a review.",
    )

    history = History()

    class Meta:
        ordering = ["title"]
        verbose_name_plural = "guidance"

    def __str__(self) -> str:
        return self.title

    @property
    def guidance_pk(self) -> UUID:
        return self.pk

    def clean(self) -> None:
        super().clean()
        reached = self.contact_email or self.contact_url
        if self.contact_name and not reached:
            raise ValidationError({"contact_email": "Give the contact an e-mail address or a web address."})
        if reached and not self.contact_name:
            raise ValidationError({"contact_name": "Give the contact a name."})


class GuidanceRecord(Record):
    """A record that belongs to one guidance."""

    guidance = models.ForeignKey(Guidance, on_delete=models.PROTECT)

    class Meta:
        abstract = True

    @property
    def guidance_pk(self) -> UUID:
        return self.guidance_id

    def siblings(self) -> "models.QuerySet[Any]":
        """The records of its kind in its guidance, itself included."""
        return type(self).objects.filter(guidance=self.guidance_id)

    def key_fault(self) -> str | None:
        """A form that leaves the guidance out makes Django pass over the unique constraint, so it is checked here."""
        if self.guidance_id is None:
            return None
        if self.siblings().filter(**{self.key: getattr(self, self.key)}).exclude(pk=self.pk).exists():
            return f"Another {self._meta.verbose_name} of this guidance has this {KEY_NAMES[self.key]}."
        return super().key_fault()


class Ordered(GuidanceRecord):
    """A record with a place among its siblings. Positions have gaps, so that a move seldom touches another record."""

    position = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    def place_after(self, other: "Ordered | None") -> None:
        """Save this record after another, or first. Siblings are saved too only where no gap is left."""
        with saving():
            self.lock()
            others = [sibling for sibling in self.siblings() if sibling.pk != self.pk]
            index = others.index(other) + 1 if other else 0
            before = others[index - 1].position if index else 0
            after = others[index].position if index < len(others) else before + 2 * STEP
            if after - before >= 2:
                self.position = (before + after) // 2
                self.save()
                return
            for place, sibling in enumerate([*others[:index], self, *others[index:]], 1):
                sibling.position = place * STEP
                sibling.save()
