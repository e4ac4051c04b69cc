"""Categories: who each is for, what faces it, when it is in scope."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.forms import model_to_dict
from django.http import HttpRequest

from ..content.vocabulary import NOT_STATED, NOT_STATED_WORDS
from ..content.words import cohort_words, inside, joined
from ..models import Availability, Category
from .base import RecordAdmin
from .history import GONE, step_words
from .lists import OfGuidanceFilter, WithdrawnFilter, offered
from .many import ManyPages
from .record_forms import PlacedForm
from .steps import StepsFormField


class CategoryForm(PlacedForm):
    words_of_none = {
        "relationship": "Choose a relationship",
        "t_level": "The guidance says nothing of T Levels",
        "examples_list": "No list",
    }
    availability = StepsFormField(required=False, help_text=Category._meta.get_field("availability").help_text)


UNCOPIED = {"title", "slug", "withdrawn"}


def _category(written: str) -> Category | None:
    try:
        return Category.objects.filter(pk=UUID(written)).first()
    except ValueError:
        return None


class StateFilter(admin.SimpleListFilter):
    """The categories whose availability goes through a state, or through none."""

    title = "availability"
    parameter_name = "availability"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        states = offered(Availability, request)
        return [*states, (NOT_STATED, NOT_STATED_WORDS)] if states else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Category]) -> QuerySet[Category]:
        if not (value := self.value()):
            return queryset
        if value == NOT_STATED:
            return queryset.filter(availability=[])
        if value not in {key for key, _ in self.lookup_choices}:
            raise IncorrectLookupParameters(f"There is no availability {value}.")
        return queryset.filter(pk__in=Availability.objects.get(pk=value).used_by())


@admin.register(Category)
class CategoryAdmin(ManyPages, RecordAdmin):
    form = CategoryForm
    list_display = ["title", "levels_words", "cohorts_words", "availability_words"]
    list_filter = [
        "guidance",
        ("levels", OfGuidanceFilter),
        ("cohorts", OfGuidanceFilter),
        ("relationship", OfGuidanceFilter),
        ("approval_tests", OfGuidanceFilter),
        StateFilter,
        WithdrawnFilter,
    ]
    search_fields = ["title", "slug", "aim", "example", "relationship_text", "synonyms"]
    fixed_once_saved = ("guidance",)
    empty_value_display = "Not stated"
    ordering = ["guidance", "position", "pk"]
    fieldsets = [
        (None, {"fields": ["guidance", "title", "slug", "after"]}),
        ("Who it is for", {"fields": ["levels", "cohorts"]}),
        ("Core aim", {"fields": ["aim", "example", "by_exception"]}),
        ("Relationship to occupational standards", {"fields": ["relationship", "relationship_text", "t_level"]}),
        ("Approval", {"fields": ["approval_tests", "approval_text"]}),
        ("Availability", {"fields": ["availability", "availability_text"]}),
        ("Examples and search", {"fields": ["examples_list", "synonyms"]}),
        ("Withdraw this category", {"fields": ["withdrawn"], "classes": ["collapse"]}),
        ("For staff", {"fields": ["internal_note", "opened_at"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).prefetch_related("levels", "cohorts", "guidance__availability_set")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new category begins as a copy of another, if asked: all but its title and its address."""
        initial = super().get_changeform_initial_data(request)
        if "copy" not in initial:
            return initial
        copied = _category(initial.pop("copy"))
        if copied is None:
            self.message_user(request, "The category to copy is not there, so the form is empty.", messages.WARNING)
            return initial
        fields = [field for _, options in self.fieldsets for field in options["fields"]]
        copy = {name: value for name, value in model_to_dict(copied, fields=fields).items() if name not in UNCOPIED}
        return copy | {"guidance": copied.guidance_id, "after": copied.pk} | initial

    @admin.display(description="levels")
    def levels_words(self, category: Category) -> str:
        return joined(str(level.number) for level in category.levels.all()) or NOT_STATED_WORDS

    @admin.display(description="cohorts")
    def cohorts_words(self, category: Category) -> str:
        return cohort_words([cohort.name for cohort in category.cohorts.all()])

    @admin.display(description="availability")
    def availability_words(self, category: Category) -> str:
        names = {str(state.pk): state.name for state in category.guidance.availability_set.all()}
        steps = [step_words(names.get(step["state"], GONE), step["from"]) for step in category.availability]
        return ", then ".join([*steps[:1], *map(inside, steps[1:])]) or NOT_STATED_WORDS
