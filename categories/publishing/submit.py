"""From the working copy to the public record. Every transition is one atomic function here.

Each verb has a `reasons_not_to_…` that lists, as sentences, why it cannot happen; the admin shows them and the verb
raises `Refused` with them. A reason that is about a record is a `content.Fault`. Whoever acts is `by`.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from ..content import diff, rules
from ..content.canonical import canonical, digest, dump, parse
from ..content.entries import Entry
from ..content.moments import when
from ..content.rules import Fault
from ..content.schema import Content
from ..content.vocabulary import ADDRESSED, RecordKind, UpdateType
from ..content.words import CONTROL_CHARACTERS
from ..models import Edition, EditionChange, Guidance, PreviewLink, Submission, SubmissionEvent, User
from ..models.guidance import MODELS, lock_all
from . import loading, notices
from .contributors import contributors, history_marks
from .snapshot import compose, working_data

Reason = str | Fault
Person = User | AnonymousUser
Status, Route, Verb = Submission.Status, Submission.Route, SubmissionEvent.Verb

SUBMIT = "categories.add_submission"
APPROVE = "categories.approve_submission"
UNSEEN = "Somebody has changed the guidance since you opened this page. Look at the changes again."
NEW_RECORD = "This record has no earlier wording to put back: it is new."
KEYED = (RecordKind.LEVEL, RecordKind.COHORT)  # kinds that a category names by key, not by id
NEEDED = {  # the fields of a category that name other records; those not among the chosen stay named by their id
    "levels": RecordKind.LEVEL,
    "cohorts": RecordKind.COHORT,
    "approval_tests": RecordKind.APPROVAL_TEST,
    "examples_list": RecordKind.EXAMPLES_LIST,
}
SOONEST = timedelta(minutes=5)
LONGEST_PREVIEW = timedelta(days=90)


class Refused(Exception):
    """A verb cannot happen; `reasons` says why, a sentence or a fault each."""

    def __init__(self, reasons: Iterable[Reason]):
        self.reasons = list(reasons)
        super().__init__(" ".join(map(str, self.reasons)))


def _refuse_for(reasons: Collection[Reason]) -> None:
    if reasons:
        raise Refused(reasons)


def _plain(text: str) -> str:
    """Return text as it is kept: browsers send other line ends."""
    return text.replace("\r\n", "\n").strip()


def _may(by: Person, permission: str, verb: str) -> list[Reason]:
    role = "an Editor" if permission == APPROVE else "a Writer or an Editor"
    return [] if by.has_perm(permission) else [f"Only {role} can {verb}."]


# The working copy, beside the newest edition


def newest_edition(guidance: Guidance) -> Edition | None:
    """Return the newest edition, live or scheduled: the one that the next is composed on."""
    return guidance.editions.newest()


def working_content(guidance: Guidance) -> Content:
    """Return the working copy as content, drafts included. Raises Refused when it cannot even be read as content."""
    data = working_data(guidance)
    try:
        return parse(canonical(data))
    except ValueError as error:
        raise Refused(rules.faults(data)) from error


def seen_digest(guidance: Guidance) -> str:
    """Return the digest of all that a page of changes shows: the working copy, and the edition that it is beside."""
    newest = newest_edition(guidance)
    return digest(canonical({"edition": newest and newest.record_digest, "working": working_data(guidance)}))


def pending_changes(guidance: Guidance) -> list[diff.Change]:
    """List what differs between the working copy and the newest edition."""
    newest = newest_edition(guidance)
    return diff.changes(newest.content if newest else None, working_content(guidance))


def put_back(guidance: Guidance, record_id: UUID, by: Person, *, seen: str | None = None) -> Edition:
    """Give one record of the working copy its wording of the newest edition again: an ordinary, recorded save.

    `seen` is as in `submit`, so that nobody's unseen draft is overwritten. Returns the edition.
    """
    with transaction.atomic():
        lock_all()  # since levels and cohorts are shared
        _refuse_for(reasons_not_to_put_back(guidance, record_id, by, seen=seen))
        newest = guidance.editions.newest()
        why = f"Put back the wording of edition {newest.number}"
        loading.put_back(guidance, newest.content, record_id, by=by, why=why)
    return newest


def reasons_not_to_put_back(
    guidance: Guidance, record_id: UUID, by: Person, *, seen: str | None = None
) -> list[Reason]:
    """Say why a record cannot have the wording of the newest edition again."""
    newest = newest_edition(guidance)
    entry = newest.content.entries.get(record_id) if newest else None
    if newest is None or entry is None:
        return [NEW_RECORD]
    if found := _may(by, change_permission(entry.kind), "put back its wording"):
        return found
    for made in loading.made_by_putting_back(guidance, newest.content, record_id):
        if found := _may(by, f"categories.add_{MODELS[made.kind]._meta.model_name}", f"put back “{made.title}”"):
            return found
    found = [UNSEEN] if seen is not None and seen != seen_digest(guidance) else []
    if entry.kind in ADDRESSED and (other := loading.user_of_slug(entry.kind, entry.slug, guidance.pk, entry.id)):
        found.append(f"“{entry.slug}” is the slug of “{other}” in the working copy now. Give that another slug first.")
    return found


def change_permission(kind: RecordKind) -> str:
    return f"categories.change_{MODELS[kind]._meta.model_name}"


# Submit


def submit(
    guidance: Guidance,
    by: Person,
    *,
    change_note: str,
    update_type: str = UpdateType.MAJOR,
    chosen: Collection[UUID] | None = None,
    internal_note: str = "",
    corrects: Edition | None = None,
    seen: str | None = None,
    at: datetime | None = None,
) -> Submission:
    """Freeze the newest edition with the chosen changed records replaced, and ask a second person to approve it.

    `chosen` are record ids; None chooses every changed record. `seen` is the `seen_digest` of what the writer looked
    at, so that nothing unseen is submitted.
    """
    with transaction.atomic():
        guidance = _locked(guidance)
        at = at or timezone.now()
        options = {"change_note": change_note, "update_type": update_type, "corrects": corrects, "seen": seen, "at": at}
        _refuse_for(reasons_not_to_submit(guidance, by, chosen=chosen, **options))
        newest, working = newest_edition(guidance), working_content(guidance)
        differences = _chosen(newest, working, chosen)
        text = _composed(newest, working, differences)
        submission = _submission(guidance, newest, working, text, differences, at)
        submission.change_note, submission.update_type = _plain(change_note), update_type
        submission.corrects, submission.internal_note = corrects, _plain(internal_note)
        submission.submitted_by = by
        submission.save()
        submission.contributors.set(contributors(guidance, newest, differences, submission.content))
        _log(submission, Verb.SUBMITTED, by, at, submission.internal_note)
        notices.submission_waits(submission)
    return submission


def reasons_not_to_submit(
    guidance: Guidance,
    by: Person,
    *,
    chosen: Collection[UUID] | None = None,
    change_note: str | None = None,
    update_type: str = UpdateType.MAJOR,
    corrects: Edition | None = None,
    seen: str | None = None,
    at: datetime | None = None,
) -> list[Reason]:
    """Say why the guidance cannot be submitted. With `change_note` None, the writer is still to write one."""
    if found := _may(by, SUBMIT, "submit guidance for approval"):
        return found
    if waiting := guidance.submissions.filter(status=Status.SUBMITTED).first():
        return [
            f"{waiting} by {waiting.submitted_by} already waits for approval. Approve, reject or recall it before you "
            "submit again."
        ]
    try:
        working = working_content(guidance)
    except Refused as refused:
        return refused.reasons
    found = list(_note_reasons(guidance, change_note, update_type, corrects, at or timezone.now()))
    if seen is not None and seen != seen_digest(guidance):
        found.append(UNSEEN)
    newest = newest_edition(guidance)
    differences = _chosen(newest, working, chosen)
    if not differences and not corrects:
        nothing = "You ticked no changes" if chosen is not None else "There are no changes"
        return [*found, f"{nothing}, so there is nothing to submit."]
    if newest and not corrects and _composed(newest, working, differences) == newest.content_text:
        return [*found, "What you ticked changes nothing by itself. Tick the other records that moved as well."]
    return found + _content_reasons(newest, working, differences)


def _note_reasons(
    guidance: Guidance, change_note: str | None, update_type: str, corrects: Edition | None, at: datetime
) -> Iterator[str]:
    if change_note is not None:
        if not change_note.strip():
            yield "Write a change note, so that readers know what changed."
        elif CONTROL_CHARACTERS.search(_plain(change_note)):
            yield "Take the control character out of the change note."
    if update_type not in UpdateType.values:
        yield "Say whether the update is major or minor."
    if corrects and corrects.guidance_id != guidance.pk:
        yield "A correction names an edition of the same guidance."
    if corrects and not corrects.is_live(at):
        yield f"Edition {corrects.number} is not live yet, so nothing public is wrong. Unschedule it instead."
    if corrects and update_type != UpdateType.MINOR:
        yield "A correction is a minor update."


def _content_reasons(newest: Edition | None, working: Content, differences: list[diff.Change]) -> list[Reason]:
    """Why the composed content could not be published: its faults, and addresses that belong to other records."""
    if found := list(_removed(differences)):
        return found
    data = compose(newest.content if newest else None, working, {change.id for change in differences})
    found = list(_unticked(newest, working, data)) or list(rules.faults(data))
    return found or list(_taken_addresses(parse(canonical(data)), differences))


def _removed(differences: Iterable[diff.Change]) -> Iterator[Reason]:
    """Refuse to take away what has an address of its own: it would answer “not found” where it was cited."""
    for change in differences:
        if change.kind in ADDRESSED and change.action == "removed":
            message = "was published, so it cannot be removed: put back its wording, or put it back and withdraw it"
            yield Fault(change.kind, str(change.id), change.title, "", message)


def _unticked(newest: Edition | None, working: Content, data: dict[str, Any]) -> Iterator[Fault]:
    """Name each record that a chosen category needs and that was not chosen with it."""
    entries = (*working.entries.values(), *_entries(newest).values())
    names = {(entry.kind, entry.slug if entry.kind in KEYED else str(entry.id)): entry.title for entry in entries}
    present = {(RecordKind.LEVEL, str(level)) for level in data["levels"]}
    present |= {(RecordKind.COHORT, cohort["slug"]) for cohort in data["cohorts"]}
    for category in data["categories"]:
        for field, kind in NEEDED.items():
            values = category[field] if isinstance(category[field], list) else [category[field]]
            for missing in ((kind, str(value)) for value in values):
                if missing in names and missing not in present:
                    message = f"needs “{names[missing]}”, which you did not tick: choose both or neither"
                    yield Fault(RecordKind.CATEGORY, category["id"], category["title"], field, message)


def _entries(edition: Edition | None) -> dict[UUID, Entry]:
    return edition.content.entries if edition else {}


def _taken_addresses(content: Content, differences: list[diff.Change]) -> Iterator[Fault]:
    for change in differences:
        if change.kind in ADDRESSED and change.action != "removed":
            other = EditionChange.objects.owner_of_slug(change.kind, change.slug, content.id, change.id)
            if other:
                message = f"“{change.slug}” has belonged to “{other}” since it was published"
                yield Fault(change.kind, str(change.id), change.title, "slug", message)


def _chosen(newest: Edition | None, working: Content, chosen: Collection[UUID] | None) -> list[diff.Change]:
    found = diff.changes(newest.content if newest else None, working)
    return [change for change in found if chosen is None or change.id in chosen]


def _composed(newest: Edition | None, working: Content, differences: list[diff.Change]) -> str:
    return canonical(compose(newest.content if newest else None, working, {change.id for change in differences}))


def _submission(
    guidance: Guidance,
    newest: Edition | None,
    working: Content,
    text: str,
    differences: list[diff.Change],
    at: datetime,
) -> Submission:
    return Submission(
        guidance=guidance,
        base_record_digest=newest.record_digest if newest else "",
        content_text=text,
        content_digest=digest(text),
        record_ids=[str(change.id) for change in differences],
        history_marks=history_marks(newest, working, parse(text)),
        submitted_at=at,
    )


# Approve, reject, recall, unschedule


def approve(
    submission: Submission, by: Person, *, live_at: datetime | None = None, at: datetime | None = None
) -> Edition:
    """Make the frozen content the next edition: live now, or from `live_at`."""
    with transaction.atomic():
        submission = _locked_submission(submission)
        at = at or timezone.now()
        _refuse_for(reasons_not_to_approve(submission, by, live_at=live_at, at=at))
        edition = _make_edition(submission, live_at or at, at)
        _log(submission, Verb.APPROVED, by, at, edition=edition)
        notices.submission_decided(submission, f"{by} approved it: edition {edition.number} {_from_when(edition, at)}.")
    return edition


def _from_when(edition: Edition, at: datetime) -> str:
    return "is live" if edition.is_live(at) else f"goes live at {when(edition.live_at)}"


def reasons_not_to_approve(
    submission: Submission, by: Person, *, live_at: datetime | None = None, at: datetime | None = None
) -> list[Reason]:
    """Say why this person cannot approve this submission for this time."""
    if found := _may(by, APPROVE, "approve a submission") or _not_open(submission, "approved"):
        return found
    own = _own_work_reasons(submission, by)
    return own + _publication_reasons(submission, live_at, at or timezone.now())


def _not_open(submission: Submission, done: str) -> list[Reason]:
    if submission.status == Status.SUBMITTED:
        return []
    state = submission.get_status_display().lower()
    return [f"This submission is {state}; only one that waits for approval can be {done}."]


def _own_work_reasons(submission: Submission, by: Person) -> list[Reason]:
    if by.pk == submission.submitted_by_id:
        return ["You submitted this, so somebody else must approve it."]
    if submission.contributors.filter(pk=by.pk).exists():
        return ["You changed something in this submission, so somebody else must approve it."]
    return []


def _publication_reasons(submission: Submission, live_at: datetime | None, at: datetime) -> list[Reason]:
    newest = newest_edition(submission.guidance)
    if (newest.record_digest if newest else "") != submission.base_record_digest:
        return [
            "The newest edition is not the one that this submission was composed on. Recall it and submit again, so "
            "that the difference you approve is the one that readers get."
        ]
    found: list[Reason] = []
    if live_at and live_at < at + SOONEST:
        found.append(f"Choose a time at least five minutes ahead: {when(live_at)} is too soon, or publish now.")
    if newest and (live_at or at) <= newest.live_at:
        reached = f"is scheduled for {when(newest.live_at)}" if not newest.is_live(at) else "went live at this moment"
        found.append(f"Edition {newest.number} {reached}; unschedule it first, or choose a later time.")
    return found + list(_frozen_content_reasons(submission, newest))


def _frozen_content_reasons(submission: Submission, newest: Edition | None) -> Iterator[Reason]:
    """The rules may have changed since the freeze, and so may the addresses that others have taken."""
    if digest(submission.content_text) != submission.content_digest:
        yield "The frozen content is damaged: its digest is not the one that was submitted. Recall it and submit again."
        return
    content, found = rules.read(json.loads(submission.content_text))
    yield from found
    if content:
        differences = diff.changes(newest.content if newest else None, content)
        yield from _removed(differences)
        yield from _taken_addresses(content, differences)


def reject(submission: Submission, by: Person, *, why: str, at: datetime | None = None) -> None:
    """Send a submission back with a reason. The working copy stays as it is."""
    with transaction.atomic():
        submission = _locked_submission(submission)
        _refuse_for(reasons_not_to_reject(submission, by, why=why))
        _set_status(submission, Status.REJECTED)
        _log(submission, Verb.REJECTED, by, at or timezone.now(), why)
        notices.submission_decided(submission, f"{by} rejected it: {why.strip()}")


def reasons_not_to_reject(submission: Submission, by: Person, *, why: str | None = None) -> list[Reason]:
    """Say why this person cannot reject this submission. With `why` None, the reason is not asked for yet."""
    if found := _may(by, APPROVE, "reject a submission") or _not_open(submission, "rejected"):
        return found
    return _without_reason(why, "Say why you reject it, so that the writer can mend it.")


def _without_reason(why: str | None, sentence: str) -> list[Reason]:
    return [sentence] if why is not None and not why.strip() else []


def recall(submission: Submission, by: Person, *, why: str = "", at: datetime | None = None) -> None:
    """Take a submission back before it is decided."""
    with transaction.atomic():
        submission = _locked_submission(submission)
        _refuse_for(reasons_not_to_recall(submission, by))
        _set_status(submission, Status.RECALLED)
        _log(submission, Verb.RECALLED, by, at or timezone.now(), why)
        if submission.submitted_by_id != by.pk:
            notices.submission_decided(submission, f"{by} recalled it.")


def reasons_not_to_recall(submission: Submission, by: Person) -> list[Reason]:
    return _may(by, SUBMIT, "recall a submission") or _not_open(submission, "recalled")


def unschedule(edition: Edition, by: Person, *, why: str, at: datetime | None = None) -> None:
    """Remove the newest edition while it is not live yet. Its submission and the log keep the record of it."""
    with transaction.atomic():
        submission = _locked_submission(edition.submission)
        at = at or timezone.now()
        edition = Edition.objects.filter(pk=edition.pk).first() or edition
        _refuse_for(reasons_not_to_unschedule(edition, by, why=why, at=at))
        _log(submission, Verb.UNSCHEDULED, by, at, why, edition=edition)
        submission.edition = None
        _set_status(submission, Status.UNSCHEDULED)
        edition.discard(at)
        notices.submission_decided(submission, f"{by} unscheduled edition {edition.number}: {why.strip()}")


def reasons_not_to_unschedule(
    edition: Edition, by: Person, *, why: str | None = None, at: datetime | None = None
) -> list[Reason]:
    """Say why this person cannot unschedule this edition."""
    if found := _may(by, APPROVE, "unschedule an edition"):
        return found
    newest = newest_edition(edition.guidance)
    if newest is None or not edition.pk or not Edition.objects.filter(pk=edition.pk).exists():
        return [f"Edition {edition.number} is not scheduled any more."]
    if edition.is_live(at or timezone.now()):
        return [f"Edition {edition.number} is live, and what is live is never removed. Publish a correction instead."]
    if newest != edition:
        return [f"Edition {newest.number} follows it; unschedule that one first."]
    return _without_reason(why, "Say why you unschedule it.")


# In an emergency


def publish_in_emergency(
    submission: Submission, by: Person, *, why: str, live_at: datetime | None = None, at: datetime | None = None
) -> Edition:
    """Publish one's own submission without a second person; it stays flagged until another Editor has reviewed it."""
    with transaction.atomic():
        submission = _locked_submission(submission)
        at = at or timezone.now()
        _refuse_for(reasons_not_to_publish_in_emergency(submission, by, why=why, live_at=live_at, at=at))
        submission.route = Route.EMERGENCY
        edition = _make_edition(submission, live_at or at, at)
        _log(submission, Verb.PUBLISHED_IN_EMERGENCY, by, at, why, edition=edition)
        others = [person for person in notices.editors() if person.pk != by.pk]
        body = f"{by} published edition {edition.number} without a second person: {why.strip()}\nPlease review it.\n"
        notices.tell(others, f"edition {edition.number} needs a review after the fact", body)
        if submission.submitted_by_id != by.pk:
            notices.submission_decided(submission, f"{by} published it in an emergency: {why.strip()}")
    return edition


