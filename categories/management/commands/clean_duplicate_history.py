"""Stands in the place of simple-history's own command, because this app comes first among those installed."""

from typing import Any

from django.core.management.base import CommandError
from simple_history.management.commands import clean_duplicate_history

from .clean_old_history import REFUSED


class Command(clean_duplicate_history.Command):
    help = "Refused: changes stay on record for ever."

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError(REFUSED)
