import logging
import os
import time
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, close_old_connections

from ...publishing import mail_queue

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Send the e-mail that waits in the outbox. A timer calls it every minute."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--every",
            type=int,
            metavar="SECONDS",
            help="go on, and send what waits every so many seconds, until the program that started this one ends",
        )

    def handle(self, *args: Any, every: int | None, **options: Any) -> None:
        if every is None:
            self.send_once()
        elif every < 1:
            raise CommandError(f"--every is {every}; give a number of seconds from 1 up.")
        else:
            with suppress(KeyboardInterrupt):
                self.go_on(every)

    def send_once(self) -> None:
        try:
            sent = mail_queue.send_due()
        except mail_queue.ServerFailed as failed:
            raise CommandError(f"{failed}. What waits is tried again later.") from failed
        if sent:
            self.stdout.write(f"Sent {sent} message{'s' if sent > 1 else ''}.")

    def go_on(self, every: int) -> None:
        parent = os.getppid()
        while os.getppid() == parent:
            try:
                mail_queue.send_due()
            except (mail_queue.ServerFailed, DatabaseError) as failed:
                logger.warning("%s. What waits is tried again later.", str(failed).strip())
            close_old_connections()
            time.sleep(every)
