"""Loaded: guidance that came from a file has its first edition."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ..content import diff
from ..content.canonical import dump
from ..models import Edition, Guidance
from .freeze import content_reasons, frozen
from .reasons import Reason, refuse_for
from .transitions import Route, Verb, locked, log, make_edition
from .working_copy import working_content


def publish_loaded(
    guidance: Guidance, *, change_note: str, live_at: datetime | None = None, at: datetime | None = None
) -> Edition:
    """Make edition 1 of guidance that was loaded from a file: live now, or from an explicit past time."""
    with transaction.atomic():
        guidance = locked(guidance)
        at = at or timezone.now()
        working = working_content(guidance)
        differences = diff.changes(None, working)
        refuse_for(_loaded_reasons(guidance, live_at, at) or content_reasons(None, working, differences))
        submission = frozen(guidance, None, working, dump(working), differences, at)
        submission.change_note, submission.route = change_note, Route.LOADED
        submission.save()
        edition = make_edition(submission, live_at or at, at)
        log(submission, Verb.LOADED, None, at, edition=edition)
    return edition


def _loaded_reasons(guidance: Guidance, live_at: datetime | None, at: datetime) -> list[Reason]:
    if guidance.editions.exists():
        return ["This guidance has editions already; what is loaded now goes through submission and approval."]
    return ["Loaded guidance cannot go live in the future; give a past time."] if live_at and live_at > at else []
