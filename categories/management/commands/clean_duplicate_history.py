from typing import Any, NoReturn

from django.core.management.base import CommandError
from simple_history.management.commands import clean_duplicate_history

from .clean_old_history import REFUSED


class Command(clean_duplicate_history.Command):
    help = "Refused: the history is kept for ever."

    def handle(self, *args: Any, **options: Any) -> NoReturn:
        raise CommandError(REFUSED)
