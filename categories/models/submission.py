"""A submission: guidance frozen as content, with everything that was decided about it."""

from datetime import datetime, timedelta
from typing import Any, NoReturn

from django.conf import settings
from django.core import signing
from django.db import models
from django.utils import timezone

from ..content.canonical import parse
from ..content.schema import Content
from ..content.vocabulary import UpdateType
from .edition import Edition, Immutable
from .guidance import Guidance
from .log import Logged, LoggedQuerySet

PREVIEW_DAYS = 7
DECIDED = {"status", "route", "edition", "reviewed_afterwards_by"}  # all that changes once a submission is made


def live_number(guidance: Any, at: datetime) -> "models.QuerySet[Edition, int]":
    """The number of the edition of a guidance that is live at a time, for a query too."""
    return Edition.objects.filter(guidance=guidance).live(at).order_by("-live_at").values_list("number", flat=True)[:1]


class Submission(models.Model):
    """The frozen content that a second person reads and, on approval, byte for byte what goes live."""

    class Status(models.TextChoices):
        SUBMITTED = "submitted", "Submitted"
        REJECTED = "rejected", "Rejected"
        RECALLED = "recalled", "Recalled"
        APPROVED = "approved", "Approved"
        UNSCHEDULED = "unscheduled", "Unscheduled"
        REPLACED = "replaced", "Replaced"

    class Route(models.TextChoices):
        REVIEW = "review", "Review by a second person"
        EMERGENCY = "emergency", "Published in an emergency, without a second person"
        LOADED = "loaded", "Loaded from a file"
        REMADE = "remade", "Made again on top of what was published since, and approved so"

    guidance = models.ForeignKey(Guidance, on_delete=models.PROTECT, related_name="submissions")
    status = models.CharField(max_length=12, choices=Status, default=Status.SUBMITTED)
    route = models.CharField(max_length=10, choices=Route, default=Route.REVIEW)
    base_record_digest = models.CharField(max_length=64, blank=True)
    content_text = models.TextField()
    content_digest = models.CharField(max_length=64)
    record_ids = models.JSONField(default=list)
    is_fix = models.BooleanField(default=False)  # composed on what is live, to pass what is scheduled
    remade_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="remade")
    change_note = models.TextField(help_text="Public: tell readers what has changed.")
    update_type = models.CharField(max_length=5, choices=UpdateType, default=UpdateType.MAJOR)
    corrects = models.ForeignKey(Edition, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    internal_note = models.TextField(blank=True, help_text="For the reviewer. Only staff see it.")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="submissions"
    )
    submitted_at = models.DateTimeField()
    # Who is told that it is their work. The rule of two people reads what is `carried`, and nothing here
    contributors = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", blank=True)
    edition = models.OneToOneField(Edition, null=True, blank=True, on_delete=models.SET_NULL, related_name="submission")
    reviewed_afterwards_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = LoggedQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at", "-pk"]
        permissions = [("approve_submission", "Can approve, reject, schedule and publish submissions")]

    def __str__(self) -> str:
        return f"Submission {self.pk}"

    def save(self, *args: Any, **options: Any) -> None:
        changed = set(options.get("update_fields") or ["content_text"])
        if not self._state.adding and changed - DECIDED:
            raise Immutable("What was submitted is frozen: recall or reject this one, and submit again.")
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise Immutable("Submissions are a permanent record: recall or reject this one instead.")

    @property
    def content(self) -> Content:
        return parse(self.content_text)

    def base(self) -> Edition | None:
        """The edition that this submission was composed on, or that its own edition follows."""
        if self.edition:
            return Edition.objects.filter(record_digest=self.edition.previous_record_digest).first()
        return Edition.objects.filter(record_digest=self.base_record_digest).first()

    def state_words(self, at: datetime | None = None, live: int | None = None) -> str:
        """Name the state as GOV.UK publishing does: submitted, rejected, scheduled, published, superseded.

        `live` is the number of the edition of its guidance that is live; without it, one query asks.
        """
        at = at or timezone.now()
        if not self.edition:
            return str(self.get_status_display())
        if not self.edition.is_live(at):
            return "Scheduled"
        live = live or live_number(self.guidance_id, at).first()
        return "Published" if live == self.edition.number else "Superseded"

    @property
    def review_is_due(self) -> bool:
        """Whether an emergency publication still waits for a second person's review."""
        return self.route == self.Route.EMERGENCY and bool(self.edition_id) and not self.reviewed_afterwards_by_id


class SubmissionEvent(Logged):
    """One line of a submission's log, which can only grow: who did what, when and why."""

    class Verb(models.TextChoices):
        SUBMITTED = "submitted", "Submitted"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        RECALLED = "recalled", "Recalled"
        UNSCHEDULED = "unscheduled", "Unscheduled"
        PUBLISHED_IN_EMERGENCY = "emergency", "Published in an emergency"
        RESCHEDULED = "rescheduled", "Rescheduled"
        TAKEN_OFF = "taken-off", "Taken off"
        REMADE = "remade", "Made again"
        REVIEWED_AFTERWARDS = "reviewed", "Reviewed after the fact"
        LOADED = "loaded", "Loaded"
        PREVIEW_SHARED = "shared", "Preview link made"
        PREVIEW_REVOKED = "revoked", "Preview link revoked"
        PREVIEW_ANSWERED = "answered", "Answer to a preview"

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="events")
    verb = models.CharField(max_length=12, choices=Verb)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    why = models.TextField(blank=True)
    edition_number = models.PositiveIntegerField(null=True)
    edition_record_digest = models.CharField(max_length=64, blank=True)
    live_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} by {self.by or 'the system'}"

    @property
    def takes_off(self) -> bool:
        """Whether the edition that it names was taken off with it, before it was live."""
        return self.verb in (self.Verb.UNSCHEDULED, self.Verb.TAKEN_OFF)


class PreviewLink(models.Model):
    """A signed, expiring, revocable link by which people with no account read a submission."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="preview_links")
    made_for = models.CharField("who is it for?", max_length=200, help_text="Staff only: a name or an organisation.")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Preview link for {self.made_for}"

    signer = signing.Signer(salt="categories.preview-link")

    @property
    def token(self) -> str:
        return str(self.signer.sign_object({"link": self.pk}))

    @classmethod
    def from_token(cls, token: str, at: datetime | None = None) -> "PreviewLink | None":
        """Return the link that a token is for, if it is genuine, not revoked and not expired."""
        try:
            primary_key = cls.signer.unsign_object(token)["link"]
        except (signing.BadSignature, KeyError, TypeError, ValueError):
            return None
        links = cls.objects.select_related("submission").filter(revoked_at=None, expires_at__gt=at or timezone.now())
        return links.filter(pk=primary_key).first()

    @staticmethod
    def default_expiry(at: datetime) -> datetime:
        return at + timedelta(days=PREVIEW_DAYS)
