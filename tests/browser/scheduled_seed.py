"""Fill the database of DATABASE_URL as `seed` does, then schedule an edition, and let another submission wait."""

from datetime import timedelta

from django.utils import timezone

from tests.browser import seed  # it sets Django up

# Models are there only once it has
from categories import publishing  # isort: skip
from categories.models import Category, Submission, User  # isort: skip
from categories.models.history import saving  # isort: skip

GUIDANCE = "technical-qualification-categories"
SCHEDULED, WAITING = "level-2-occupational-entry-16-to-19-and-adults", "level-3-occupational-entry-adults-only"


def main() -> None:
    seed.main()
    editor, in_a_week = User.objects.get(username="erin"), timezone.now() + timedelta(days=7)
    publishing.approve(submitted(SCHEDULED), editor, live_at=in_a_week)
    submitted(WAITING)


def submitted(slug: str) -> Submission:
    writer = User.objects.get(username="wendy")
    category = Category.objects.get(guidance__slug=GUIDANCE, slug=slug)
    category.aim = "The aim is for learners to begin work in an occupation."
    with saving(by=writer, why="As agreed"):
        category.save()
    return publishing.submit(category.guidance, writer, change_note="Says the aim more shortly.", chosen={category.pk})


if __name__ == "__main__":
    main()
