"""A category of technical qualification, and what it names: levels, cohorts, approval tests, an examples list."""

from typing import Any
from uuid import UUID, uuid4

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from ..content.entries import Reference, record_id
from ..content.rules import cohort_slug_problem
from ..content.schema import LONGEST_TEXT, LONGEST_WEB_ADDRESS
from ..content.vocabulary import AvailabilityStatus, RecordKind, Relationship, TestKind, TLevel
from ..content.words import month_words
from .fields import LinesField, validate_text, validate_web_address
from .guidance import GuidanceRecord, Ordered, Record, line, lock_all, markdown_text, slug, waiting_contents
from .history import History

LEVELS = "A level is a number from 1 to 8."
YEARS = "A year has four digits, such as 2027."
MONTHS = [(month, month_words(f"2000-{month:02}").split()[0]) for month in range(1, 13)]


class SharedRecord(Record):
    """A record that all guidance shares. Categories name it by its `key`, in their field `used_in`."""

    used_in: str
    key: str

    class Meta:
        abstract = True

    @property
    def reference(self) -> Reference:
        return self.record_kind, str(getattr(self, self.key))

    def lock(self) -> None:
        lock_all()

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

    def siblings(self) -> "models.QuerySet[Any]":
        return Cohort.objects.all()

    def slug_fault(self) -> str | None:
        fault = cohort_slug_problem(self.slug)
        return fault and f"{fault}."


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
    def record_id(self) -> UUID:
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
