"""Categories: who each is for, what faces it, when it is in scope."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from ..content.vocabulary import NOT_STATED_WORDS
from ..content.words import cohort_words, joined
from ..models import ApprovalTest, Category, ExamplesList
from .base import RecordAdmin
from .lists import WithdrawnFilter
from .record_forms import OfGuidanceForm


class CategoryForm(OfGuidanceForm):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.instance.guidance_id:
            for name, model in (("approval_tests", ApprovalTest), ("examples_list", ExamplesList)):
                if name in self.fields:
                    self.fields[name].queryset = model.objects.filter(guidance=self.instance.guidance_id)


@admin.register(Category)
class CategoryAdmin(RecordAdmin):
    form = CategoryForm
    list_display = ["title", "levels_words", "cohorts_words", "availability_words"]
    list_filter = ["guidance", "levels", "cohorts", "relationship", "approval_tests", WithdrawnFilter]
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
        return super().get_queryset(request).prefetch_related("levels", "cohorts")

    @admin.display(description="levels")
    def levels_words(self, category: Category) -> str:
        return joined(str(level.number) for level in category.levels.all()) or NOT_STATED_WORDS

    @admin.display(description="cohorts")
    def cohorts_words(self, category: Category) -> str:
        return cohort_words([cohort.name for cohort in category.cohorts.all()])

    @admin.display(description="availability")
    def availability_words(self, category: Category) -> str:
        names = {str(state.pk): state.name for state in category.guidance.availability_set.all()}
        return ", ".join(names.get(state, state) for state in category.states) or NOT_STATED_WORDS
