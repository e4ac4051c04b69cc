"""Kill the publishing of guidance at random moments, and race for it, on the database of DATABASE_URL.

    python -m tests.crash kill 200     kill -9 at 200 random moments; check everything after each
    python -m tests.crash race 8       8 processes approve one submission; check that one edition comes of it
    python -m tests.crash              both, on new databases of SQLite and of PostgreSQL

Prints what it found and exits 1 when anything is half done.
"""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - Django is set up first
from django.db import connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from categories import publishing  # noqa: E402
from categories.models import Category, Edition, EditionChange, Guidance, Submission, SubmissionEvent, User  # noqa: E402
from categories.models.history import saving  # noqa: E402
from tests import postgres  # noqa: E402
from tests.factories import make_category, make_guidance, make_user, publish_loaded  # noqa: E402

MAKES = ("approved", "remade", "rescheduled")  # after which an edition stands
FORK = multiprocessing.get_context("fork")


def set_up() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    make_user("writer", "Writer")
    for number in range(8):
        make_user(f"editor{number}", "Editor")
    guidance = make_guidance()
    for number in range(3):
        make_category(guidance, f"category-{number}")
    publish_loaded(guidance)


def edit_and_submit(number: Any, *, fix: bool = False, at: datetime | None = None) -> Submission:
    guidance, writer = Guidance.objects.get(), User.objects.get(username="writer")
    category = random.choice(Category.objects.all())  # noqa: S311 - not a secret
    with saving(by=writer, why=f"Edit {number}"):
        if random.random() < 0.5:  # noqa: S311
            category.aim = f"Aim {number}."
        else:
            category.title = f"Title {number}"
        category.save()
        category.cohorts.set([] if category.cohorts.exists() else category.cohorts.model.objects.all())
    return publishing.submit(guidance, writer, change_note=f"Change {number}.", chosen={category.pk}, fix=fix, at=at)


def publish_until_killed(ready: Any) -> None:
    """Publish, schedule, fix, reschedule and unschedule, one minute after another, from the newest edition on.

    Says so once something was done, so that a kill on a busy machine does not come before anything.
    """
    writer = User.objects.get(username="writer")
    at = SubmissionEvent.objects.latest("pk").at  # time never goes back: the log would not let it
    for submission in Submission.objects.filter(status="submitted"):
        publishing.recall(submission, writer)
    while True:
        at += timedelta(minutes=1)
        with suppress(publishing.Refused):
            verb = random.choice(["publish", "schedule", "fix", "fix", "reschedule", "unschedule"])  # noqa: S311
            if do_something(verb, at):
                ready.set()


def do_something(verb: str, at: datetime) -> bool:
    """Do one thing, and say whether there was anything to do it to."""
    editor = User.objects.get(username=f"editor{random.randrange(8)}")  # noqa: S311
    later = at + timedelta(minutes=random.randrange(10, 90))  # noqa: S311
    scheduled = list(Edition.objects.scheduled(at))
    if verb == "unschedule" and scheduled:
        publishing.unschedule(scheduled[0], editor, why="Not after all.", at=at)
    elif verb == "reschedule" and scheduled:
        publishing.reschedule(random.choice(scheduled), editor, live_at=later, why="Another day.", at=at)  # noqa: S311
    elif verb in ("publish", "schedule", "fix"):
        submission = edit_and_submit(time.monotonic_ns(), fix=verb == "fix", at=at)
        try:
            publishing.approve(submission, editor, live_at=later if verb == "schedule" else None, at=at)
        except publishing.Refused:
            publishing.reject(submission, editor, why="Not like this.", at=at)
    else:
        return False
    return True


def fork(target: Any, *args: Any) -> Any:
    connections.close_all()
    process = FORK.Process(target=target, args=args)
    process.start()
    return process


def kill(times: int) -> list[str]:
    problems = []
    for number in range(times):
        ready = FORK.Event()
        process = fork(publish_until_killed, ready)
        while not ready.wait(1):
            if not process.is_alive():
                return [*problems, f"before kill {number + 1}: publishing failed"]
        time.sleep(random.uniform(0, 0.6))  # noqa: S311 - the moment is what is random here
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        problems += [f"after kill {number + 1}: {problem}" for problem in halves()]
    return problems


def halves() -> list[str]:
    """List everything that is half done: editions, submissions, saves."""
    problems = []
    try:
        call_command("check_editions", stdout=StringIO(), stderr=StringIO())
    except (SystemExit, Exception) as error:
        problems.append(f"check_editions: {error}")
    for edition in Edition.objects.exclude(number=1):
        submission = edition.submission
        verbs = list(submission.events.values_list("verb", flat=True))
        if verbs[-1] not in MAKES or submission.status != "approved":
            problems.append(f"{edition} has the log {verbs}, and its submission is {submission.status}")
        if submission.route == "remade" and submission.remade_from.status != "replaced":
            problems.append(f"{edition} was made again, and what it was made of is {submission.remade_from.status}")
        if not EditionChange.objects.filter(edition=edition).exists():
            problems.append(f"{edition} has no index")
    if left := Submission.objects.filter(status="approved", edition=None).count():
        problems.append(f"{left} submissions are approved without an edition")
    if left := Submission.objects.exclude(edition=None).exclude(status="approved").count():
        problems.append(f"{left} submissions have an edition without approval")
    if left := Submission.objects.filter(status="replaced", remade=None).count():
        problems.append(f"{left} submissions are replaced by none")
    for category in Category.objects.all():
        latest = category.history.first()
        kept = set(latest.cohorts.values_list("cohort_id", flat=True))
        if latest.aim != category.aim or kept != set(category.cohorts.values_list("pk", flat=True)):
            problems.append(f"“{category}” differs from its history")
    return problems


