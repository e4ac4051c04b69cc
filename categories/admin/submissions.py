"""Submissions: what waits, what was decided, and the page on which a second person decides it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import Truncator

from .. import publishing
from ..content import diff
from ..content.moments import when
from ..models import PreviewLink, Submission
from ..publishing import Person, Reason, Refused
from .forms import AnswerForm, EmergencyForm, ReasonForm, ShareForm, TimeForm
from .links import as_links
from .read_only import ReadOnlyAdmin

Status = Submission.Status


@dataclass(frozen=True)
class Verb:
    """One thing that staff can do to a submission: its form, why it cannot be done, and what does it.

    `reasons` and `act` are publishing's own; `act` returns the sentence that says what came of it. `offered` says
    whether the page has anything to say of it, to this person, in the submission's present state.
    """

    name: str
    label: str
    help: str
    permission: str
    form: type[forms.Form]
    reasons: Callable[[Submission, Person], list[Reason]]
    act: Callable[[Submission, Person, dict[str, Any]], str]
    offered: Callable[[Submission, Person], bool]


def is_open(submission: Submission, by: Person) -> bool:
    return submission.status == Status.SUBMITTED


def is_own_work(submission: Submission, by: Person) -> bool:
    return is_open(submission, by) and by.has_perm(publishing.APPROVE) and not publishing.may_approve(submission, by)


def is_scheduled(submission: Submission, by: Person) -> bool:
    return bool(submission.edition and not submission.edition.is_live())


def is_review_due(submission: Submission, by: Person) -> bool:
    return submission.review_is_due


def has_preview_links(submission: Submission, by: Person) -> bool:
    return submission.preview_links.exists()


def always(submission: Submission, by: Person) -> bool:
    return True


def approve(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    return _went_live(publishing.approve(submission, by, live_at=said["live_at"]))


def publish_in_emergency(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    edition = publishing.publish_in_emergency(submission, by, why=said["why"], live_at=said["live_at"])
    return f"{_went_live(edition)} It is flagged until another Editor has reviewed it."


def _went_live(edition: Any) -> str:
    if edition.is_live():
        return f"Edition {edition.number} is live."
    return f"Edition {edition.number} is scheduled. It goes live at {when(edition.live_at)} by itself."


def reject(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    publishing.reject(submission, by, why=said["why"])
    return "You have rejected it. The writer is told, and the working copy stays as it is."


def recall(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    publishing.recall(submission, by, why=said["why"])
    return "It is recalled. The working copy stays as it is; submit it again when it is ready."


def unschedule(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    edition = submission.edition
    if edition is None:
        raise Refused(["This submission is not scheduled any more."])
    publishing.unschedule(edition, by, why=said["why"])
    return f"Edition {edition.number} is unscheduled. Its content is still in the working copy."


def reasons_not_to_unschedule(submission: Submission, by: Person) -> list[Reason]:
    return publishing.reasons_not_to_unschedule(submission.edition, by) if submission.edition else []


def review_afterwards(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    publishing.review_afterwards(submission, by, why=said["why"])
    return "You have reviewed it. It is not flagged any more; the log keeps that it was an emergency."


def share_preview(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    link = publishing.share_preview(submission, by, **said)
    return f"The link for {link.made_for} is below. It works until {when(link.expires_at)}."


def record_answer(submission: Submission, by: Person, said: dict[str, Any]) -> str:
    publishing.record_answer(submission, by, **said)
    return "The answer is on record."


VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "approve",
            "Approve",
            "What you have read above goes live, byte for byte.",
            publishing.APPROVE,
            TimeForm,
            publishing.reasons_not_to_approve,
            approve,
            is_open,
        ),
        Verb(
            "reject",
            "Reject",
            "The writer reads the reason. Nothing of the working copy is lost.",
            publishing.APPROVE,
            ReasonForm,
            publishing.reasons_not_to_reject,
            reject,
            is_open,
        ),
        Verb(
            "recall",
            "Recall",
            "Take it back before it is decided, to change it or to submit something else first.",
            publishing.SUBMIT,
            ReasonForm,
            publishing.reasons_not_to_recall,
            recall,
            is_open,
        ),
        Verb(
            "publish-in-emergency",
            "Publish in an emergency",
            "Only when it cannot wait for a second person. It is flagged until another Editor has reviewed it, and the "
            "log says so for ever.",
            publishing.APPROVE,
            EmergencyForm,
            publishing.reasons_not_to_publish_in_emergency,
            publish_in_emergency,
            is_own_work,
        ),
        Verb(
            "unschedule",
            "Unschedule",
            "The edition is removed before anybody has seen it. The log keeps the record of it.",
            publishing.APPROVE,
            ReasonForm,
            reasons_not_to_unschedule,
            unschedule,
            is_scheduled,
        ),
        Verb(
            "review-afterwards",
            "Review after the fact",
            "Say that you have read what was published in an emergency. If it is wrong, publish a correction.",
            publishing.APPROVE,
            ReasonForm,
            publishing.reasons_not_to_review_afterwards,
            review_afterwards,
            is_review_due,
        ),
        Verb(
            "share-preview",
            "Share a preview",
            "For people with no account. Whoever has the link reads this submission, with all that it was composed on: "
            "a scheduled edition too.",
            publishing.SUBMIT,
            ShareForm,
            publishing.reasons_not_to_share_preview,
            share_preview,
            always,
        ),
        Verb(
            "record-answer",
            "Record an answer",
            "What somebody who saw a preview said of it. It goes into the log.",
            publishing.SUBMIT,
            AnswerForm,
            publishing.reasons_not_to_record_answer,
            record_answer,
            has_preview_links,
        ),
    )
}


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    """Every submission, newest first."""

    list_display = ["__str__", "guidance", "state", "note", "submitted_by", "submitted"]
    list_filter = ["status", "route", "guidance"]
    search_fields = ["change_note", "internal_note", "submitted_by__username", "submitted_by__last_name"]
    list_select_related = ["guidance", "submitted_by", "edition"]
    empty_value_display = "the system"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Submission]:
        return super().get_queryset(request).defer("content_text", "edition__content_text")

    @admin.display(description="state")
    def state(self, submission: Submission) -> str:
        flag = " (emergency: review due)" if submission.review_is_due else ""
        return f"{submission.state_words()}{flag}"

    @admin.display(description="change note")
    def note(self, submission: Submission) -> str:
        return Truncator(submission.change_note).words(20)

    @admin.display(description="submitted", ordering="submitted_at")
    def submitted(self, submission: Submission) -> str:
        return when(submission.submitted_at)

    def own_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/<slug:verb>/", view(self.act), name="categories_submission_act"),
            path(
                "<int:pk>/preview-links/<int:link>/revoke/",
                view(self.revoke),
                name="categories_submission_revoke",
            ),
        ]

    def page(self, request: HttpRequest, record: Submission, **context: Any) -> HttpResponse:
        return self.answer(request, record)

    def answer(
        self, request: HttpRequest, submission: Submission, bound: dict[str, forms.Form] | None = None, **extra: Any
    ) -> HttpResponse:
        """Show a submission, with each thing that this person can do to it, or why not."""
        status = extra.pop("status", 200)
        base = submission.base()
        offered = [
            verb
            for verb in VERBS.values()
            if verb.name in (bound or {})
            or (request.user.has_perm(verb.permission) and verb.offered(submission, request.user))
        ]
        steps = [self.step(request, submission, verb, (bound or {}).get(verb.name)) for verb in offered]
        context = {
            "title": f"{submission} of “{submission.guidance}”",
            "failed": status >= 400,
            "submission": submission,
            "state": submission.state_words(),
            "base": base,
            "changes": diff.changes(base.content if base else None, submission.content),
            "events": submission.events.select_related("by"),
            "steps": steps,
            "links": _links(request, submission),
            "approvers": publishing.possible_approvers(submission) if submission.status == Status.SUBMITTED else [],
            "is_open": submission.status == Status.SUBMITTED,
        }
        return render(
            request, "admin/categories/submission.html", self.context(request) | context | extra, status=status
        )

    def step(
        self, request: HttpRequest, submission: Submission, verb: Verb, bound: forms.Form | None
    ) -> dict[str, Any]:
        form = bound or verb.form(prefix=verb.name)
        reasons = verb.reasons(submission, request.user)
        url = reverse("admin:categories_submission_act", args=[submission.pk, verb.name])
        return {"verb": verb, "form": form, "reasons": as_links(reasons), "url": url}

    def act(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Do one thing to a submission; refused, show why, with all that was typed."""
        submission = self.found(request, pk)
        found = VERBS.get(verb)
        if found is None:
            raise Http404
        if request.method != "POST":  # as after signing in again
            return redirect("admin:categories_submission_change", pk)
        form = found.form(request.POST, prefix=verb)
        try:
            if not request.user.has_perm(found.permission):
                raise Refused(found.reasons(submission, request.user))
            if not form.is_valid():
                return self.answer(request, submission, {verb: form}, status=422)
            messages.success(request, found.act(submission, request.user, form.cleaned_data))
        except Refused as refused:
            status = 409 if request.user.has_perm(found.permission) else 403
            refusal = as_links(refused.reasons)
            return self.answer(request, self.found(request, pk), {verb: form}, status=status, refusal=refusal)
        return redirect("admin:categories_submission_change", pk)

    def revoke(self, request: HttpRequest, pk: int, link: int) -> HttpResponse:
        submission = self.found(request, pk)
        if request.method != "POST":
            return redirect("admin:categories_submission_change", pk)
        preview = submission.preview_links.filter(pk=link).first()
        if preview is None:
            raise Http404
        try:
            publishing.revoke_preview(preview, request.user)
        except Refused as refused:
            if not request.user.has_perm(publishing.SUBMIT):
                raise PermissionDenied(str(refused)) from refused
            return self.answer(request, submission, status=409, refusal=as_links(refused.reasons))
        messages.success(request, f"The link for {preview.made_for} does not work any more.")
        return redirect("admin:categories_submission_change", pk)


def _links(request: HttpRequest, submission: Submission) -> list[dict[str, Any]]:
    """The preview links of a submission, with the address of each that still works and is this person's to share."""
    now = timezone.now()
    links: list[PreviewLink] = list(submission.preview_links.select_related("made_by"))
    return [
        {
            "link": link,
            "address": request.build_absolute_uri(reverse("preview-link", args=[link.token]))
            if request.user.has_perm(publishing.SUBMIT) and not link.revoked_at and link.expires_at > now
            else "",
        }
        for link in links
    ]
