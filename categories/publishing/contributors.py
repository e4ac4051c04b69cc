"""Whose work a submission carries, so that none of them approves it (decision 3)."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery

from ..content import diff
from ..content.schema import Content
from ..content.vocabulary import Action, RecordKind
from ..models import Aspect, Contribution, Edition, Guidance, Submission, SubmissionContribution
from .reasons import Person, Reason

Carried = list[tuple[Contribution, bool]]  # with whether the submission settles it


def contributed(submission: Submission, person: Person) -> bool:
    """Whether a submission carries a contribution of theirs. Every rule of two people asks this, and nothing else."""
    return person.is_authenticated and submission.carried.filter(contribution__by=person.pk).exists()


def own_work(submission: Submission, person: Person) -> list[Reason]:
    """Say what part a person has in a submission, so that they cannot approve it."""
    if person.pk and person.pk == submission.submitted_by_id:
        return ["You submitted this, so somebody else must approve it."]
    if contributed(submission, person):
        return ["You changed something in this submission, so somebody else must approve it."]
    return []


def carry(submission: Submission, found: Carried) -> None:
    """List what a submission carries, for ever, and whose work that is, for those who are told of it."""
    SubmissionContribution.objects.bulk_create(
        SubmissionContribution(submission=submission, contribution=one, settles=settles) for one, settles in found
    )
    submission.contributors.set({one.by_id for one, _ in found if one.by_id})


def unpublished(guidance: Guidance, base: Edition | None) -> dict[Contribution, bool]:
    """The contributions of which something may be left to publish after an edition, in the order in which they came.

    With each, whether nothing settles it: a scheduled edition after `base` can, and a fix passes that.
    """
    settling = SubmissionContribution.objects.filter(contribution=OuterRef("pk"), settles=True)
    number = F("submission__edition__number")
    first = settling.filter(submission__edition__isnull=False).order_by(number).values_list(number)[:1]
    found: Any = guidance.contributions.annotate(settled_in=Subquery(first))
    left = found.filter(Q(settled_in=None) | Q(settled_in__gt=base.number if base else 0))
    return {one: one.settled_in is None for one in left}


def carried(
    guidance: Guidance, base: Edition | None, working: Content, composed: Content, differences: list[diff.Change]
) -> Carried:
    """What a submission carries: all that is open of what its records say, and of each order that it tells anew.

    An order is settled only where the working copy's is published as a whole. A fix also carries what a scheduled
    edition has settled, since it can say some of that sooner; it stays settled there.
    """
    every = unpublished(guidance, base)
    chosen = {change.id for change in differences}
    found = [(one, True) for one in every if one.aspect != Aspect.PLACE and one.record_id in chosen]
    for kind, placed in _placed(base, composed).items():
        whole, records = _same_order(kind, working, composed), composed.entries_of(kind)
        moves = _moves(guidance, kind, placed, every)
        # Where a draft stands that is not composed does not matter
        found += [(one, whole) for one in moves if one.record_id in records]
    return [(one, settles and every.get(one, True)) for one, settles in found]


def _placed(base: Edition | None, composed: Content) -> dict[RecordKind, list[diff.Change]]:
    """The records that a submission tells as standing somewhere else, by kind."""
    found: dict[RecordKind, list[diff.Change]] = {}
    for change in diff.changes(base.content if base else None, composed):
        if change.place is not None:
            found.setdefault(change.kind, []).append(change)
    return found


def _moves(
    guidance: Guidance, kind: RecordKind, placed: list[diff.Change], every: Iterable[Contribution]
) -> set[Contribution]:
    """The moves of a kind that may have made its new order: it can be told in more than one way, so they all count.

    Where a record is new, whoever moved the others around it since counts too, though that was published meanwhile.
    """
    new = {change.id for change in placed if change.action == Action.ADDED}
    found: set[Contribution] = set()
    if len(new) < len(placed):
        found |= {one for one in every if one.kind == kind and one.aspect == Aspect.PLACE}
    if new:
        made = {one.record_id: one.pk for one in reversed([*every]) if one.aspect == Aspect.PRESENCE}
        since = min(made.get(record, 0) for record in new)
        found |= set(guidance.contributions.filter(kind=kind, aspect=Aspect.PLACE, pk__gte=since))
    return found


def _same_order(kind: RecordKind, *both: Content) -> bool:
    one, other = (list(content.entries_of(kind)) for content in both)
    shared = set(one) & set(other)
    return [record for record in one if record in shared] == [record for record in other if record in shared]