def approve_at_once(number: int, submission: int, barrier: Any, answers: Any) -> None:
    editor = User.objects.get(username=f"editor{number}")
    found = Submission.objects.get(pk=submission)
    barrier.wait()
    try:
        answers.put(("approved", publishing.approve(found, editor).number))
    except publishing.Refused as refused:
        answers.put(("refused", str(refused)))
    except Exception as error:
        answers.put(("failed", repr(error)))


def race(processes: int) -> list[str]:
    submission = edit_and_submit("of the race").pk
    barrier, answers = FORK.Barrier(processes), FORK.SimpleQueue()
    runners = [fork(approve_at_once, number, submission, barrier, answers) for number in range(processes)]
    found = sorted(answers.get() for _ in runners)
    for runner in runners:
        runner.join()
    problems = [f"{kind}: {what}" for kind, what in found if kind == "failed"]
    if [kind for kind, _ in found].count("approved") != 1:
        problems.append(f"not exactly one approved: {found}")
    problems += [what for kind, what in found if kind == "refused" and "This submission is approved" not in what]
    if Edition.objects.count() != 2:
        problems.append(f"there are {Edition.objects.count()} editions, not 2")
    return problems + halves() + race_of_verbs(processes)


def race_of_verbs(processes: int) -> list[str]:
    """Approve, fix and unschedule at once, where each changes what the others are about."""
    now = timezone.now()
    editor = User.objects.get(username="editor0")
    publishing.approve(edit_and_submit("for later"), editor, live_at=now + timedelta(hours=1))
    ordinary, fix = edit_and_submit("to follow"), edit_and_submit("at once", fix=True)
    barrier, answers = FORK.Barrier(processes), FORK.SimpleQueue()
    verbs = ["approve", "fix", "unschedule"]
    runners = [
        fork(one_verb_at_once, number, verbs[number % 3], ordinary.pk, fix.pk, barrier, answers)
        for number in range(processes)
    ]
    found = [answers.get() for _ in runners]
    for runner in runners:
        runner.join()
    problems = [f"{verb}: {what}" for verb, kind, what in found if kind == "failed"]
    done = Counter(verb for verb, kind, _ in found if kind == "done")
    if done["fix"] != 1 or done["approve"] > 1:
        problems.append(f"not exactly one fix and one approval at most: {found}")
    return problems + halves()


def one_verb_at_once(number: int, verb: str, ordinary: int, fix: int, barrier: Any, answers: Any) -> None:
    editor = User.objects.get(username=f"editor{number}")
    submissions = {pk: Submission.objects.get(pk=pk) for pk in (ordinary, fix)}
    scheduled = Edition.objects.newest()
    barrier.wait()
    try:
        match verb:
            case "approve":
                publishing.approve(submissions[ordinary], editor, live_at=timezone.now() + timedelta(hours=2))
            case "fix":
                publishing.approve(submissions[fix], editor)
            case "unschedule":
                publishing.unschedule(scheduled, editor, why="Not after all.")
        answers.put((verb, "done", ""))
    except publishing.Refused as refused:
        answers.put((verb, "refused", str(refused)))
    except Exception as error:
        answers.put((verb, "failed", repr(error)))


def everywhere() -> int:
    """Do all of it on new databases of both kinds; return how many of the runs failed."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder, postgres.server() as server:
        for verb, count in (("race", "8"), ("kill", "200")):
            for url in (f"sqlite:///{folder}/{verb}.sqlite3", postgres.new_database(server, verb)):
                start = time.monotonic()
                command = [sys.executable, "-m", "tests.crash", verb, count]
                run = subprocess.run(command, env=os.environ | {"DATABASE_URL": url})  # noqa: S603 - our own
                print(f"  {time.monotonic() - start:.0f} seconds", flush=True)
                failed += run.returncode != 0
    return failed


def main() -> int:
    if not sys.argv[1:]:
        return min(everywhere(), 1)
    verb, count = sys.argv[1], int(sys.argv[2])
    set_up()
    problems = {"kill": kill, "race": race}[verb](count)
    if problems:
        print(*problems, sep="\n")
    editions, verbs = Edition.objects.count(), Counter(SubmissionEvent.objects.values_list("verb", flat=True))
    vendor = connections["default"].vendor
    print(f"{verb} {count}: {editions} editions, {len(problems)} problems, {vendor}, {dict(verbs)}")
    return 1 if problems or (verb == "kill" and verbs.total() <= count) else 0


if __name__ == "__main__":
    sys.exit(main())
