"""Several categories changed at once: ticked in their list, previewed, saved as one act, and submitted if wished."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse

from .. import publishing
from ..content.diff import FieldChange
from ..content.words import joined
from ..models import ApprovalTest, Availability, Category, Cohort, Guidance, Submission
from .forms import StaffForm
from .history import step_words
from .links import as_links
from .record_forms import RecordsField
from .steps import StepsFormField

MOST = 50  # categories at once: their ids stand in the address
LEAVE, SET = "", "set"


class ManyForm(StaffForm):
    """What is to become of each ticked category."""

    add_tests = RecordsField(ApprovalTest.objects.none(), required=False, label="Add approval tests and powers")
    remove_tests = RecordsField(ApprovalTest.objects.none(), required=False, label="Remove approval tests and powers")
    add_cohorts = RecordsField(Cohort.objects.none(), required=False, label="Add cohorts")
    remove_cohorts = RecordsField(Cohort.objects.none(), required=False, label="Remove cohorts")
    change_availability = forms.ChoiceField(
        choices=[(LEAVE, "Leave it as it is"), (SET, "Set it to these steps, in place of all that it says now")],
        required=False,
        widget=forms.RadioSelect,
        label="Availability",
    )
    availability = StepsFormField(required=False, label="Steps", help_text="No step at all: it is not stated.")
    why = forms.CharField(
        label="Internal note",
        required=False,
        max_length=2000,
        help_text="Why are you making this change? It stands in the history of each. Only staff see it.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    change_note = forms.CharField(
        label="Change note, if you submit it at once",
        required=False,
        max_length=5000,
        help_text="Public, and kept for ever: tell readers what has changed.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    ABOUT = ("why", "change_note", "seen")

    def __init__(self, *args: Any, guidance: Guidance, **options: Any):
        super().__init__(*args, **options)
        tests, cohorts = guidance.approvaltest_set.all(), guidance.cohort_set.all()
        offered = {
            "add_tests": tests.filter(withdrawn=""),
            "remove_tests": tests,
            "add_cohorts": cohorts,
            "remove_cohorts": cohorts,
            "availability": Availability.objects.filter(guidance=guidance),
        }
        for name, records in offered.items():
            self.fields[name].queryset = records
        for name in publishing.SETS_OF_MANY:
            self.fields[name].widget = forms.CheckboxSelectMultiple()
            self.fields[name].widget.choices = self.fields[name].choices

    @property
    def wanted(self) -> publishing.Wanted:
        said = self.cleaned_data
        steps = tuple(said["availability"]) if said["change_availability"] == SET else None
        sets = {name: frozenset(one.pk for one in said[name]) for name in publishing.SETS_OF_MANY}
        return publishing.Wanted(availability=steps, **sets)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("availability") and said.get("change_availability") != SET:
            self.add_error("change_availability", "You gave steps. Choose to set them, or empty them.")
        return said

    def propose(self, seen: str, **notes: str) -> None:
        """Know what is shown, and fill in each note that is not written yet."""
        self.data = self.data.copy()
        self.data["seen"] = seen
        for name, words in notes.items():
            if not self.data.get(name, "").strip():
                self.data[name] = words


class ManyPages:
    """The page on which several categories are changed. Mixed into their admin."""

    def get_urls(self) -> list[URLPattern]:
        return [
            path("many/", self.admin_site.admin_view(self.many), name="categories_category_many"),
            *super().get_urls(),
        ]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """One, for whoever may change categories: it leads to a page that asks what, shows it and asks why."""
        if not self.has_change_permission(request):
            return {}
        return {"change_several": self.get_action("change_several")}

    def change_several(self, request: HttpRequest, chosen: Any) -> HttpResponse:
        if chosen.count() > MOST:
            self.message_user(request, f"Tick at most {MOST} categories at once.", messages.ERROR)
            return redirect(request.get_full_path())
        query = QueryDict(mutable=True)
        query.setlist("id", [str(one) for one in chosen.values_list("pk", flat=True)])
        return redirect(f"{reverse('admin:categories_category_many')}?{query.urlencode()}")

    change_several.short_description = "Change the ticked ones"  # type: ignore[attr-defined]

    def many(self, request: HttpRequest) -> HttpResponse:
        """Ask what is to become of the ticked categories, show it, and do it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        ids = _ids(request.GET.getlist("id"))
        categories = publishing.categories_of(ids)
        guidance = categories[0].guidance if categories else None
        if guidance is None or len({category.guidance_id for category in categories}) > 1:
            reasons = publishing.reasons_not_to_change_many(categories, publishing.Wanted(), request.user)
            return self._many(request, categories, None, reasons=reasons, status=422)
        if request.method != "POST":
            return self._many(request, categories, ManyForm(guidance=guidance))
        form = ManyForm(request.POST, guidance=guidance)
        if not request.user.has_perm(publishing.CHANGE_CATEGORY):
            refusal = publishing.reasons_not_to_change_many(categories, publishing.Wanted(), request.user)
            return self._many(request, categories, form, refusal=refusal, status=403)
        if not form.is_valid():
            return self._many(request, categories, form, status=422)
        if "_save" not in request.POST and "_submit" not in request.POST:
            refusal = publishing.reasons_not_to_change_many(categories, form.wanted, request.user)
            return self._many(request, categories, form, refusal=refusal, status=409 if refusal else 200)
        submits = "_submit" in request.POST
        try:
            with transaction.atomic():  # so that nothing comes between: what is submitted is what was previewed
                drafts = _drafts(guidance, ids) if submits else []
                changed, submission, reasons = self._done(request, guidance, ids, form, submits=submits and not drafts)
        except publishing.Refused as refused:
            return self._many(request, publishing.categories_of(ids), form, refusal=refused.reasons, status=409)
        words = f"{_counted(len(changed))} changed."
        if submission:
            messages.success(request, f"{words} {submission} waits for approval by a second person.")
            return redirect("admin:categories_submission_change", submission.pk)
        messages.success(request, f"{words} That is not published yet.")
        for reason in [*drafts, *reasons]:
            messages.warning(request, f"It is not submitted: {reason}")
        return redirect("admin:categories_guidance_changes", guidance.pk)

    def _done(
        self, request: HttpRequest, guidance: Guidance, ids: list[UUID], form: ManyForm, *, submits: bool
    ) -> tuple[list[Category], Submission | None, list[publishing.Reason]]:
        """Save, and submit if that is wished: where that cannot be, what was saved stays, and the reasons say why."""
        said, by = form.cleaned_data, request.user
        changed = publishing.change_many(ids, form.wanted, by, why=said["why"], seen=said["seen"])
        if not submits:
            return changed, None, []
        chosen = [category.pk for category in changed]
        note, why = said["change_note"], said["why"]
        try:
            submission = publishing.submit(guidance, by, change_note=note, internal_note=why, chosen=chosen)
        except publishing.Refused as refused:
            return changed, None, refused.reasons
        return changed, submission, []

    def _many(
        self,
        request: HttpRequest,
        categories: list[Category],
        form: ManyForm | None,
        *,
        reasons: Any = (),
        refusal: Any = (),
        status: int = 200,
    ) -> HttpResponse:
        preview, unchanged = [], 0
        if form and form.is_bound and form.is_valid():
            differing = publishing.changed_of_many(categories, form.wanted)
            preview = _in_words(categories[0].guidance, differing)
            unchanged = len(categories) - len(differing)
            if differing:
                ids = [category.pk for category in categories]
                seen = publishing.seen_of_many(categories[0].guidance, ids, form.wanted)
                form.propose(seen, **_notes(form, [category for category, _, _ in differing]))
        context = {
            "title": f"Change {_counted(len(categories))}",
            "failed": status >= 400,
            "opts": self.opts,
            "categories": categories,
            "form": form,
            "reasons": as_links(reasons),
            "refusal": as_links(refusal),
            "preview": preview,
            "unchanged": _counted(unchanged) if unchanged else "",
        }
        context = self.admin_site.each_context(request) | context
        return render(request, "admin/categories/many.html", context, status=status)