def reasons_not_to_publish_in_emergency(
    submission: Submission,
    by: Person,
    *,
    why: str | None = None,
    live_at: datetime | None = None,
    at: datetime | None = None,
) -> list[Reason]:
    """Say why this person cannot publish this submission in an emergency."""
    if found := _may(by, APPROVE, "publish in an emergency") or _not_open(submission, "published"):
        return found
    if not _own_work_reasons(submission, by):
        return ["You did not work on this submission, so you can approve it in the ordinary way."]
    missing = _without_reason(why, "Say why this cannot wait for a second person.")
    return missing + _publication_reasons(submission, live_at, at or timezone.now())


def possible_approvers(submission: Submission) -> list[User]:
    """List the people who could approve a submission in the ordinary way."""
    return [person for person in notices.editors() if may_approve(submission, person)]


def may_approve(submission: Submission, by: Person) -> bool:
    """Whether a person has the role, and no part in the submission."""
    return by.has_perm(APPROVE) and not _own_work_reasons(submission, by)


def review_afterwards(submission: Submission, by: Person, *, why: str = "", at: datetime | None = None) -> None:
    """Record that a second person has reviewed what was published in an emergency."""
    with transaction.atomic():
        submission = _locked_submission(submission)
        _refuse_for(reasons_not_to_review_afterwards(submission, by))
        submission.reviewed_afterwards_by = by
        submission.save(update_fields=["reviewed_afterwards_by"])
        _log(submission, Verb.REVIEWED_AFTERWARDS, by, at or timezone.now(), why)


