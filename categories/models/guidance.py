"""The working copy: what staff edit. Nobody outside ever sees it; the public reads editions."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from ..content import markdown
from ..content.canonical import parse
from ..content.entries import record_id
from ..content.rules import cohort_slug_problem
from ..content.schema import LONGEST_LINE, LONGEST_TEXT, LONGEST_WEB_ADDRESS, Content
from ..content.vocabulary import AvailabilityStatus, RecordKind, Relationship, TestKind, TLevel
from ..content.words import month_words
from .edition import EditionChange
from .fields import LinesField, validate_line, validate_text, validate_web_address
from .history import History, TrackedModel, saving

STEP = 1000
LEVELS = "A level is a number from 1 to 8."
YEARS = "A year has four digits, such as 2027."
WAITS = "“{}” is in a submission that waits for approval."
MONTHS = [(month, month_words(f"2000-{month:02}").split()[0]) for month in range(1, 13)]

validate_slug = RegexValidator(
    r"^[a-z0-9]+(-[a-z0-9]+)*\Z", "Use lower-case letters, digits and single hyphens, such as level-3-adults-only."
)


def validate_markdown(text: str) -> None:
    """Refuse links that no reader could follow, and characters that nobody can read."""
    if problems := markdown.problems(text):
        raise ValidationError([problem[0].upper() + problem[1:] + "." for problem in problems])
    validate_text(text)


def line(verbose_name, **options):
    return models.CharField(verbose_name, max_length=LONGEST_LINE, validators=[validate_line], **options)


def markdown_text(verbose_name, help_text="", **options):
    how = "Paragraphs, lists, links and *emphasis* in Markdown."
    return models.TextField(
        verbose_name,
        blank=True,
        max_length=LONGEST_TEXT,
        validators=[validate_markdown],
        help_text=f"{help_text} {how}".strip(),
        **options,
    )


def slug(help_text, **options):
    return models.CharField(max_length=100, validators=[validate_slug], help_text=help_text, **options)


def lock_all() -> None:
    """Wait for, and keep out, every other save and submission. Always in one order, so that no two wait for each other.

    Whoever holds the lock on one guidance must not take this one: take the widest that is needed first.
    """
    list(Guidance.objects.select_for_update().order_by("pk"))


def waiting_contents(**of_guidance) -> Iterator[Content]:
    """What the submissions that wait for approval would publish: of all guidance, or of some."""
    waiting = Guidance.objects.filter(submissions__status="submitted", **of_guidance)
    return map(parse, waiting.values_list("submissions__content_text", flat=True))


def owner_of_slug(kind: RecordKind, slug: str, guidance: UUID, besides: UUID) -> str | None:
    """Say which other record has a slug for good, by an edition, or would have it by a submission that waits."""
    if owner := EditionChange.objects.owner_of_slug(kind, slug, guidance, besides):
        return f"has belonged to “{owner}” since it was published"
    for content in waiting_contents(**({} if kind == RecordKind.GUIDANCE else {"pk": guidance})):
        for entry in content.entries.values():
            if (entry.kind, entry.slug) == (kind, slug) and entry.id != besides:
                return f"belongs to “{entry.title}” in a submission that waits for approval"
    return None


class Record(TrackedModel):
    """What all records share: text is kept with plain line ends, and what was live is never deleted."""

    record_kind: RecordKind

    class Meta:
        abstract = True

    @property
    def record_id(self):
        """The id by which editions know this record."""
        return self.pk

    def clean_fields(self, exclude=None):
        for field in self._meta.fields:
            if isinstance(field, models.TextField | models.CharField):
                value = getattr(self, field.attname)
                if isinstance(value, str):
                    setattr(self, field.attname, value.replace("\r\n", "\n").strip())
        super().clean_fields(exclude)

    def was_live(self) -> bool:
        """Whether any edition, live or scheduled, has ever named this record."""
        return EditionChange.objects.filter(record_id=self.record_id).exists()

    def reasons_not_to_delete(self) -> list[str]:
        """Say why this record must stay. Empty when it may be deleted."""
        if self.was_live():
            return [f"“{self}” has been published, so it stays on record. Withdraw it instead."]
        return [WAITS.format(self)] if self.waits() else []

    def waits(self) -> bool:
        """Whether a submission that waits for approval would publish this record."""
        return any(self.record_id in content.entries for content in waiting_contents(pk=self.guidance_pk))

    def clean(self):
        super().clean()
        if problem := self.slug_problem():
            raise ValidationError({"slug": problem})

    def slug_problem(self) -> str | None:
        """Say why this record cannot have its slug, or None."""
        owned = owner_of_slug(self.record_kind, self.slug, self.guidance_pk, self.record_id)
        return owned and f"This address {owned}. Choose another."


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
    applies_to = LinesField("applies to", help_text="The nations, one on each line.")
    notice = markdown_text("notice", "Shown above the categories.")
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
    def guidance_pk(self):
        return self.pk

    def lock(self) -> None:
        list(Guidance.objects.select_for_update().filter(pk=self.pk))


class Ordered(Record):
    """A record with a place among its siblings. Positions have gaps, so that a move seldom touches another record."""

    position = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    def siblings(self):
        """The records that this one is in order with, itself included."""
        raise NotImplementedError

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


class SharedRecord(Record):
    """A record that all guidance shares."""

    class Meta:
        abstract = True

    def lock(self) -> None:
        lock_all()

    def slug_problem(self) -> str | None:
        """It has no address, so none can be taken."""
        return None

    def was_live(self) -> bool:
        return False

    def reasons_not_to_delete(self) -> list[str]:
        used = ", ".join(f"“{category}”" for category in Category.objects.filter(**{self.used_in: self}))
        return [f"“{self}” is used by {used}."] if used else super().reasons_not_to_delete()

    def waits(self) -> bool:
        """Whether a submission that waits for approval has a category that uses it."""
        submitted = (category for content in waiting_contents() for category in content.categories)
        return any(getattr(self, self.key) in getattr(category, self.used_in) for category in submitted)


class Level(SharedRecord):
    """A level of qualification."""

    record_kind = RecordKind.LEVEL
    used_in, key = "levels", "number"

    number = models.PositiveSmallIntegerField(
        unique=True,
        validators=[MinValueValidator(1, LEVELS), MaxValueValidator(8, LEVELS)],
        error_messages={"unique": "There is this level already."},
    )

    history = History()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=8),
                name="level_from_1_to_8",
                violation_error_message=LEVELS,
            )
        ]

    def __str__(self) -> str:
        return f"Level {self.number}"


class Cohort(SharedRecord, Ordered):
    """A group of learners."""

    record_kind = RecordKind.COHORT
    used_in, key = "cohorts", "slug"

    slug = slug("The value in the address of a filter. It cannot be changed later.", unique=True)
    name = line("name")

    history = History()

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.name

    def siblings(self):
        return Cohort.objects.all()

    def slug_problem(self) -> str | None:
        problem = cohort_slug_problem(self.slug)
        return problem and f"{problem}."


class GuidanceRecord(Ordered):
    """A record that belongs to one guidance, in an order that staff choose."""

    guidance = models.ForeignKey(Guidance, on_delete=models.PROTECT)

    class Meta:
        abstract = True

    @property
    def guidance_pk(self):
        return self.guidance_id

    def siblings(self):
        return type(self).objects.filter(guidance=self.guidance_id)

    def slug_problem(self) -> str | None:
        """A form that leaves the guidance out makes Django pass over the unique constraint, so it is checked here."""
        if self.guidance_id is None:
            return None
        if self.siblings().filter(slug=self.slug).exclude(pk=self.pk).exists():
            return f"Another {self._meta.verbose_name} of this guidance has this slug."
        return super().slug_problem()

    def lock(self) -> None:
        list(Guidance.objects.select_for_update().filter(pk=self.guidance_id))


class ExamplesList(GuidanceRecord):
    """A list, kept elsewhere, of qualifications that are examples of a category."""

    record_kind = RecordKind.EXAMPLES_LIST

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    slug = slug("How categories name this list in data. It cannot be changed later.")
    name = line("name")
    covers = models.TextField(
        max_length=LONGEST_TEXT,
        blank=True,
        validators=[validate_text],
        help_text="Which qualifications the list covers.",
    )
    url = models.URLField(
        "web address",
        max_length=LONGEST_WEB_ADDRESS,
        blank=True,
        validators=[validate_web_address],
        help_text="Leave empty if none is given: then no link is shown.",
    )

    history = History()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["guidance", "slug"],
                name="one_examples_list_per_slug",
                violation_error_message="Another examples list of this guidance has this slug.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.covers})" if self.covers else self.name

    @property
    def record_id(self):
        return record_id(self.guidance_id, self.record_kind, self.slug)

    def was_live(self) -> bool:
        """It has no page, so it may go once nothing names it."""
        return False

    def reasons_not_to_delete(self) -> list[str]:
        used = ", ".join(f"“{category}”" for category in self.category_set.all())
        return [f"“{self}” is used by {used}."] if used else super().reasons_not_to_delete()


class ApprovalTest(GuidanceRecord):
    """An approval test, or a statutory power, that categories face."""

    record_kind = RecordKind.APPROVAL_TEST
    __test__ = False

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    slug = slug("The last part of the address. Old addresses go on working.")
    name = line("name")
    kind = models.CharField("kind", max_length=10, choices=TestKind, default=TestKind.TEST)
    description = markdown_text("what it means")
    withdrawn = markdown_text("why it is withdrawn", "Leave empty unless it is withdrawn. Readers see this text.")

    history = History()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["guidance", "slug"],
                name="one_approval_test_per_slug",
                violation_error_message="Another approval test of this guidance has this slug.",
            ),
            models.CheckConstraint(condition=Q(kind__in=TestKind.values), name="approval_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name

    def reasons_not_to_delete(self) -> list[str]:
        used = ", ".join(f"“{category}”" for category in self.category_set.all())
        return super().reasons_not_to_delete() or ([f"“{self}” is used by {used}."] if used else [])


class Category(GuidanceRecord):
    """A category of technical qualification."""

    record_kind = RecordKind.CATEGORY

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    slug = slug("The last part of the address. Old addresses go on working.")
    title = line("title")
    levels = models.ManyToManyField(Level, related_name="+", blank=True, help_text="Tick every level it covers.")
    cohorts = models.ManyToManyField(
        Cohort, related_name="+", blank=True, help_text="Tick none if the guidance does not state a cohort."
    )
    relationship = models.CharField(
        "relationship to occupational standards",
        max_length=30,
        choices=Relationship,
        default=Relationship.ALIGNS,
        help_text="“Which category fits?” asks about this.",
    )
    relationship_text = markdown_text("relationship in words", "Shown to readers.")
    aim = markdown_text("core aim", "What a qualification in this category is for.")
    example = markdown_text("example", "Leave empty if the guidance gives none.")
    by_exception = models.BooleanField("approved for development by exception only", default=False)
    t_level = models.CharField(
        "T Levels",
        max_length=20,
        choices=TLevel,
        default=TLevel.NOT_MENTIONED,
        help_text="What the guidance says of T Levels and the occupational standard.",
    )
    approval_tests = models.ManyToManyField(
        ApprovalTest,
        blank=True,
        verbose_name="approval tests and powers",
        help_text="At least one, unless the category is withdrawn.",
    )
    availability = models.CharField(
        max_length=20,
        choices=AvailabilityStatus,
        default=AvailabilityStatus.NOT_STATED,
        help_text="“In scope” is not “open for submissions”.",
    )
    in_scope_from_month = models.PositiveSmallIntegerField(
        "in scope from: month", null=True, blank=True, choices=MONTHS
    )
    in_scope_from_year = models.PositiveSmallIntegerField(
        "in scope from: year",
        null=True,
        blank=True,
        validators=[MinValueValidator(1900, YEARS), MaxValueValidator(2999, YEARS)],
    )
    examples_list = models.ForeignKey(
        ExamplesList,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        help_text="The list, kept elsewhere, that holds examples of this category.",
    )
    synonyms = LinesField(
        "other names", blank=True, help_text="Words that people search for, one on each line. Search finds them."
    )
    withdrawn = markdown_text("why it is withdrawn", "Leave empty unless it is withdrawn. Readers see this text.")

    history = History(m2m_fields=[levels, cohorts, approval_tests])

    class Meta:
        ordering = ["position", "pk"]
        verbose_name_plural = "categories"
        constraints = [
            models.UniqueConstraint(
                fields=["guidance", "slug"],
                name="one_category_per_slug",
                violation_error_message="Another category of this guidance has this slug.",
            ),
            models.CheckConstraint(condition=Q(relationship__in=Relationship.values), name="relationship_known"),
            models.CheckConstraint(condition=Q(t_level__in=TLevel.values), name="t_level_known"),
            models.CheckConstraint(condition=Q(availability__in=AvailabilityStatus.values), name="availability_known"),
            models.CheckConstraint(
                condition=~Q(availability=AvailabilityStatus.IN_SCOPE)
                | Q(in_scope_from_month__isnull=False, in_scope_from_year__isnull=False),
                name="in_scope_has_month",
                violation_error_message="Give the month and the year from which the category is in scope.",
            ),
            models.CheckConstraint(
                condition=Q(availability=AvailabilityStatus.IN_SCOPE)
                | Q(in_scope_from_month__isnull=True, in_scope_from_year__isnull=True),
                name="month_only_in_scope",
                violation_error_message="Only a category in scope has a month and a year; leave both empty.",
            ),
            models.CheckConstraint(
                condition=Q(in_scope_from_month__isnull=True)
                | Q(in_scope_from_month__gte=1, in_scope_from_month__lte=12),
                name="month_from_1_to_12",
                violation_error_message="A month is a number from 1 to 12.",
            ),
            models.CheckConstraint(
                condition=Q(in_scope_from_year__isnull=True)
                | Q(in_scope_from_year__gte=1900, in_scope_from_year__lte=2999),
                name="year_has_four_digits",
                violation_error_message=YEARS,
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def in_scope_from(self) -> str | None:
        """The month as the content format writes it, such as '2023-11'."""
        if self.in_scope_from_year is None or self.in_scope_from_month is None:
            return None
        return f"{self.in_scope_from_year}-{self.in_scope_from_month:02}"


# Every kind of record, in the order in which they can be made: none before what it names
MODELS: dict[RecordKind, Any] = {
    model.record_kind: model for model in (Guidance, Level, Cohort, ExamplesList, ApprovalTest, Category)
}


def record_lookup(kind: RecordKind, guidance: UUID, identity: UUID, slug: str) -> Q:
    """Return how a record that editions name is found in the table of its kind, or in the history of that."""
    match kind:
        case RecordKind.LEVEL:
            return Q(number=int(slug))
        case RecordKind.COHORT:
            return Q(slug=slug)
        case RecordKind.EXAMPLES_LIST:
            return Q(guidance=guidance, slug=slug)
    return Q(id=identity)
