"""The staff front page: what needs doing, for the person who looks."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from .. import publishing
from ..models import AnnouncementLine, Category, Edition, Feedback, Guidance, Message, Submission, SubmissionEvent, User
from .links import BrokenLink, broken_links, draft_url

SHOWN = DRAFTS_SHOWN = 10
LISTED = 60


@dataclass
class ToDo:
    """What needs doing, as lists that may be empty."""

    unreadable: list[Guidance] = field(default_factory=list)  # whose working copy cannot even be compared
    to_mend: list["CameBack"] = field(default_factory=list)
    unpublished: list["Unpublished"] = field(default_factory=list)
    for_me: list[Submission] = field(default_factory=list)
    by_me: list[Submission] = field(default_factory=list)
    for_others: list[Submission] = field(default_factory=list)
    scheduled: list[tuple[Edition, bool]] = field(default_factory=list)  # and whether it is announced
    emergencies: list[Submission] = field(default_factory=list)
    past_review: list[Guidance] = field(default_factory=list)
    to_vouch_for: list[User] = field(default_factory=list)
    broken_links: list[BrokenLink] = field(default_factory=list)
    unsent: list[Message] = field(default_factory=list)  # given up, or late
    reported: list[Feedback] = field(default_factory=list)  # what readers say is wrong, as many as are shown
    more_reported: int = 0
    nobody_vouches: bool = False  # for the person who looks, who could approve otherwise

    to_edit: list[tuple[Guidance, list[Category]]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(found for name, found in vars(self).items() if name != "to_edit")


Row = tuple[publishing.Draft, str]  # with the address of its form


@dataclass(frozen=True)
class CameBack:
    """What came back of one guidance, to be mended and submitted again."""

    guidance: Guidance
    event: SubmissionEvent
    drafts: list[Row]


@dataclass(frozen=True)
class Unpublished:
    """The drafts of one guidance that nobody has submitted yet, for the person who looks."""

    guidance: Guidance
    mine: list[Row]
    theirs: list[Row]

    @property
    def count(self) -> int:
        return len(self.mine) + len(self.theirs)

    @property
    def shown(self) -> list[tuple[str, list[Row], int]]:
        """Yours and those of others, under their headings, with how many more there are."""
        groups = (("Yours", self.mine), ("Of others", self.theirs))
        return [(name, rows[:DRAFTS_SHOWN], len(rows[DRAFTS_SHOWN:])) for name, rows in groups if rows]


def to_do(user: Any, at: datetime) -> ToDo:
    """Collect what needs doing, and by whom."""
    found = ToDo()
    today = timezone.localdate(at)
    contents = []
    for guidance in Guidance.objects.all():
        try:
            drafts = publishing.drafts_of(guidance)
        except publishing.Refused:
            found.unreadable.append(guidance)
        else:
            _add_drafts(found, drafts, user)
            contents.append(drafts.content)
        if guidance.review_by and guidance.review_by < today:
            found.past_review.append(guidance)
    submissions = Submission.objects.select_related("guidance", "submitted_by", "edition")
    unscheduled = {event.submission_id: event for event in _unscheduled()}  # the last one, where there are several
    for submission in submissions.filter(status=Submission.Status.SUBMITTED).defer("content_text"):
        submission.was_scheduled = unscheduled.get(submission.pk)
        if submission.submitted_by_id == user.pk:
            found.by_me.append(submission)
        elif publishing.may_approve(submission, user):
            found.for_me.append(submission)
        else:
            found.for_others.append(submission)
    emergencies = submissions.filter(route=Submission.Route.EMERGENCY, reviewed_afterwards_by=None)
    found.emergencies = [submission for submission in emergencies.defer("content_text") if submission.review_is_due]
    scheduled = Edition.objects.scheduled(at).exclude(submission__in=found.emergencies)
    found.scheduled = with_announced(scheduled.select_related("guidance", "submission").defer("content_text"))
    if user.has_perm("categories.view_message"):
        found.unsent = list(Message.objects.unsent(at)[:SHOWN])
    if user.has_perm("categories.view_feedback"):
        found.reported = list(Feedback.objects.open()[:SHOWN])
        if len(found.reported) == SHOWN:
            found.more_reported = Feedback.objects.open().count() - SHOWN
    if user.has_perm(publishing.APPROVE):
        found.nobody_vouches = not user.is_vouched_for
        found.to_vouch_for = publishing.may_vouch_for(user) if user.has_perm("categories.view_user") else []
    if user.has_perm("categories.change_category"):
        found.broken_links = broken_links(*contents)
        found.to_edit = to_edit()
    return found


def with_announced(scheduled: QuerySet[Edition]) -> list[tuple[Edition, bool]]:
    """The editions in the order in which they go live, and whether readers are told of each before."""
    editions = list(scheduled.order_by("live_at"))
    announced = AnnouncementLine.objects.standing(*{edition.guidance_id for edition in editions})
    return [(edition, edition.record_digest in announced) for edition in editions]


def _add_drafts(found: ToDo, drafts: publishing.Drafts, user: Any) -> None:
    if drafts.came_back:
        found.to_mend.append(CameBack(drafts.guidance, drafts.came_back, _rows(drafts.to_mend)))
    mine = [draft for draft in drafts.others if user in draft.by]
    theirs = [draft for draft in drafts.others if user not in draft.by]
    if mine or theirs:
        found.unpublished.append(Unpublished(drafts.guidance, _rows(mine), _rows(theirs)))


def _rows(drafts: list[publishing.Draft]) -> list[Row]:
    return [(draft, draft_url(draft.change)) for draft in drafts]


def _unscheduled() -> Any:
    """The log lines by which submissions wait for approval again."""
    waiting = {"verb": SubmissionEvent.Verb.UNSCHEDULED, "submission__status": Submission.Status.SUBMITTED}
    return SubmissionEvent.objects.filter(**waiting).order_by("pk")


def to_edit() -> list[tuple[Guidance, list[Category]]]:
    """The categories of each guidance, to be opened at one click; none, where they are too many to look through."""
    found = list(Category.objects.filter(withdrawn="").select_related("guidance").defer("aim")[: LISTED + 1])
    if len(found) > LISTED:
        return []
    groups = groupby(sorted(found, key=attrgetter("guidance.title")), key=attrgetter("guidance"))
    return [(guidance, list(categories)) for guidance, categories in groups]