def reasons_not_to_review_afterwards(submission: Submission, by: Person) -> list[Reason]:
    if found := _may(by, APPROVE, "review an emergency publication"):
        return found
    if not submission.review_is_due:
        return ["No review after the fact is due."]
    if submission.events.filter(verb=Verb.PUBLISHED_IN_EMERGENCY, by=by).exists():
        return ["You published this, so somebody else must review it."]
    return [str(reason).replace("approve", "review") for reason in _own_work_reasons(submission, by)]


# Previews for people without an account


def share_preview(
    submission: Submission, by: Person, *, made_for: str, expires_at: datetime | None = None, at: datetime | None = None
) -> PreviewLink:
    """Make a link by which somebody without an account reads a submission until the link expires or is revoked."""
    with transaction.atomic():
        at = at or timezone.now()
        expires_at = expires_at or PreviewLink.default_expiry(at)
        _refuse_for(reasons_not_to_share_preview(submission, by, made_for=made_for, expires_at=expires_at, at=at))
        link = PreviewLink.objects.create(
            submission=submission, made_for=made_for.strip(), made_by=by, made_at=at, expires_at=expires_at
        )
        _log(submission, Verb.PREVIEW_SHARED, by, at, f"For {link.made_for}, until {when(expires_at)}")
    return link


