"""Submissions: what waits, what was decided, and the page on which a second person decides it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import Truncator

from .. import publishing
from ..content.moments import when
from ..models import Edition, PreviewLink, Submission, SubmissionEvent
from ..models.submission import live_number
from ..publishing import Refused
from .comments import CommentPages, reviewed
from .forms import SeenForm, TimeForm, ToldForm
from .links import as_links, links_to_mend
from .read_only import ReadOnlyAdmin
from .said import say_once
from .verbs import VERBS, WHAT_WAS_SAID, Verb

Status = Submission.Status


@admin.register(Submission)
class SubmissionAdmin(CommentPages, ReadOnlyAdmin):
    """Every submission, newest first."""

    list_display = ["__str__", "guidance", "state", "note", "submitted_by", "submitted"]
    list_filter = ["status", "route", "guidance"]
    search_fields = ["change_note", "internal_note", "submitted_by__username", "submitted_by__last_name"]
    list_select_related = ["guidance", "submitted_by", "edition"]
    ordering = ["-pk"]  # as they were made, without sorting all of them
    empty_value_display = "the system"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Submission]:
        listed = super().get_queryset(request).defer("content_text", "edition__content_text")
        return listed.annotate(live=live_number(OuterRef("guidance"), timezone.now()))

    @admin.display(description="state")
    def state(self, submission: Submission) -> str:
        flag = " (emergency: review due)" if submission.review_is_due else ""
        return f"{submission.state_words(live=submission.live)}{flag}"

    @admin.display(description="change note")
    def note(self, submission: Submission) -> str:
        return Truncator(submission.change_note).words(20)

    @admin.display(description="submitted", ordering="submitted_at")
    def submitted(self, submission: Submission) -> str:
        return when(submission.submitted_at)

    def own_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            *super().own_urls(),
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
        events, is_open = _log(submission), submission.status == Status.SUBMITTED
        plan = self.plan(request, submission, bound or {})
        offered = [
            verb
            for verb in VERBS.values()
            if verb.name in (bound or {})
            or (request.user.has_perm(verb.permission) and verb.offered(submission, request.user))
        ]
        steps = [self.step(request, submission, verb, (bound or {}).get(verb.name), plan) for verb in offered]
        is_recomposed = bool(is_open and plan and plan.subject.text and not plan.subject.is_as_it_was)
        changes = plan.subject.changes if plan and is_recomposed else publishing.changes_of(submission)
        rows = reviewed(request, submission, changes, events)
        context = {
            "title": f"{submission} of “{submission.guidance}”",
            "failed": status >= 400,
            "submission": submission,
            "state": submission.state_words(),
            "plan": plan,
            "scheduled": [
                {"step": step, "reasons": as_links(step.reasons)}
                for step in (plan.steps if plan and not plan.subject.reasons else [])
                if step.edition
            ],
            "is_recomposed": is_recomposed,
            "base": submission.base(),
            "announced": _announced_url(submission),
            "rows": rows,
            "unresolved": sum(row.unresolved for row in rows),
            "to_mend": links_to_mend(submission.content) if is_open else [],
            "events": events,
            "taken_off": next((event for event in reversed(events) if event.takes_off), None),
            "steps": steps,
            "links": _links(request, submission),
            "approvers": publishing.possible_approvers(submission) if is_open else [],
            "is_open": is_open,
        }
        return render(
            request, "admin/categories/submission.html", self.context(request) | context | extra, status=status
        )

    def plan(
        self, request: HttpRequest, submission: Submission, bound: dict[str, forms.Form]
    ) -> publishing.Plan | None:
        """What approving would make, or rescheduling: for the time that was typed, or else for the one to expect.

        Whoever can approve nothing sees what it would be by somebody who has no part in any of it.
        """
        now, by = timezone.now(), request.user if request.user.has_perm(publishing.APPROVE) else AnonymousUser()
        form = next((form for form in bound.values() if isinstance(form, SeenForm) and form.is_valid()), None)
        if submission.status == Status.SUBMITTED:
            live_at = form.cleaned_data["live_at"] if form else publishing.expected_time(submission, now)
            return publishing.plan_of(submission, by, live_at, now)
        if form and submission.edition and "reschedule" in bound:
            return publishing.plan_to_reschedule(submission.edition, by, form.cleaned_data["live_at"], now)
        return None

    def step(
        self,
        request: HttpRequest,
        submission: Submission,
        verb: Verb,
        bound: forms.Form | None,
        plan: publishing.Plan | None,
    ) -> dict[str, Any]:
        reasons = verb.reasons(submission, request.user)
        form = bound or _form(verb, submission, initial=_initial(verb, submission))
        if isinstance(form, SeenForm) and plan:
            form.show(plan.digest)
        return {
            "verb": verb,
            "form": form,
            "has_form": bool(bound) or not reasons or verb.is_theirs(submission, request.user),
            "reasons": as_links(reasons),
            "url": reverse("admin:categories_submission_act", args=[submission.pk, verb.name]),
        }

    def act(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Do one thing to a submission; refused, show why, with all that was typed."""
        submission = self.found(request, pk)
        found = VERBS.get(verb)
        if found is None:
            raise Http404
        if request.method != "POST":  # as after signing in again
            return redirect("admin:categories_submission_change", pk)
        form = _form(found, submission, request.POST)
        try:
            if not request.user.has_perm(found.permission):
                raise Refused(found.reasons(submission, request.user))
            if not form.is_valid():
                return self.answer(request, submission, {verb: form}, status=422)
            say_once(request, messages.SUCCESS, found.act(submission, request.user, form.cleaned_data))
        except Refused as refused:
            done = form.is_valid() and found.done_before(submission, request.user, form.cleaned_data)
            if done:
                say_once(request, messages.SUCCESS, done)
                return redirect("admin:categories_submission_change", pk)
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
            if not (preview.revoked_at and request.user.has_perm(publishing.SUBMIT)):  # it may be sent twice
                publishing.revoke_preview(preview, request.user)
        except Refused as refused:
            if not request.user.has_perm(publishing.SUBMIT):
                raise PermissionDenied(str(refused)) from refused
            return self.answer(request, submission, status=409, refusal=as_links(refused.reasons))
        say_once(request, messages.SUCCESS, f"The link for {preview.made_for} does not work any more.")
        return redirect("admin:categories_submission_change", pk)


