"""What the record must hold, so that it proves itself. In bounded memory, and with no lock for longer than a batch."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef

from ..content.canonical import canonical, digest, parse
from ..models import (
    AccountEvent,
    AnnouncementLine,
    Contribution,
    Edition,
    Guidance,
    Submission,
    SubmissionContribution,
    SubmissionEvent,
    triggers,
)
from ..models.log import Sealed
from . import heads
from .index import index_of
from .transitions import Status, Verb

LINES_AT_ONCE, ROWS_AT_ONCE = 100, 5  # rows that hold what a whole guidance says are few
STANDS = {Verb.APPROVED, Verb.LOADED, Verb.PUBLISHED_IN_EMERGENCY, Verb.REMADE, Verb.RESCHEDULED}
Row = TypeVar("Row", bound=models.Model)


def faults() -> Iterator[str]:
    """Name everything that is not as it was published, decided or written, one line each."""
    for model in (SubmissionEvent, Contribution, AccountEvent, AnnouncementLine):
        yield from _chain_faults(model)
    yield from _orphans()
    yield from _submission_faults()
    for guidance in _published():
        name = _name(guidance)
        yield from (f"{name}: {fault}" for fault in _guidance_faults(guidance))
    yield from _announcement_faults()
    if settings.HEADS_FILE:
        yield from heads.faults()
    if missing := triggers.missing():
        yield f"database: it would let the record be altered; “manage.py migrate” makes again {', '.join(missing)}"


def batches(rows: models.QuerySet[Row], size: int) -> Iterator[Row]:
    """Yield rows by their keys, a batch at a time: an open cursor would keep writers of SQLite out."""
    last: Any = None
    while found := list((rows if last is None else rows.filter(pk__gt=last)).order_by("pk")[:size]):
        yield from found
        last = found[-1].pk


# The logs, each a chain


def _chain_faults(model: type[Sealed]) -> Iterator[str]:
    previous = ""
    for line in batches(model._base_manager.all(), LINES_AT_ONCE):
        name = f"{model._meta.verbose_name} {line.pk}"
        if line.record_digest != digest(canonical(line.record())):
            yield f"{name}: it is not what its digest says"
        if line.previous_record_digest != previous:
            yield f"{name}: it does not follow the one before it: one is missing, or was put in"
        previous = line.record_digest


def _orphans() -> Iterator[str]:
    """Name rows that are about what is not there: no database lets them come about, so they were forced."""
    about: list[tuple[type[models.Model], str, type[models.Model]]] = [
        (SubmissionEvent, "submission", Submission),
        (SubmissionContribution, "submission", Submission),
        (SubmissionContribution, "contribution", Contribution),
        (triggers.CONTRIBUTORS, "submission", Submission),
        (Edition.changes.rel.related_model, "edition", Edition),
    ]
    for model, field, other in about:
        there = other._base_manager.filter(pk=OuterRef(f"{field}_id"))
        for key in model._base_manager.filter(~Exists(there)).values_list("pk", flat=True)[:LINES_AT_ONCE]:
            yield f"{model._meta.verbose_name} {key}: its {field} is gone"


# Submissions, against their log and their edition


def _submission_faults() -> Iterator[str]:
    """Nothing here refers back to what refers to it: such rows would be kept until Python looks for circles."""
    for submission in batches(Submission._base_manager.all(), ROWS_AT_ONCE):
        lines = list(SubmissionEvent._base_manager.filter(submission=submission.pk).order_by("pk"))
        became = Edition.objects.filter(pk=submission.edition_id) if submission.edition_id else Edition.objects.none()
        edition = became.defer("content_text").first()
        yield from (f"{submission}: {fault}" for fault in _faults_of_submission(submission, edition, lines))


def _faults_of_submission(
    submission: Submission, edition: Edition | None, lines: list[SubmissionEvent]
) -> Iterator[str]:
    if submission.content_digest != digest(submission.content_text):
        yield "its content is not what its digest says"
    if not lines:
        yield "its log is empty"
        return
    if lines[0].submission_digest != submission.frozen_digest():
        yield "what was frozen is not what its log says"
    if (submission.status, submission.route) != (lines[-1].status, lines[-1].route):
        yield (
            f"it is {submission.status}, by the route {submission.route}, and its log says {lines[-1].status}, by the "
            f"route {lines[-1].route}"
        )
    reviewers = [line.by_id for line in lines if line.verb == Verb.REVIEWED_AFTERWARDS]
    if submission.reviewed_afterwards_by_id != (reviewers[-1] if reviewers else None):
        yield "who reviewed it afterwards is not whom its log names"
    yield from _made_faults(submission, edition, lines)


def _made_faults(submission: Submission, edition: Edition | None, lines: list[SubmissionEvent]) -> Iterator[str]:
    """The log says which edition a submission became, and whether that was taken off again."""
    named = [line for line in lines if line.edition_number is not None]
    for before, line in zip([None, *named], named, strict=False):
        if line.takes_off and not (before and before.edition_record_digest == line.edition_record_digest):
            yield f"edition {line.edition_number} was taken off, and its log does not name it as made"
        if line.takes_off and line.live_at and (line.at >= line.live_at or _was_live_by_then(line)):
            yield f"edition {line.edition_number} was taken off when it was live"
    last = named[-1] if named else None
    stands = last if last and last.verb in STANDS else None
    if stands and edition is None:
        yield f"edition {stands.edition_number} is missing: the log made it, and did not take it off"
    elif edition and (stands is None or stands.edition_record_digest != edition.record_digest):
        yield f"edition {edition.number} is not one that its log made"
    if edition and submission.status != Status.APPROVED:
        yield f"edition {edition.number} stands, and it is {submission.status}"
    if edition and _said(submission) != _said(edition):
        yield f"edition {edition.number} does not say what was submitted"
    if stands and stands.verb == Verb.APPROVED and stands.by_id in (None, submission.submitted_by_id):
        yield f"edition {stands.edition_number} was approved by whoever submitted it"


def _was_live_by_then(line: SubmissionEvent) -> bool:
    """Whether a line before it, which may say its own time wrongly, is of a time when its edition was live."""
    return bool(SubmissionEvent.objects.filter(pk__lt=line.pk, at__gte=line.live_at).exists())


def _said(row: Submission | Edition) -> tuple[Any, ...]:
    return row.guidance_id, row.content_digest, row.change_note, row.update_type, row.corrects_id


# Announcements, against their editions


def _announcement_faults() -> Iterator[str]:
    for guidance in _published():
        for digest_of_edition, line in AnnouncementLine.objects.standing(guidance).items():
            edition = Edition.objects.filter(record_digest=digest_of_edition).first()
            said = edition and (edition.live_at, edition.change_note, edition.content_text)
            if said != (line.live_at, line.change_note, line.content_text):
                yield f"announcement {line.announcement}: its edition is gone, or says something else"


# Editions


def _published() -> Iterable[UUID]:
    """The guidance of every edition and submission, whether it is there or was deleted."""
    found: set[UUID] = set()
    for rows in (Edition.objects, Submission.objects):
        found |= set(rows.order_by().values_list("guidance_id", flat=True).distinct())
    return sorted(found)


def _name(guidance: UUID) -> str:
    slug = Guidance.objects.filter(pk=guidance).values_list("slug", flat=True).first()
    return slug or f"guidance {guidance}"


def _guidance_faults(guidance: UUID) -> Iterator[str]:
    """Name what is wrong with the editions of one guidance."""
    if not Guidance.objects.filter(pk=guidance).exists():
        yield "it is deleted, and its record is there"
    previous: Edition | None = None
    while edition := _next(guidance, previous):
        yield from (f"edition {edition.number}: {fault}" for fault in _edition_faults(edition, previous))
        previous = edition


def _next(guidance: UUID, previous: Edition | None) -> Edition | None:
    rows = Edition.objects.filter(guidance=guidance, number__gt=previous.number if previous else -1)
    rows = rows.annotate(is_of_a_submission=Exists(Submission.objects.filter(edition=OuterRef("pk"))))
    return rows.select_related("corrects").defer("corrects__content_text").order_by("number").first()


def _edition_faults(edition: Edition, previous: Edition | None) -> Iterator[str]:
    expected = previous.number + 1 if previous else 1
    if edition.number != expected:
        yield f"edition {expected} is missing before it"
    if edition.content_digest != digest(edition.content_text):
        yield "its content is not what its digest says"
    if edition.record_digest != digest(canonical(edition.record())):
        yield "its record is not what its digest says"
    if edition.previous_record_digest != (previous.record_digest if previous else ""):
        yield "it does not follow the edition before it"
    if previous and edition.live_at <= previous.live_at:
        yield "it is live no later than the edition before it"
    if not edition.is_of_a_submission:  # type: ignore[attr-defined]
        yield "nobody approved, loaded or published it: no submission became it"
    yield from _index_faults(edition, previous)


def _index_faults(edition: Edition, previous: Edition | None) -> Iterator[str]:
    try:
        edition.content = parse.__wrapped__(edition.content_text)  # not kept for others: nobody asks for it again
        expected = index_of(previous, edition)
    except (KeyError, ValueError):  # it is no content, or it names a record that it does not have
        yield "its content, or that of the edition before it, cannot be read"
        return
    found = edition.changes.order_by().values_list("record_id", "kind", "action", "slug", "title")
    if set(found) != {(one.record_id, one.kind, one.action, one.slug, one.title) for one in expected}:
        yield "its index is not what it changed; run rebuild_edition_changes"