def reasons_not_to_share_preview(
    submission: Submission,
    by: Person,
    *,
    made_for: str | None = None,
    expires_at: datetime | None = None,
    at: datetime | None = None,
) -> list[Reason]:
    if found := _may(by, SUBMIT, "share a preview"):
        return found
    found = _without_reason(made_for, "Say who the preview is for.")
    at = at or timezone.now()
    if expires_at and not at < expires_at <= at + LONGEST_PREVIEW:
        found.append(f"Choose a time within the next {LONGEST_PREVIEW.days} days for the link to expire.")
    return found


def revoke_preview(link: PreviewLink, by: Person, *, at: datetime | None = None) -> None:
    """Make a preview link stop working at once."""
    with transaction.atomic():
        link = PreviewLink.objects.select_for_update().get(pk=link.pk)
        _refuse_for(reasons_not_to_revoke_preview(link, by))
        link.revoked_at = at or timezone.now()
        link.save(update_fields=["revoked_at"])
        _log(link.submission, Verb.PREVIEW_REVOKED, by, link.revoked_at, f"For {link.made_for}")


def reasons_not_to_revoke_preview(link: PreviewLink, by: Person) -> list[Reason]:
    return _may(by, SUBMIT, "revoke a preview") or (["This link is revoked already."] if link.revoked_at else [])


