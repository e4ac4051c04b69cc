"""Kill tellers of alerts at random moments, on the database of DATABASE_URL, against a mail server on loopback.

    python -m tests.alert_kills 100        kill -9 at 100 random moments, two tellers at once, the mail server failing
    python -m tests.alert_kills            the same on new databases of SQLite and of PostgreSQL
    python -m tests.alert_kills many 10000 tell so many followers of one edition, and say how long that took

Every follower is told of every edition, at most one of them twice for each kill, and none twice without. Prints what it
found and exits 1 when that is not so.
"""

import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from typing import Any

from tests import postgres
from tests.crash import FORK, fork  # sets Django up

from django.conf import settings  # isort: skip
from django.core.management import call_command  # isort: skip
from django.db import connections  # isort: skip
from django.utils import timezone  # isort: skip

from categories.content import rules  # isort: skip
from categories.models import Edition, Follower, Message, Subscription  # isort: skip
from categories.public import telling  # isort: skip
from categories.publishing import mail_queue  # isort: skip
from tests import factories, smtp  # isort: skip

FOLLOWERS = 12
FIXTURE = "fixtures/technical-qualification-categories.json"
CATEGORY = "level-2-occupational-entry-16-to-19-and-adults"
HICCUPS = ["451 later", None, "550 never", "250 ok"]  # what the mail server says to one of them; None drops it half-way


def set_up(followers: int) -> Any:
    """The tables, the guidance, and people who follow all of it, or one category of it."""
    call_command("migrate", verbosity=0, interactive=False)
    with open(FIXTURE, encoding="utf-8") as file:
        content, _ = rules.read(json.load(file))
    assert content
    factories.publish(content)
    Follower.objects.bulk_create(Follower(address=f"{number}@example.org") for number in range(followers))
    before = timezone.now() - timedelta(days=1)
    category = f"id:{content.category_by_slug[CATEGORY].id}"
    Subscription.objects.bulk_create(
        Subscription(
            follower=follower, guidance_id=content.id, about=category if follower.pk % 2 else "", at_once=True,
            minor=False, months=True, made_at=before, confirmed_at=before,
        )
        for follower in Follower.objects.all()
    )  # fmt: skip
    return content


def publish(content: Any, number: int) -> None:
    aim = f"The aim is the one of round {number}. {content.category_by_slug[CATEGORY].aim}"
    factories.publish(factories.with_category(content, CATEGORY, aim=aim), timezone.now())


def tell_until(over: Any, rounds: int) -> None:
    """Do what `send_alerts` does, as it would be so many rounds later, when what was claimed before is due again."""
    telling.BATCH = 3
    is_last = False
    while not is_last:
        is_last = over.is_set()
        telling.tell()
        try:
            mail_queue.send_due(lambda: timezone.now() + rounds * mail_queue.CLAIM)
        except mail_queue.ServerFailed:
            continue


def kill(times: int) -> list[str]:
    """Let two tellers race for each edition; in every other round, kill one of them."""
    content = set_up(FOLLOWERS)
    with smtp.serving() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        for number in range(2 * times):
            server.to_data = {f"{random.randrange(FOLLOWERS)}": random.choice(HICCUPS)}  # noqa: S311 - chance is meant
            publish(content, number)
            over = FORK.Event()
            tellers = [fork(tell_until, over, number) for _ in range(2)]
            if is_killed(number):
                time.sleep(random.uniform(0, 0.5))  # noqa: S311 - the moment is what is random here
                os.kill(tellers[0].pid, signal.SIGKILL)
            over.set()
            for teller in tellers:
                teller.join()
        server.to_data = {}
        for later in range(1, 60):
            telling.tell()
            mail_queue.send_due(lambda later=later: timezone.now() + (2 * times + 12 * later) * mail_queue.CLAIM)
            if not Message.objects.waiting().exists():
                break
        return found(server, times)


def is_killed(number: int) -> bool:
    return bool(number % 2)


def found(server: smtp.Server, times: int) -> list[str]:
    arrived = Counter(letter["Message-ID"] for letter in server.letters)
    rows = list(Message.objects.values_list("message_id", "told", "given_up_at"))
    editions = Edition.objects.exclude(number=1)
    problems = []
    if len(rows) != editions.count() * FOLLOWERS:
        problems.append(f"{len(rows)} messages were written to {FOLLOWERS} followers of {editions.count()} editions")
    if lost := [row for row in rows if row[0] not in arrived and row[2] is None]:
        problems.append(f"{len(lost)} messages were lost")
    twice: Counter[bool] = Counter()
    for identity, told, _ in rows:
        number = int(told.removeprefix("edition ")) - 2  # the round of it
        twice[is_killed(number)] += max(arrived[identity] - 1, 0)
    if twice[True] > times:
        problems.append(f"{twice[True]} came twice, with {times} kills")
    if twice[False]:
        problems.append(f"{twice[False]} came twice without a kill")
    refused = sum(row[2] is not None for row in rows)
    print(
        f"{len(rows)} messages, {refused} refused for good, {times} kills: {twice[True]} came twice, "
        f"{connections['default'].vendor}"
    )
    return problems


def many(followers: int) -> list[str]:
    """Tell many of one edition, and time it."""
    content = set_up(followers)
    publish(content, 1)
    with smtp.serving() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        began, used = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
        written = telling.tell()
        wrote = time.monotonic() - began
        sent = mail_queue.send_due()
        took, now = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF)
        processor = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
        print(
            f"{written} written in {wrote:.0f} s, {sent} sent after {took:.0f} s; {processor:.0f} processor seconds, "
            f"the mail server's among them; {connections['default'].vendor}"
        )
        arrived = len({letter["To"] for letter in server.letters})
    return [] if arrived == followers else [f"{arrived} of {followers} were told"]


def everywhere(*arguments: str) -> int:
    failed = 0
    with tempfile.TemporaryDirectory() as folder, postgres.server() as server:
        for url in (f"sqlite:///{folder}/alerts.sqlite3", postgres.new_database(server, "alerts")):
            command = [sys.executable, "-m", "tests.alert_kills", *arguments]
            failed += subprocess.run(command, env=os.environ | {"DATABASE_URL": url}).returncode != 0  # noqa: S603
    return failed


def main() -> int:
    match sys.argv[1:]:
        case []:
            return min(everywhere("100"), 1)
        case ["many", followers]:
            problems = many(int(followers))
        case [times]:
            problems = kill(int(times))
    print(*problems, sep="\n", end="\n" if problems else "")
    return min(len(problems), 1)


if __name__ == "__main__":
    sys.exit(main())
