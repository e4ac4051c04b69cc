"""Stands in the place of simple-history's own command, because this app comes first among those installed."""

from typing import Any

from django.core.management.base import CommandError
from simple_history.management.commands import clean_old_history

REFUSED = "Nothing was removed. Changes to the guidance stay on record for ever, so no history is cleaned here."


class Command(clean_old_history.Command):
    help = "Refused: changes stay on record for ever."

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError(REFUSED)
