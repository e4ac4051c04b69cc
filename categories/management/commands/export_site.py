import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ...content.moments import when
from ...mirror import Failed, Mirror


class Command(BaseCommand):
    help = "Write all that the public reads as files for nginx to serve while the site is down; only what changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder for this alone; it is made where there is none")
        parser.add_argument("--anew", action="store_true", help="ask for everything again, changed or not")
        parser.add_argument(
            "--check", action="store_true", help="write nothing: say what differs from the site, and exit 1"
        )

    def handle(self, *args: Any, folder: Path, anew: bool, check: bool, **options: Any) -> None:
        mirror = Mirror(folder, timezone.now().replace(microsecond=0))
        try:
            if check:
                self.check_files(mirror)
            else:
                mirror.make(anew)
        except (Failed, OSError) as error:
            raise CommandError(str(error)) from error
        if not check and options["verbosity"]:
            asked, written, removed = mirror.site.times, mirror.written, mirror.removed
            self.stdout.write(
                f"A mirror as of {when(mirror.site.at)}. Asked for {asked:,} addresses; wrote {written:,} files, "
                f"removed {removed:,}."
            )

    def check_files(self, mirror: Mirror) -> None:
        differs = False
        for difference in mirror.differences():
            self.stderr.write(difference)
            differs = True
        if differs:
            sys.exit(1)
        self.stdout.write(f"The mirror says what the site says. Asked for {mirror.site.times:,} addresses.")