def _ids(written: list[str]) -> list[UUID]:
    """The ids that are ids, each once."""
    found = {}
    for one in written[:MOST]:
        try:
            found[UUID(one)] = None
        except ValueError:
            continue
    return [*found]


def _drafts(guidance: Guidance, ids: list[UUID]) -> list[str]:
    """Say which categories differ from the newest edition already, which no preview of many shows."""
    try:
        pending = publishing.pending_changes(guidance)
    except publishing.Refused as refused:
        return [str(reason) for reason in refused.reasons]
    differing = [change.title for change in pending if change.id in set(ids)]
    return [f"“{title}” had other changes before. Look at all of them here first." for title in differing]


def _counted(number: int) -> str:
    return f"{number} {'category' if number == 1 else 'categories'}"


def _in_words(guidance: Guidance, differing: list[tuple[Category, Any, Any]]) -> list[dict[str, Any]]:
    """What would change of each category, a field each, as a history tells it."""
    tests, cohorts, states = (
        {one.pk: str(one) for one in records.all()}
        for records in (guidance.approvaltest_set, guidance.cohort_set, guidance.availability_set)
    )
    told = []
    for category, now, then in differing:
        sides = [
            {
                "Cohorts": tuple(words for pk, words in cohorts.items() if pk in state.cohorts),
                "Approval tests and powers": tuple(words for pk, words in tests.items() if pk in state.tests),
                "Availability": tuple(
                    step_words(states.get(UUID(step["state"]), ""), step["from"]) for step in state.availability
                ),
            }
            for state in (now, then)
        ]
        fields = [
            FieldChange(
                name, name, before, sides[1][name], joined(before), joined(sides[1][name]), before, sides[1][name]
            )
            for name, before in sides[0].items()
            if before != sides[1][name]
        ]
        told.append({"category": category, "change": {"fields": fields}})
    return told


def _notes(form: ManyForm, changed: list[Category]) -> dict[str, str]:
    """What to propose for the notes: what is done, which the person may say better."""
    said = form.cleaned_data
    done = [
        f"{verb} {joined(f'“{one}”' for one in said[name])}"
        for name, verb in (
            ("add_tests", "Added"),
            ("remove_tests", "Removed"),
            ("add_cohorts", "Added"),
            ("remove_cohorts", "Removed"),
        )
        if said[name]
    ]
    if form.wanted.availability is not None:
        done.append("Set the availability")
    words = joined([done[0], *(one[:1].lower() + one[1:] for one in done[1:])]) if done else "Changed"
    named = "; ".join(category.title for category in changed)
    return {"why": f"{words}: {_counted(len(changed))} at once.", "change_note": f"{words}: {named}."}
