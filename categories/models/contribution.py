"""Who touched what of the working copy. The rule of two people reads this, and no audit trail."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from ..content.vocabulary import RecordKind
from .log import Logged, Sealed


class Aspect(models.TextChoices):
    """What of a record was touched."""

    TEXT = "text", "What it says"
    PLACE = "place", "Where it stands"
    PRESENCE = "presence", "That it is there, or gone"


class Contribution(Sealed):
    """One person touched one aspect of one record. Written by the save itself, in its transaction.

    Their keys rise as they were made. `by` is empty where
    nobody is known: it is then the work of whoever submits it. The guidance may be gone.
    """

    sealed = ("guidance_id", "kind", "record_id", "aspect", "by_id", "at")

    guidance = models.ForeignKey(
        "categories.Guidance", on_delete=models.DO_NOTHING, db_constraint=False, related_name="contributions"
    )
    kind = models.CharField(max_length=15, choices=RecordKind)
    record_id = models.UUIDField()
    aspect = models.CharField(max_length=8, choices=Aspect)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        default_permissions = ()  # saves write it, and rules read it
        constraints = [models.CheckConstraint(condition=Q(aspect__in=Aspect.values), name="aspect_known")]

    def __str__(self) -> str:
        return f"{self.get_aspect_display()} of {self.get_kind_display()} {self.record_id}, by {self.by or 'nobody'}"


class SubmissionContribution(Logged):
    """A contribution that a submission carries. Where it `settles`, nothing of the contribution is left to publish."""

    submission = models.ForeignKey("categories.Submission", on_delete=models.PROTECT, related_name="carried")
    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="carried_by")
    settles = models.BooleanField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["submission", "contribution"], name="one_carrying_per_contribution")
        ]

    def __str__(self) -> str:
        return f"{self.contribution}, carried by {self.submission}"
