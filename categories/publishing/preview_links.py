"""Previews for people without an account: share one, revoke it, record what they answered."""

from datetime import datetime, timedelta
from secrets import token_urlsafe

from django.db import transaction
from django.utils import timezone

from ..content.moments import when
from ..content.words import normal
from ..models import PreviewLink, Submission, User
from .reasons import SUBMIT, Person, Reason, not_permitted, refuse_for, unexplained
from .transitions import Verb, locked, log

LONGEST_PREVIEW = timedelta(days=90)


def share_preview(
    submission: Submission, by: User, *, made_for: str, expires_at: datetime | None = None, at: datetime | None = None
) -> PreviewLink:
    """Make a link by which somebody without an account reads a submission until the link expires or is revoked.

    Asked for again by the same person, for the same reader and time, it is the same link.
    """
    with transaction.atomic():
        locked(submission.guidance)
        at = at or timezone.now()
        expires_at = expires_at or PreviewLink.default_expiry(at)
        refuse_for(reasons_not_to_share_preview(submission, by, made_for=made_for, expires_at=expires_at, at=at))
        same = {"made_for": made_for.strip(), "made_by": by, "expires_at": expires_at}
        if link := submission.preview_links.filter(revoked_at=None, **same).first():
            return link
        link = PreviewLink.objects.create(submission=submission, made_at=at, nonce=token_urlsafe(16), **same)
        log(submission, Verb.PREVIEW_SHARED, by, at, f"For {link.made_for}, until {when(expires_at)}")
    return link


def reasons_not_to_share_preview(
    submission: Submission,
    by: Person,
    *,
    made_for: str | None = None,
    expires_at: datetime | None = None,
    at: datetime | None = None,
) -> list[Reason]:
    if found := not_permitted(by, SUBMIT, "share a preview"):
        return found
    found = unexplained(made_for, "Say who the preview is for.")
    at = at or timezone.now()
    if expires_at and not at < expires_at <= at + LONGEST_PREVIEW:
        found.append(f"Choose a time within the next {LONGEST_PREVIEW.days} days for the link to expire.")
    return found


def revoke_preview(link: PreviewLink, by: User, *, at: datetime | None = None) -> None:
    """Make a preview link stop working at once."""
    with transaction.atomic():
        link = PreviewLink.objects.select_for_update().get(pk=link.pk)
        refuse_for(reasons_not_to_revoke_preview(link, by))
        link.revoked_at = at or timezone.now()
        link.save(update_fields=["revoked_at"])
        log(link.submission, Verb.PREVIEW_REVOKED, by, link.revoked_at, f"For {link.made_for}")


def reasons_not_to_revoke_preview(link: PreviewLink, by: Person) -> list[Reason]:
    return not_permitted(by, SUBMIT, "revoke a preview") or (
        ["This link is revoked already."] if link.revoked_at else []
    )


def record_answer(submission: Submission, by: User, *, answer: str, at: datetime | None = None) -> None:
    """Record on a submission what somebody who saw its preview answered; what was recorded last is not told twice."""
    with transaction.atomic():
        locked(submission.guidance)
        refuse_for(reasons_not_to_record_answer(submission, by, answer=answer))
        last = submission.events.order_by("-pk").first()
        if last and (last.verb, last.by_id, last.why) == (Verb.PREVIEW_ANSWERED, by.pk, normal(answer)):
            return
        log(submission, Verb.PREVIEW_ANSWERED, by, at or timezone.now(), answer)


def reasons_not_to_record_answer(submission: Submission, by: Person, *, answer: str | None = None) -> list[Reason]:
    return not_permitted(by, SUBMIT, "record an answer") or unexplained(answer, "Write what they answered.")
