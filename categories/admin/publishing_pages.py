"""From a guidance's form to its publication: what will change, submit, and put back one record."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path

from .. import publishing
from ..content.diff import Change
from ..content.rules import Fault
from ..content.vocabulary import RecordKind
from ..models import Edition, Guidance, Submission, SubmissionEvent
from ..publishing import Reason, Refused, WorkingCopy, newest_edition
from .forms import EditionField, SubmitForm, WhyForm, typed
from .links import as_links, change_url, links_to_mend
from .said import say_once


class PublishingPages:
    """The pages of publishing, under the form of a guidance. Mixed into its admin."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<uuid:pk>/changes/", view(self.changes), name="categories_guidance_changes"),
            path("<uuid:pk>/put-back/<uuid:record>/", view(self.put_back), name="categories_guidance_put_back"),
            *super().get_urls(),
        ]

    def _guidance(self, request: HttpRequest, pk: UUID) -> Guidance:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(Guidance, pk=pk)

    def changes(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show what differs from the newest edition, and submit it for approval."""
        guidance = self._guidance(request, pk)
        form, status, refusal = self._submit_form(request, guidance), 200, []
        if request.method == "POST":
            try:
                if form.is_valid():
                    return self._submit(request, guidance, form)
                status = 422
            except Refused as refused:
                if before := publishing.already_submitted(guidance, request.user, **form.cleaned_data):
                    return self._submitted(request, before)
                status, refusal = 409, refused.reasons
            if not request.user.has_perm(publishing.SUBMIT):
                status = 403
        working = publishing.WorkingCopy(guidance)
        found, unreadable = self._pending(working)
        came_back = self._fill(form, working, found, anew="anew" in request.GET) if not form.initial else None
        form.show(found, working.seen)
        reasons, conflicts = self._reasons(request, working, form)
        context = {
            "title": "What will change",
            "form": form,
            "came_back": came_back,
            "was_for": came_back and publishing.remembered_time(came_back.submission),
            "conflicts": as_links(conflicts),
            "changes": [(change, change_url(change, guidance)) for change in found],
            "unreadable": as_links(unreadable),
            "to_mend": [] if unreadable else links_to_mend(working.content),
            "refusal": as_links(refusal),
            "reasons": as_links(reason for reason in reasons if not isinstance(reason, Fault)),
            "faults": as_links(reason for reason in reasons if isinstance(reason, Fault)),  # unticking may do
        }
        return self._page(request, "changes", working, context, status)

    def _pending(self, working: WorkingCopy) -> tuple[list[Change], list[Reason]]:
        """What differs from the newest edition, or why that cannot be said."""
        try:
            return working.changes, []
        except Refused as refused:
            return [], refused.reasons

    def _submit_form(self, request: HttpRequest, guidance: Guidance) -> SubmitForm:
        editions = Edition.objects.filter(guidance=guidance).defer("content_text")
        live, initial = editions.live(), {}
        is_scheduled = live.exists() and editions.scheduled().exists()
        if corrected := self._corrected(request, live):
            initial = {"corrects": corrected, "update_type": "minor"}
        data = request.POST if request.method == "POST" else None
        return SubmitForm(data, initial=initial, editions=editions, is_scheduled=is_scheduled)

    def _corrected(self, request: HttpRequest, live: QuerySet[Edition]) -> Edition | None:
        """The edition that the address asks to correct; where there is none to correct, the page says so."""
        try:
            return EditionField(editions=live, required=False).clean(request.GET.get("corrects", ""))
        except ValidationError as wrong:
            messages.warning(request, wrong.messages[0])
            return None

    def _reasons(
        self, request: HttpRequest, working: WorkingCopy, form: SubmitForm
    ) -> tuple[list[Reason], list[Reason]]:
        """Why it cannot be submitted, and what a fix would unschedule. Where one way is open, the form has that."""
        about = {name: form.initial[name] for name in ("corrects", "update_type") if name in form.initial}
        guidance, about["working"] = working.guidance, working
        if "fix" not in form.fields:
            return publishing.reasons_not_to_submit(guidance, request.user, **about), []
        both = {
            fix: publishing.reasons_not_to_submit(guidance, request.user, fix=fix == "before", **about)
            for fix in ("before", "after")
        }
        wanted = form.initial.get("fix", "before")
        open_first = sorted(both, key=lambda fix: (not _is_open(both[fix]), bool(both[fix]), fix != wanted))
        form.initial["fix"] = open_first[0]
        return both[open_first[0]], publishing.reasons_for_unscheduling(guidance, working=working)

    def _fill(
        self, form: SubmitForm, working: WorkingCopy, found: list[Change], *, anew: bool
    ) -> SubmissionEvent | None:
        """Fill the form as it was for what came back last, and return how it did; else tick what does not wait yet."""
        came_back = None if anew else publishing.sent_back(working.guidance, {change.id for change in found})
        if came_back:
            form.fill(came_back.submission)
        elif found:
            waiting = publishing.waiting_already(working.guidance, working.content)
            form.initial["chosen"] = [str(change.id) for change in found if change.id not in waiting]
        return came_back

    def _submit(self, request: HttpRequest, guidance: Guidance, form: SubmitForm) -> HttpResponse:
        return self._submitted(request, publishing.submit(guidance, request.user, **form.cleaned_data))

    def _submitted(self, request: HttpRequest, submission: Submission) -> HttpResponse:
        say_once(request, messages.SUCCESS, f"{submission} waits for approval by a second person.")
        return redirect("admin:categories_submission_change", submission.pk)

    def put_back(self, request: HttpRequest, pk: UUID, record: UUID) -> HttpResponse:
        """Ask, then give one record of the working copy the wording of the newest edition again."""
        guidance = self._guidance(request, pk)
        status, refusal = 200, []
        newest = newest_edition(guidance)
        entry = newest.content.entries.get(record) if newest else None
        name = f"“{entry.title}”" if entry else "a record"
        if request.method == "POST":
            try:
                said = {"why": typed(request, "why"), "seen": request.POST.get("seen", "")}
                edition = publishing.put_back(guidance, record, request.user, **said)
            except Refused as refused:
                refusal = refused.reasons
                kind = entry.kind if entry else RecordKind.GUIDANCE
                status = 409 if request.user.has_perm(publishing.change_permission(kind)) else 403
            else:
                messages.success(request, f"{name} has the wording of edition {edition.number} again.")
                return redirect("admin:categories_guidance_changes", pk)
        working = publishing.WorkingCopy(guidance)
        found, unreadable = self._pending(working)
        context = {
            "title": f"Put back the wording of {name}",
            "change": next((change for change in found if change.id == record), None),
            "unreadable": as_links(unreadable),
            "reasons": as_links(publishing.reasons_not_to_put_back(guidance, record, request.user)),
            "refusal": as_links(refusal),
            "form": WhyForm(request.POST if request.method == "POST" else None, asks="Why do you put it back?"),
            "seen": working.seen,
        }
        return self._page(request, "put_back", working, context, status)

    def _page(
        self,
        request: HttpRequest,
        name: str,
        working: WorkingCopy,
        context: dict[str, Any],
        status: int,
    ) -> HttpResponse:
        guidance, newest = working.guidance, working.newest
        shared = {
            "failed": status >= 400,
            "opts": self.opts,
            "guidance": guidance,
            "newest": newest,
            "is_live": bool(newest and newest.is_live()),
            "waiting": guidance.submissions.filter(status="submitted"),
        }
        context = self.admin_site.each_context(request) | shared | context
        return render(request, f"admin/categories/{name}.html", context, status=status)


def _is_open(reasons: list[Reason]) -> bool:
    """Whether nothing but faults stands in the way: unticking their records may do."""
    return all(isinstance(reason, Fault) for reason in reasons)
