"""A submission: guidance frozen as content, with everything that was decided about it."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import models
from django.utils import timezone

from ..content.canonical import canonical, digest, parse
from ..content.schema import Content
from ..content.vocabulary import UpdateType
from .edition import Edition
from .guidance import Guidance
from .log import Logged, Sealed, as_value

PREVIEW_DAYS = 7


def live_number(guidance: Any, at: datetime) -> "models.QuerySet[Edition, int]":
    """The number of the edition of a guidance that is live at a time, for a query too."""
    return Edition.objects.filter(guidance=guidance).live(at).order_by("-live_at").values_list("number", flat=True)[:1]


class Submission(Logged):
    """The frozen content that a second person reads and, on approval, byte for byte what goes live."""

    may_change = frozenset({"status", "route", "edition", "reviewed_afterwards_by"})  # as its log says

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

    class Meta:
        ordering = ["-submitted_at", "-pk"]
        indexes = [  # few of many are not decided yet, or came by the emergency route
            models.Index(fields=["status", "guidance"], name="submissions_by_status"),
            models.Index(fields=["route", "reviewed_afterwards_by"], name="submissions_by_route"),
        ]
        permissions = [("approve_submission", "Can approve, reject, schedule and publish submissions")]

    def __str__(self) -> str:
        return f"Submission {self.pk}"

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

    def frozen_digest(self) -> str:
        """Return the digest of all that never changes of it, what it carries included."""
        carried = self.carried.order_by("pk").values_list("pk", "contribution_id", "settles")
        frozen = {name: as_value(getattr(self, name)) for name in FROZEN} | {
            "contributors": sorted(person.pk for person in self.contributors.all()),
            "carried": [list(one) for one in carried],
        }
        return digest(canonical(frozen))

    @property
    def review_is_due(self) -> bool:
        """Whether an emergency publication still waits for a second person's review."""
        return self.route == self.Route.EMERGENCY and bool(self.edition_id) and not self.reviewed_afterwards_by_id


FROZEN = (
    "id",
    "guidance_id",
    "base_record_digest",
    "content_digest",
    "record_ids",
    "is_fix",
    "remade_from_id",
    "change_note",
    "update_type",
    "corrects_id",
    "internal_note",
    "submitted_by_id",
    "submitted_at",
)


class SubmissionEvent(Sealed):
    """One line of the log of submissions: who did what, in which role, when and why, and what came of it.

    All submissions have one log. The first line of each holds the digest of what was frozen.
    """

    sealed = (
        "submission_id",
        "submission_digest",
        "verb",
        "by_id",
        "role",
        "at",
        "why",
        "status",
        "route",
        "edition_number",
        "edition_record_digest",
        "live_at",
    )

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
        COMMENTED = "commented", "Comment"
        REPLIED = "replied", "Answer to a comment"
        RESOLVED = "resolved", "Comment resolved"
        ANNOUNCED = "announced", "Announced"

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="events")
    verb = models.CharField(max_length=12, choices=Verb)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=200, blank=True)  # in which they did it
    at = models.DateTimeField()
    why = models.TextField(blank=True)
    submission_digest = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=12, choices=Submission.Status)
    route = models.CharField(max_length=10, choices=Submission.Route)
    edition_number = models.PositiveIntegerField(null=True)
    edition_record_digest = models.CharField(max_length=64, blank=True)
    live_at = models.DateTimeField(null=True)
    # Of a comment: the record and the field that it is about, if any; of an answer to one, or its end, that comment
    record_id = models.UUIDField(null=True)
    field = models.CharField(max_length=40, blank=True, default="", db_default="")
    about = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="said")

    class Meta:
        ordering = ["pk"]

    def record(self) -> dict[str, Any]:
        """Lines that are no comment are sealed as they were before there were any."""
        of_comment = {name: as_value(getattr(self, name)) for name in ("record_id", "field", "about_id")}
        return super().record() | {name: value for name, value in of_comment.items() if value}

    def __str__(self) -> str:
        return f"{self.get_verb_display()} by {self.by or 'the system'}"

    @property
    def takes_off(self) -> bool:
        """Whether the edition that it names was taken off with it, before it was live."""
        return self.verb in TAKES_OFF


TAKES_OFF = (SubmissionEvent.Verb.UNSCHEDULED, SubmissionEvent.Verb.TAKEN_OFF)


class PreviewLink(models.Model):
    """A signed, expiring, revocable link by which people with no account read a submission."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="preview_links")
    made_for = models.CharField("who is it for?", max_length=200, help_text="Staff only: a name or an organisation.")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    # Part of the token: after a restore, another link has the key of one that the backup did not know. Older ones: none
    nonce = models.CharField(max_length=32, blank=True, editable=False)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Preview link for {self.made_for}"

    signer = signing.Signer(salt="categories.preview-link")

    @property
    def token(self) -> str:
        return str(self.signer.sign_object({"link": self.pk} | ({"nonce": self.nonce} if self.nonce else {})))

    @classmethod
    def from_token(cls, token: str, at: datetime | None = None) -> "PreviewLink | None":
        """Return the link that a token is for, if it is genuine, not revoked and not expired."""
        try:
            signed = cls.signer.unsign_object(token)
            named = {"pk": signed["link"], "nonce": signed.get("nonce", "")}
        except (signing.BadSignature, AttributeError, KeyError, TypeError, ValueError):
            return None
        links = cls.objects.select_related("submission").filter(revoked_at=None, expires_at__gt=at or timezone.now())
        return links.filter(**named).first()

    @staticmethod
    def default_expiry(at: datetime) -> datetime:
        return at + timedelta(days=PREVIEW_DAYS)
