import logging
import os
import time
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, close_old_connections

from ...public import telling
from ...publishing import mail_queue

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Write to followers what they are to be told, and send what waits. A timer calls it every minute."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--every",
            type=int,
            metavar="SECONDS",
            help="go on, and do so every so many seconds, until the program that started this one ends",
        )

    def handle(self, *args: Any, every: int | None, **options: Any) -> None:
        if every is None:
            self.tell_once()
        elif every < 1:
            raise CommandError(f"--every is {every}; give a number of seconds from 1 up.")
        else:
            with suppress(KeyboardInterrupt):
                self.go_on(every)

    def tell_once(self) -> None:
        written = telling.tell()
        try:
            sent = mail_queue.send_due()
        except mail_queue.ServerFailed as failed:
            raise CommandError(f"{failed}. What waits is tried again later.") from failed
        if written or sent:
            self.stdout.write(f"Wrote {written} alert{'' if written == 1 else 's'}; sent {sent}.")

    def go_on(self, every: int) -> None:
        parent = os.getppid()
        while os.getppid() == parent:
            try:
                telling.tell()
                mail_queue.send_due()
            except (mail_queue.ServerFailed, DatabaseError) as failed:
                logger.warning("%s. What waits is tried again later.", str(failed).strip())
            close_old_connections()
            time.sleep(every)
