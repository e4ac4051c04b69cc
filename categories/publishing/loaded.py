"""Loaded: guidance that came from a file has its first edition."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ..content import diff
from ..content.schema import Content
from ..models import Edition, Guidance
from .contributors import carry, unpublished
from .freeze import composed, content_reasons, frozen
from .making import make
from .plan import Plan, Step
from .reasons import Reason, refuse_for
from .transitions import Route, Verb, locked
from .working_copy import WorkingCopy


def publish_loaded(
    content: Content, *, change_note: str, live_at: datetime | None = None, at: datetime | None = None
) -> Edition:
    """Make edition 1 of guidance that was loaded from a file: live now, or from an explicit past time.

    It says what the content says: a working copy that says anything else is refused.
    """
    with transaction.atomic():
        guidance = locked(Guidance.objects.get(pk=content.id))
        at = at or timezone.now()
        composition = composed(WorkingCopy(guidance), None, fix=False, at=at)
        refuse_for(_loaded_reasons(guidance, live_at, at) or list(_drafts(content, composition.working.content)))
        refuse_for(content_reasons(composition))
        submission = frozen(guidance, composition, at)
        submission.change_note, submission.route = change_note, Route.LOADED
        submission.save()
        carry(submission, [(one, True) for one in unpublished(guidance, None)])
        starts = (live_at or at).replace(microsecond=0)
        first = Step(submission, None, starts, None, text=submission.content_text, is_subject=True)
        edition = make(Plan(None, [first]), Verb.LOADED, None, at=at)
    return edition


def _loaded_reasons(guidance: Guidance, live_at: datetime | None, at: datetime) -> list[Reason]:
    if guidance.editions.exists():
        return ["This guidance has editions already; what is loaded now goes through submission and approval."]
    return ["Loaded guidance cannot go live in the future; give a past time."] if live_at and live_at > at else []


def _drafts(content: Content, working: Content) -> Iterator[str]:
    """Name what the working copy has besides what was loaded: nobody has approved it."""
    for change in diff.changes(content, working):
        kind = change.kind.label.lower()
        yield (
            f"The {kind} “{change.title}” of the working copy is not as in the file, and nobody has approved it. "
            "Delete it there, or put it into the file, and load again."
        )
