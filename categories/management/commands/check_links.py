from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ...models.outside_link import OutsideLink
from ...publishing import outside_links


class Command(BaseCommand):
    help = "Look at the links to other sites, and keep what is broken for staff to see. A timer calls it every night."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--pause",
            type=float,
            default=1.0,
            metavar="SECONDS",
            help="how long to wait between two questions to one site; 1 without it",
        )

    def handle(self, *args: Any, pause: float, **options: Any) -> None:
        if not 0 <= pause <= 60:
            raise CommandError(f"--pause is {pause}; give a number of seconds from 0 to 60.")
        try:
            checked = outside_links.check(timezone.now(), pause=pause)
        except outside_links.NothingAnswers as error:
            raise CommandError("No other site answers, so nothing was kept. Can this machine reach the web?") from error
        broken = OutsideLink.objects.broken()
        for link in broken:
            self.stdout.write(f"{link}: {link.why}{f' Suggested: {link.suggestion}' if link.suggestion else ''}")
        self.stdout.write(f"Links to other sites looked at: {len(checked)}. To mend: {len(broken)}.")
