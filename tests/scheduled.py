"""Programs for a server that runs, on the database of DATABASE_URL.

    python -m tests.scheduled                  the tables, the guidance, a writer and an editor
    python -m tests.scheduled approve 4        schedule an edition for 4 seconds from now
    python -m tests.scheduled unschedule 4     schedule one as well, and unschedule it at once
    python -m tests.scheduled publish 60       publish 60 editions, one a second

Prints the number of each edition, and as seconds since 1970 when all was done and when the edition goes live.
"""

import os
import sys
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - Django is set up first
from django.utils import timezone  # noqa: E402

from categories import publishing  # noqa: E402
from categories.models import Category, Guidance, User  # noqa: E402
from categories.models.history import saving  # noqa: E402
from categories.publishing.timing import SECOND, SOONEST, wait_until, whole_second  # noqa: E402
from tests.factories import make_user  # noqa: E402

FIXTURE = "fixtures/technical-qualification-categories.json"


def set_up() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    call_command("load_guidance", FIXTURE, live_at="2025-06-02", verbosity=0)
    make_user("writer", "Writer")
    make_user("editor", "Editor")


def schedule(verb: str, seconds: int) -> None:
    """Give a category another title and aim, in words of which `secret-…` is in each."""
    guidance, category = Guidance.objects.get(), Category.objects.get(slug="level-3-t-level")
    writer, editor = User.objects.get(username="writer"), User.objects.get(username="editor")
    category.title = category.aim = f"secret-{verb}"
    with saving(by=writer, why="For later"):
        category.save()
    live_at = whole_second(timezone.now() + timedelta(seconds=seconds))
    earlier = live_at - SOONEST  # as if it had been approved in time
    submission = publishing.submit(guidance, writer, change_note=f"secret-{verb}", at=earlier)
    edition = publishing.approve(submission, editor, live_at=live_at, at=earlier)
    if verb == "unschedule":
        publishing.unschedule(edition, editor, why="Not after all.", at=earlier)
    print(edition.number, timezone.now().timestamp(), edition.live_at.timestamp())


def publish(times: int) -> None:
    """Publish now, over and over. Each edition says which it is in the title of a category."""
    guidance, category = Guidance.objects.get(), Category.objects.get(slug="level-3-t-level")
    writer, editor = User.objects.get(username="writer"), User.objects.get(username="editor")
    for place in range(2, times + 2):
        category.title = f"Said in edition {place}"
        with saving(by=writer, why="Again"):
            category.save()
        edition = publishing.approve(publishing.submit(guidance, writer, change_note="Again."), editor)
        print(edition.number, timezone.now().timestamp(), edition.live_at.timestamp(), flush=True)
        wait_until(edition.live_at - SECOND)


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            set_up()
        case ["publish", times]:
            publish(int(times))
        case [verb, seconds]:
            schedule(verb, int(seconds))
