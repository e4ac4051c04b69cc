"""What readers say of a page: whether it was useful, and what is wrong with it. Nothing of who they are."""

from typing import ClassVar

from django.conf import settings
from django.db import models

LONGEST_PAGE, LONGEST_WORDS = 500, 1200  # characters


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    def problems(self) -> "FeedbackQuerySet":
        """What somebody wrote, rather than a click on “yes” or “no”."""
        return self.exclude(doing="", wrong="")

    def open(self) -> "FeedbackQuerySet":
        return self.problems().filter(done_at=None)


class Feedback(models.Model):
    """One click or one report. `edition` is the one that the page showed, where it showed one."""

    page = models.CharField(max_length=LONGEST_PAGE)
    edition = models.PositiveIntegerField(null=True)
    useful = models.BooleanField(null=True)
    doing = models.TextField("what they were doing", blank=True)
    wrong = models.TextField("what went wrong", blank=True)
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects: ClassVar[FeedbackQuerySet] = FeedbackQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "report"
        verbose_name_plural = "feedback"
        ordering = ["-pk"]
        default_permissions = ("view", "change")
        indexes = [models.Index(fields=["page", "edition"], name="feedback_of_page")]

    def __str__(self) -> str:
        return f"Feedback {self.pk} on {self.page}"
