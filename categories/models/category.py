"""A category of technical qualification, and the approval tests that categories face."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from ..content.vocabulary import RecordKind, TestKind
from .fields import LinesField, StepsField
from .guidance import Ordered, line, markdown_text, slug
from .history import History
from .terms import Cohort, ExamplesList, Level, Relationship, TLevel, one_per_key


class ApprovalTest(Ordered):
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
            one_per_key("slug", "one_approval_test_per_slug", "approval test"),
            models.CheckConstraint(condition=Q(kind__in=TestKind.values), name="approval_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name

    def reasons_not_to_delete(self) -> list[str]:
        used = ", ".join(f"“{category}”" for category in self.category_set.all())
        return super().reasons_not_to_delete() or ([f"“{self}” is used by {used}."] if used else [])


class Category(Ordered):
    """A category of technical qualification."""

    record_kind = RecordKind.CATEGORY

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    slug = slug("The last part of the address. Old addresses go on working.")
    title = line("title")
    levels = models.ManyToManyField(Level, blank=True, help_text="Tick every level it covers.")
    cohorts = models.ManyToManyField(Cohort, blank=True, help_text="Tick none if the guidance does not state a cohort.")
    relationship = models.ForeignKey(
        Relationship,
        on_delete=models.PROTECT,
        verbose_name="relationship to occupational standards",
        help_text="“Find your category” asks about this.",
    )
    relationship_text = markdown_text("relationship in words", "Shown to readers.")
    aim = markdown_text("core aim", "What a qualification in this category is for.")
    example = markdown_text("example", "Leave empty if the guidance gives none.")
    by_exception = models.BooleanField("approved for development by exception only", default=False)
    t_level = models.ForeignKey(
        TLevel,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        verbose_name="T Levels",
        help_text="What the guidance says of T Levels and the occupational standard. Leave empty if it says nothing.",
    )
    approval_tests = models.ManyToManyField(
        ApprovalTest,
        blank=True,
        verbose_name="approval tests and powers",
        help_text="At least one, unless the approval in words says why it faces none, or the category is withdrawn.",
    )
    approval_text = markdown_text("approval in words", "Leave empty if the guidance says nothing besides the tests.")
    availability = StepsField(
        "availability",
        blank=True,
        help_text="One state after another, each with the month from which it counts. “In scope” is not “open for "
        "submissions”. Leave all empty if the guidance does not state it.",
    )
    availability_text = markdown_text(
        "availability in words", "Leave empty if the guidance says nothing besides the states and months."
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
        constraints = [one_per_key("slug", "one_category_per_slug", "category")]

    def __str__(self) -> str:
        return self.title

    @property
    def states(self) -> list[str]:
        """The ids of the states that its availability goes through."""
        return [step["state"] for step in self.availability]
