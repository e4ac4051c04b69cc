"""Previews for people without an account: share one, revoke it, record what they answered."""

from datetime import datetime, timedelta
from secrets import token_urlsafe

from django.db import transaction
from django.utils import timezone

from ..content.moments import when
from ..models import PreviewLink, Submission, User
from .reasons import SUBMIT, Person, Reason, not_permitted, refuse_for, unexplained
from .transitions import Verb, log

LONGEST_PREVIEW = timedelta(days=90)


def share_preview(
    submission: Submission, by: User, *, made_for: str, expires_at: datetime | None = None, at: datetime | None = None
) -> PreviewLink:
    """Make a link by which somebody without an account reads a submission until the link expires or is revoked."""
    with transaction.atomic():
        at = at or timezone.now()
        expires_at = expires_at or PreviewLink.default_expiry(at)
        refuse_for(reasons_not_to_share_preview(submission, by, made_for=made_for, expires_at=expires_at, at=at))
        link = PreviewLink.objects.create(
            submission=submission,
            made_for=made_for.strip(),
            made_by=by,
            made_at=at,
            expires_at=expires_at,
            nonce=token_urlsafe(16),
        )
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
    """Record on a submission what somebody who saw its preview answered."""
    with transaction.atomic():
        refuse_for(reasons_not_to_record_answer(submission, by, answer=answer))
        log(submission, Verb.PREVIEW_ANSWERED, by, at or timezone.now(), answer)


def reasons_not_to_record_answer(submission: Submission, by: Person, *, answer: str | None = None) -> list[Reason]:
    return not_permitted(by, SUBMIT, "record an answer") or unexplained(answer, "Write what they answered.")
