"""Fill the database of DATABASE_URL as `seed` does, then announce two editions, of which the second is taken back."""

from datetime import timedelta

from django.utils import timezone

from tests.browser import scheduled_seed, seed  # they set Django up

# Models are there only once it has
from categories import publishing  # isort: skip
from categories.models import AnnouncementLine, User  # isort: skip
from categories.publishing.timing import wait_until  # isort: skip


def main() -> None:
    seed.main()
    editor, now = User.objects.get(username="erin"), timezone.now()
    for slug, weeks in ((scheduled_seed.SCHEDULED, 1), (scheduled_seed.WAITING, 2)):
        submission = scheduled_seed.submitted(slug)
        edition = publishing.approve(submission, editor, live_at=now + timedelta(weeks=weeks), announce=True)
    publishing.unschedule(edition, editor, why="Not after all.", told="Colleges asked us to say it better first.")
    wait_until(AnnouncementLine.objects.latest("pk").in_force_from)


if __name__ == "__main__":
    main()
