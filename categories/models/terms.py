"""The vocabulary of one guidance: what its categories name, in words that staff choose."""

from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from ..content.entries import record_id
from ..content.rules import value_fault
from ..content.schema import LONGEST_TEXT, LONGEST_WEB_ADDRESS
from ..content.vocabulary import Coverage, RecordKind
from .fields import validate_text, validate_web_address
from .guidance import KEY_NAMES, GuidanceRecord, Ordered, line, markdown_text, slug, waiting_contents
from .history import History

LEVELS = "A level is a number from 1 to 8."


def one_per_key(key: str, name: str, noun: str) -> models.UniqueConstraint:
    """No two records of a kind in one guidance have the same key."""
    return models.UniqueConstraint(
        fields=["guidance", key],
        name=name,
        violation_error_message=f"Another {noun} of this guidance has this {KEY_NAMES[key]}.",
    )


class Term(GuidanceRecord):
    """A record without a page of its own: it may go once nothing names it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    category_set: "models.Manager[Any]"  # the categories that name it, where a field of theirs does

    class Meta:
        abstract = True

    def reasons_not_to_delete(self) -> list[str]:
        if used := ", ".join(f"“{category}”" for category in self.used_by()):
            return [f"“{self}” is used by {used}."]
        return [f"“{self}” is in a submission that waits for approval."] if self.waits() else []

    def used_by(self) -> "models.QuerySet[Any]":
        """The categories that name this record."""
        raise NotImplementedError

    def waits(self) -> bool:
        """Whether a category in a submission that waits for approval names this record."""
        entries = (entry for content in waiting_contents(pk=self.guidance_id) for entry in content.entries.values())
        return any(self.pk == named for entry in entries for _, named in entry.names)


class ShortForm(Term, Ordered):
    """A short form that the guidance uses, and what it stands for. Pages that use it explain it."""

    record_kind = RecordKind.SHORT_FORM
    key = "term"

    term = line("short form", help_text="As the guidance writes it, such as KSBs.")
    meaning = line("what it stands for", help_text="Such as knowledge, skills and behaviours.")

    history = History()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [one_per_key("term", "one_short_form_per_term", "short form")]

    def __str__(self) -> str:
        return self.term

    def used_by(self) -> "models.QuerySet[Any]":
        """Texts use it; no category names it."""
        return self.guidance.category_set.none()


class Level(Term):
    """A level of qualification."""

    record_kind = RecordKind.LEVEL
    key = "number"

    number = models.PositiveSmallIntegerField(validators=[MinValueValidator(1, LEVELS), MaxValueValidator(8, LEVELS)])

    history = History()

    class Meta:
        ordering = ["number"]
        constraints = [
            one_per_key("number", "one_level_per_number", "level"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=8),
                name="number_from_1_to_8",
                violation_error_message=LEVELS,
            ),
        ]

    def __str__(self) -> str:
        return f"Level {self.number}"

    def clean(self) -> None:
        """A level is its number: made again after it was deleted, it is the same record again."""
        super().clean()
        if self._state.adding and self.guidance_id and self.number is not None:
            self.pk = record_id(self.guidance_id, self.record_kind, str(self.number))

    def used_by(self) -> "models.QuerySet[Any]":
        return self.category_set.all()


class NamedTerm(Term, Ordered):
    """A term that categories name by its slug, and readers by its name."""

    category_set: Any  # the categories that name it
    slug = slug("The value in addresses and data. Old ones go on working.")
    name = line("name", help_text="What readers see.")

    class Meta:
        abstract = True
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    def used_by(self) -> "models.QuerySet[Any]":
        categories: models.QuerySet[Any] = self.category_set.all()
        return categories

    def key_fault(self) -> str | None:
        fault = value_fault(self.slug)
        return f"{fault}." if fault else super().key_fault()


class Cohort(NamedTerm):
    """A group of learners."""

    record_kind = RecordKind.COHORT

    history = History()

    class Meta(NamedTerm.Meta):
        constraints = [one_per_key("slug", "one_cohort_per_slug", "cohort")]


class Relationship(NamedTerm):
    """How categories can relate to occupational standards."""

    record_kind = RecordKind.RELATIONSHIP

    definition = markdown_text("definition", "Leave empty if the guidance gives none.")
    to_standard = models.BooleanField(
        "it is a relationship to a standard itself",
        default=False,
        help_text="Then “Find your category” may ask about that standard.",
    )

    history = History()

    class Meta(NamedTerm.Meta):
        constraints = [one_per_key("slug", "one_relationship_per_slug", "relationship")]


class TLevel(NamedTerm):
    """What the guidance says of T Levels for a category."""

    record_kind = RecordKind.T_LEVEL

    covered = models.CharField(
        "does a T Level cover the occupational standard?",
        max_length=10,
        choices=Coverage,
        default=Coverage.NOT_STATED,
        help_text="“Find your category” asks about this.",
    )

    history = History()

    class Meta(NamedTerm.Meta):
        verbose_name = "T Level position"
        constraints = [
            one_per_key("slug", "one_t_level_per_slug", "T Level position"),
            models.CheckConstraint(condition=Q(covered__in=Coverage.values), name="coverage_known"),
        ]


class Availability(NamedTerm):
    """A state of availability that categories can have, from a month on or without one."""

    record_kind = RecordKind.AVAILABILITY

    dated = models.BooleanField(
        "it counts from a month",
        default=False,
        help_text="Ticked: every category in this state gives the month from which it is. Not ticked: none does.",
    )

    history = History()

    class Meta(NamedTerm.Meta):
        verbose_name_plural = "availabilities"
        constraints = [one_per_key("slug", "one_availability_per_slug", "availability")]

    def used_by(self) -> "models.QuerySet[Any]":
        categories = self.guidance.category_set.all()
        return categories.filter(pk__in=[one.pk for one in categories if str(self.pk) in one.states])

    def clean(self) -> None:
        """What it says of months must stay true of the categories in this state."""
        super().clean()
        before = type(self).objects.filter(pk=self.pk).exclude(dated=self.dated).first()
        if before and (used := ", ".join(f"“{category}”" for category in before.used_by())):
            raise ValidationError({"dated": f"It is the state of {used}. Give those another state first."})


class ExamplesList(NamedTerm):
    """A list, kept elsewhere, of qualifications that are examples of a category."""

    record_kind = RecordKind.EXAMPLES_LIST

    covers = models.TextField(
        max_length=LONGEST_TEXT,
        blank=True,
        validators=[validate_text],
        help_text="Which qualifications the list covers.",
    )
    text = markdown_text("in words", "What the guidance says of the list. Leave empty if it says nothing.")
    url = models.URLField(
        "web address",
        max_length=LONGEST_WEB_ADDRESS,
        blank=True,
        validators=[validate_web_address],
        help_text="Leave empty if none is given: then no link is shown.",
    )

    history = History()

    class Meta(NamedTerm.Meta):
        constraints = [one_per_key("slug", "one_examples_list_per_slug", "examples list")]

    def __str__(self) -> str:
        return f"{self.name} ({self.covers})" if self.covers else self.name

    def key_fault(self) -> str | None:
        """It is no value of a filter, so any slug will do that no other list has."""
        return super(NamedTerm, self).key_fault()
