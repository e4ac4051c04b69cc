"""Back up the database of DATABASE_URL while somebody publishes without a pause, and try every copy.

    python -m tests.backing_up FOLDER 50
    python -m tests.backing_up FOLDER 1 restore    go back to a copy then, and look at what that says and refuses

Prints what is wrong and exits 1.
"""

import os
import signal
import stat
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.core.management import CommandError, call_command  # noqa: E402 - Django is set up first
from django.db import connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from categories import backups, publishing  # noqa: E402
from categories.models import Edition, PreviewLink, SubmissionEvent, User  # noqa: E402
from tests import crash  # noqa: E402


def during_writes(folder: Path, count: int) -> list[str]:
    ready = crash.FORK.Event()
    writer = crash.fork(crash.publish_until_killed, ready)
    ready.wait()
    problems, made, lines = [], 0, SubmissionEvent.objects.count()
    while made < count or (writer.is_alive() and SubmissionEvent.objects.count() == lines):  # on a busy machine
        made += 1
        try:
            file = backups.make(folder)
            if stat.S_IMODE(file.stat().st_mode) != 0o600:
                problems.append(f"backup {made} can be read by others")
        except backups.Failed as failed:
            problems.append(f"backup {made}: {failed}")
    if not writer.is_alive():
        problems.append("nothing was written meanwhile")
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    connections.close_all()
    if len(backups.listed(folder)) != made - len(problems):
        problems.append(f"there are {len(backups.listed(folder))} backups")
    return problems + left_over(folder)


def left_over(folder: Path) -> list[str]:
    return [f"{path.name} is left over" for path in folder.iterdir() if path not in backups.listed(folder)]


def restoring(folder: Path) -> list[str]:
    """What came after a backup is named, and lost only when that is said; what was linked then opens nothing."""
    problems = []
    at, writer = timezone.now(), User.objects.get(username="writer")
    for submission in publishing.reasons.Submission.objects.filter(status="submitted"):
        publishing.recall(submission, writer, at=at)  # or nothing could be submitted, here and after the restore
    file = backups.make(folder)
    submission = crash.edit_and_submit("after the backup")
    lost = publishing.share_preview(submission, writer, made_for="A college").token
    after = max(Edition.objects.newest().live_at, timezone.now()) + timedelta(minutes=10)
    newest = publishing.approve(submission, User.objects.get(username="editor0"), live_at=after)
    try:
        call_command("restore", str(file), stdout=StringIO())
        problems.append("it went back behind what is published")
    except CommandError as error:
        if f"edition {newest.number} of" not in str(error):
            problems.append(f"it does not name what would be lost: {error}")
    if not Edition.objects.filter(record_digest=newest.record_digest).exists():
        problems.append("what it refused to lose is lost")
    call_command("restore", str(file), lose=True, stdout=StringIO())
    if Edition.objects.filter(record_digest=newest.record_digest).exists():
        problems.append("nothing was restored")
    again = publishing.share_preview(crash.edit_and_submit("anew"), writer, made_for="Somebody else")
    if PreviewLink.from_token(lost) or PreviewLink.from_token(again.token) != again:
        problems.append("a link that was made before opens what came after")
    call_command("drill", str(folder), stdout=StringIO())
    return problems


def main() -> int:
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    crash.set_up()
    problems = during_writes(folder, count)
    if sys.argv[3:] == ["restore"]:
        problems += restoring(folder)
    print(*problems, f"{count} backups, {len(problems)} problems, {connections['default'].vendor}", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
