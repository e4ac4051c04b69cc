"""Comments on a submission, beside the record that each is about."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from .. import publishing
from ..content.diff import Change
from ..models import Submission
from ..public.converters import whole_number
from ..publishing import Comment, Refused
from .forms import StaffForm, typed
from .links import as_links


class CommentForm(StaffForm):
    """What somebody says of a submission, of one record of it, or of a field of that."""

    record = forms.UUIDField(widget=forms.HiddenInput, required=False)
    of_field = forms.ChoiceField(required=False, label="About")
    text = forms.CharField(
        label="Comment",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2, "aria-required": "true"}),
    )

    def __init__(self, *args: Any, change: Change | None = None, **options: Any):
        about = f"record-{change.id}" if change else "record-none"
        super().__init__(*args, auto_id=f"id_{about}_%s", **options)
        if change is None:
            del self.fields["of_field"]
            return
        self.initial["record"] = change.id
        labels = [(one.field, one.label) for one in change.fields]
        self.fields["of_field"].choices = [("", "The whole record"), *labels]


class ReplyForm(StaffForm):
    about = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(
        label="Answer",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2, "aria-required": "true"}),
    )


@dataclass
class Reviewed:
    """One record that a submission changes, or the whole of it, with what was said about it."""

    change: Change | None
    comments: list[tuple[Comment, ReplyForm]] = field(default_factory=list)
    form: CommentForm | None = None

    @property
    def anchor(self) -> str:
        return f"record-{self.change.id}" if self.change else "comments"

    @property
    def unresolved(self) -> int:
        return sum(comment.resolved is None for comment, _ in self.comments)


def reviewed(
    request: HttpRequest, submission: Submission, changes: Iterable[Change], events: list[Any]
) -> list[Reviewed]:
    """Each record in the order of the page, then the whole: with its comments, and a form for another."""
    may_comment = not publishing.reasons_not_to_comment(submission, request.user)
    rows = [*map(Reviewed, changes), Reviewed(None)]
    by_record = {row.change.id if row.change else None: row for row in rows}
    for comment in publishing.comments_of(events):
        about = comment.line
        row = by_record.get(about.record_id, by_record[None])
        row.comments.append((comment, ReplyForm(initial={"about": about.pk}, auto_id=f"id_reply-{about.pk}_%s")))
    for row in rows if may_comment else []:
        row.form = CommentForm(change=row.change)
    _as_typed(request, by_record, rows)
    return rows


def _as_typed(request: HttpRequest, by_record: dict[UUID | None, Reviewed], rows: list[Reviewed]) -> None:
    """What was typed and refused stands where it was typed."""
    if not request.path.endswith("/comments/") or request.method != "POST":
        return
    about = whole_number(request.POST.get("about", ""))
    for row in rows:
        for place, (comment, _) in enumerate(row.comments):
            if comment.line.pk == about:
                row.comments[place] = comment, ReplyForm(request.POST, auto_id=f"id_reply-{about}_%s")
                return
    row = by_record.get(_record(request), by_record[None])
    if row.form:
        row.form = CommentForm(request.POST, change=row.change)


def _record(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("record", ""))
    except ValueError:
        return None


class CommentPages:
    """Where comments are sent to. Mixed into the admin of submissions."""

    def own_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.comment)
        return [path("<int:pk>/comments/", view, name="categories_submission_comments"), *super().own_urls()]

    def comment(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Comment on a submission, answer a comment or resolve it; refused, show why, with what was typed."""
        submission = self.found(request, pk)
        if request.method != "POST":
            return redirect("admin:categories_submission_change", pk)
        try:
            said, anchor = self._say(request, submission)
        except Refused as refused:
            status = 409 if request.user.has_perm(publishing.SUBMIT) else 403
            return self.answer(request, submission, status=status, refusal=as_links(refused.reasons))
        messages.success(request, said)
        response = redirect("admin:categories_submission_change", pk)
        response["Location"] += f"#{anchor}"
        return response

    def _say(self, request: HttpRequest, submission: Submission) -> tuple[str, str]:
        """Do what was asked, and return the sentence that says so, and where it stands."""
        by, text = request.user, typed(request, "text")[:5000]
        if written := request.POST.get("about", ""):
            about = submission.events.filter(pk=whole_number(written)).first()
            if about is None:
                raise Http404
            if "_resolve" in request.POST:
                publishing.resolve(about, by)
                return "The comment is resolved.", f"comment-{about.pk}"
            publishing.reply(about, by, text)
            return "Your answer is on record.", f"comment-{about.pk}"
        record = _record(request)
        publishing.comment(submission, by, text, record=record, of_field=typed(request, "of_field"))
        return "Your comment is on record.", f"record-{record}" if record else "comments"
