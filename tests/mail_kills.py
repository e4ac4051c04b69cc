"""Kill the mail queue at random moments, on the database of DATABASE_URL, against a mail server on loopback.

    python -m tests.mail_kills 100     kill -9 at 100 random moments, two senders at once
    python -m tests.mail_kills         the same on new databases of SQLite and of PostgreSQL

Every message arrives, at most one of them twice for each kill, and none twice without. Prints what it found and exits
1 when that is not so.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from typing import Any

from tests import postgres
from tests.crash import FORK, fork  # sets Django up

from django.conf import settings  # isort: skip
from django.core.management import call_command  # isort: skip
from django.db import connections  # isort: skip
from django.utils import timezone  # isort: skip

from categories.models import Message  # isort: skip
from categories.models.outbox import post  # isort: skip
from categories.publishing import mail_queue  # isort: skip
from tests import smtp  # isort: skip

EACH_ROUND = 8
KILLED, SPARED = "killed.example.org", "spared.example.org"


def send_until(over: Any, rounds: int) -> None:
    """Send as it would be so many rounds later, when what earlier senders had claimed is due again."""
    is_last = False
    while not is_last:
        is_last = over.is_set()  # known before: what it was written for is sent in this round, however late it starts
        mail_queue.send_due(lambda: timezone.now() + rounds * mail_queue.CLAIM)


def kill(times: int) -> list[str]:
    """Let two senders race for what is written; in every other round, kill one of them."""
    with smtp.serving() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        for number in range(2 * times):
            is_killed = number % 2
            to = KILLED if is_killed else SPARED
            post([f"{number}-{one}@{to}" for one in range(EACH_ROUND)], "It waits", "Read it.")
            before = len(server.letters)
            over = FORK.Event()
            senders = [fork(send_until, over, number) for _ in range(2)]
            if is_killed:
                while len(server.letters) == before and senders[0].is_alive():
                    time.sleep(0.001)
                time.sleep(random.uniform(0, 0.1))  # noqa: S311 - the moment is what is random here
                os.kill(senders[0].pid, signal.SIGKILL)
            over.set()
            for sender in senders:
                sender.join()
        mail_queue.send_due(lambda: timezone.now() + (2 * times + 1) * mail_queue.CLAIM)
        return found(server, times)


def repeated(server: smtp.Server, to: str) -> int:
    arrived = Counter(letter["Message-ID"] for letter in server.letters if letter["To"].endswith(to))
    return sum(times - 1 for times in arrived.values())


def found(server: smtp.Server, times: int) -> list[str]:
    arrived = Counter(letter["Message-ID"] for letter in server.letters)
    written = set(Message.objects.values_list("message_id", flat=True))
    problems = []
    if lost := written - arrived.keys():
        problems.append(f"{len(lost)} messages were lost")
    if unsent := Message.objects.waiting().count():
        problems.append(f"{unsent} messages still wait")
    if (twice := repeated(server, KILLED)) > times:
        problems.append(f"{twice} came twice, with {times} kills")
    if without := repeated(server, SPARED):
        problems.append(f"{without} came twice without a kill")
    if again := sum(count > 2 for count in arrived.values()):
        problems.append(f"{again} came more than twice")
    print(f"{len(written)} messages, {times} kills: {twice} came twice, {connections['default'].vendor}")
    return problems


def everywhere(times: str) -> int:
    failed = 0
    with tempfile.TemporaryDirectory() as folder, postgres.server() as server:
        for url in (f"sqlite:///{folder}/mail.sqlite3", postgres.new_database(server, "mail")):
            command = [sys.executable, "-m", "tests.mail_kills", times]
            failed += subprocess.run(command, env=os.environ | {"DATABASE_URL": url}).returncode != 0  # noqa: S603
    return failed


def main() -> int:
    if not sys.argv[1:]:
        return min(everywhere("100"), 1)
    call_command("migrate", verbosity=0, interactive=False)
    problems = kill(int(sys.argv[1]))
    print(*problems, sep="\n", end="\n" if problems else "")
    return min(len(problems), 1)


if __name__ == "__main__":
    sys.exit(main())
