from typing import Any, NoReturn

from django.core.management.base import CommandError
from simple_history.management.commands import clean_old_history

REFUSED = "Nothing was removed: who changed what stays on record for ever, however old it is."


class Command(clean_old_history.Command):
    help = "Refused: the history is kept for ever."

    def handle(self, *args: Any, **options: Any) -> NoReturn:
        raise CommandError(REFUSED)
