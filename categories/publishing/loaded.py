"""Loaded: guidance that came from a file has its first edition."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ..content import diff
from ..content.canonical import dump
from ..content.schema import Content
from ..models import Edition, Guidance
from .freeze import content_reasons, frozen
from .reasons import Reason, refuse_for
from .transitions import Route, Verb, locked, log, make_edition
from .working_copy import working_content


def publish_loaded(
    content: Content, *, change_note: str, live_at: datetime | None = None, at: datetime | None = None
) -> Edition:
    """Make edition 1 of guidance that was loaded from a file: live now, or from an explicit past time.

    It says what the content says: a working copy that says anything else is refused.
    """
    with transaction.atomic():
        guidance = locked(Guidance.objects.get(pk=content.id))
        at = at or timezone.now()
        working = working_content(guidance)
        differences = diff.changes(None, working)
        refuse_for(_loaded_reasons(guidance, live_at, at) or list(_drafts(content, working)))
        refuse_for(content_reasons(None, working, differences))
        submission = frozen(guidance, None, working, dump(working), differences, at)
        submission.change_note, submission.route = change_note, Route.LOADED
        submission.save()
        edition = make_edition(submission, (live_at or at).replace(microsecond=0), at)
        log(submission, Verb.LOADED, None, at, edition=edition)
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
