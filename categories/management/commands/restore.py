from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ... import backups


class Command(BaseCommand):
    help = "Put a backup in the place of the database, with the site stopped; what there is now is kept beside it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--lose", action="store_true", help="go back behind what the site has published or decided")

    def handle(self, *args: Any, file: Path, lose: bool, **options: Any) -> None:
        try:
            with backups.aside(file) as url:
                backups.upgrade(url)
                backups.verify(url)
                lost = backups.lost_by(url)
            if lost and not lose:
                what = "\n".join(["This would lose what came after the backup:", *lost])
                raise CommandError(f"{what}\nNothing is restored. Give --lose to restore it all the same.")
            kept = backups.restore(file)
        except backups.Failed as failed:
            raise CommandError(f"{failed}\nNothing is restored.") from failed
        self.stdout.write("\n".join(["Restored. Lost:", *lost]) if lost else "Restored. Nothing is lost.")
        if lost and (said := backups.set_heads_aside()):
            self.stdout.write(said)
        self.stdout.write(
            f"What there was is kept in {kept}.\nRun “migrate”, “keep_heads” and “check_editions”, then start the site."
        )
