from typing import Any

from django.core.management.commands import migrate

from ... import checks
from ...models import triggers


class Command(migrate.Command):
    """Django's own. Where only triggers are missing, it makes them first: the check that follows fails without them."""

    def handle(self, *args: Any, **options: Any) -> None:
        if checks.missing_triggers():
            triggers.make()
        super().handle(*args, **options)