def record_answer(submission: Submission, by: Person, *, answer: str, at: datetime | None = None) -> None:
    """Record on a submission what somebody who saw its preview answered."""
    with transaction.atomic():
        _refuse_for(reasons_not_to_record_answer(submission, by, answer=answer))
        _log(submission, Verb.PREVIEW_ANSWERED, by, at or timezone.now(), answer)


def reasons_not_to_record_answer(submission: Submission, by: Person, *, answer: str | None = None) -> list[Reason]:
    return _may(by, SUBMIT, "record an answer") or _without_reason(answer, "Write what they answered.")


# Loading


def publish_loaded(
    guidance: Guidance, *, change_note: str, live_at: datetime | None = None, at: datetime | None = None
) -> Edition:
    """Make edition 1 of guidance that was loaded from a file: live now, or from an explicit past time."""
    with transaction.atomic():
        guidance = _locked(guidance)
        at = at or timezone.now()
        working = working_content(guidance)
        differences = diff.changes(None, working)
        _refuse_for(_loaded_reasons(guidance, live_at, at) or _content_reasons(None, working, differences))
        submission = _submission(guidance, None, working, dump(working), differences, at)
        submission.change_note, submission.route = change_note, Route.LOADED
        submission.save()
        edition = _make_edition(submission, live_at or at, at)
        _log(submission, Verb.LOADED, None, at, edition=edition)
    return edition


