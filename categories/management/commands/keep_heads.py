from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ...models import Guidance
from ...publishing import heads


class Command(BaseCommand):
    help = "Append the heads of the record, as they are, to HEADS_FILE: once it is set, and after a restore."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.HEADS_FILE:
            raise CommandError("HEADS_FILE is not set.")
        published = Guidance.objects.filter(editions__isnull=False).distinct()
        try:
            for guidance in published:
                heads.append(guidance.pk)
        except OSError as error:
            raise CommandError(f"They could not be appended: {error}") from error
        self.stdout.write(f"Heads kept of {len(published)} guidance.")
