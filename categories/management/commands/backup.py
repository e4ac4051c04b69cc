from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ... import backups


class Command(BaseCommand):
    help = "Back up the database into a folder, restore the copy aside, and verify it; then drop what is too old."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, nargs="?", default=settings.BACKUP_DIR or None, help="BACKUP_DIR")
        parser.add_argument("--keep", type=int, help="drop all but so many of the newest backups …")
        parser.add_argument("--days", type=int, help="… that are older than so many days")

    def handle(self, *args: Any, folder: Path | None, keep: int | None, days: int | None, **options: Any) -> None:
        if (keep is not None and keep < 1) or (days is not None and days < 0):
            raise CommandError("Keep at least one backup, and give days as a whole number.")
        if folder is None:
            raise CommandError("Give a folder, or set BACKUP_DIR.")
        try:
            made = backups.make(folder)
        except backups.Failed as failed:
            raise CommandError(f"{failed}\nThere is no new backup.") from failed
        self.stdout.write(f"{made}: {made.stat().st_size} bytes, restored aside and verified.")
        if keep is not None or days is not None:
            for old in backups.too_old(folder, keep or 1, timedelta(days=days or 0)):
                old.unlink()
                self.stdout.write(f"{old}: dropped")