def _form(verb: Verb, submission: Submission, data: Any = None, **options: Any) -> forms.Form:
    """The form of a verb, which asks what readers are told where something was announced."""
    if issubclass(verb.form, ToldForm):
        options["is_announced"] = publishing.is_announced(submission, timezone.now())
    return verb.form_of(data, **options)


def _announced_url(submission: Submission) -> str:
    """The public address at which readers are told of a submission that is scheduled, if they are and there is one."""
    edition = submission.edition
    if edition is None or not (announced := publishing.announcement_of(edition)):
        return ""
    live = Edition.objects.filter(guidance=edition.guidance_id).live().newest()
    return reverse("announcement", args=[live.content.slug, announced.announcement]) if live else ""


def _initial(verb: Verb, submission: Submission) -> dict[str, Any]:
    """The time that a submission was scheduled for before, or that it is expected to have."""
    if not issubclass(verb.form, TimeForm) or not publishing.expected_time(submission, timezone.now()):
        return {}
    return {"when": "later", "live_at": publishing.remembered_time(submission)}


def _log(submission: Submission) -> list[SubmissionEvent]:
    """The log, where each line knows what was said, when the edition that it names was taken off, if it was, and
    whether another has had the number of that since.
    """
    events = list(submission.events.select_related("by"))
    taken_off = {event.edition_record_digest: event.at for event in events if event.takes_off}
    numbers = {event.edition_number for event in events if event.takes_off}
    editions = Edition.objects.filter(guidance=submission.guidance_id, number__in=numbers)
    given = set(editions.values_list("number", flat=True)) if numbers else set()
    for event in events:
        event.what = WHAT_WAS_SAID.get(event.verb, "Reason")
        event.taken_off_at = taken_off.get(event.edition_record_digest)
        event.number_is_given_again = bool(event.taken_off_at) and event.edition_number in given
    return events


def _links(request: HttpRequest, submission: Submission) -> list[dict[str, Any]]:
    """The preview links of a submission, with the address of each that still works and is this person's to share."""
    now = timezone.now()
    may_share = request.user.has_perm(publishing.SUBMIT)
    links: list[PreviewLink] = list(submission.preview_links.select_related("made_by"))
    working = {link.pk for link in links if not link.revoked_at and link.expires_at > now}
    return [
        {
            "link": link,
            "works": link.pk in working,
            "address": request.build_absolute_uri(reverse("preview-link", args=[link.token]))
            if may_share and link.pk in working
            else "",
        }
        for link in links
    ]
