from argparse import ArgumentParser
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ... import backups


class Command(BaseCommand):
    help = "Restore the newest backup of a folder aside, verify it, and say how long that took and what it lacks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, nargs="?", default=settings.BACKUP_DIR or None, help="BACKUP_DIR")

    def handle(self, *args: Any, folder: Path | None, **options: Any) -> None:
        if folder is None:
            raise CommandError("Give a folder, or set BACKUP_DIR.")
        found = backups.listed(folder)
        if not found:
            raise CommandError(f"There is no backup in {folder}.")
        start = monotonic()
        try:
            with backups.aside(found[-1]) as url:
                backups.upgrade(url)
                backups.verify(url)
                seconds = monotonic() - start
                lost = backups.lost_by(url)
        except backups.Failed as failed:
            raise CommandError(f"{found[-1]}: {failed}") from failed
        self.stdout.write(f"{found[-1]}: restored aside and verified in {seconds:.1f} seconds.")
        self.stdout.write(
            "\n".join(["To restore it would lose:", *lost]) if lost else "To restore it would lose nothing."
        )