def _loaded_reasons(guidance: Guidance, live_at: datetime | None, at: datetime) -> list[Reason]:
    if guidance.editions.exists():
        return ["This guidance has editions already; what is loaded now goes through submission and approval."]
    return ["Loaded guidance cannot go live in the future; give a past time."] if live_at and live_at > at else []


# What every transition does


def _locked(guidance: Guidance) -> Guidance:
    """Wait for, and keep out, every other save, submission and publication of the same guidance."""
    return Guidance.objects.select_for_update().get(pk=guidance.pk)


def _locked_submission(submission: Submission) -> Submission:
    _locked(submission.guidance)
    return Submission.objects.select_related("guidance", "submitted_by", "edition").get(pk=submission.pk)


def _set_status(submission: Submission, status: Submission.Status) -> None:
    submission.status = status
    submission.save(update_fields=["status", "edition", "route"])


def _make_edition(submission: Submission, live_at: datetime, at: datetime) -> Edition:
    newest = newest_edition(submission.guidance)
    edition = Edition(
        guidance=submission.guidance,
        live_at=live_at,
        made_at=at,
        change_note=submission.change_note,
        update_type=submission.update_type,
        corrects=submission.corrects,
        content_text=submission.content_text,
    ).sealed(newest)
    edition.save()
    EditionChange.objects.bulk_create(index_of(newest, edition))
    submission.edition = edition
    _set_status(submission, Status.APPROVED)
    return edition


def index_of(previous: Edition | None, edition: Edition) -> list[EditionChange]:
    """Return the index rows of an edition: one for each record that it touched."""
    return [
        EditionChange(
            edition=edition,
            record_id=change.id,
            kind=change.kind,
            action=change.action,
            slug=change.slug,
            title=change.title,
        )
        for change in diff.changes(previous.content if previous else None, edition.content)
    ]


def _log(
    submission: Submission, verb: str, by: Person | None, at: datetime, why: str = "", edition: Edition | None = None
) -> None:
    SubmissionEvent.objects.create(
        submission=submission,
        verb=verb,
        by=by,
        at=at,
        why=_plain(why),
        edition_number=edition.number if edition else None,
        edition_record_digest=edition.record_digest if edition else "",
        live_at=edition.live_at if edition else None,
    )
