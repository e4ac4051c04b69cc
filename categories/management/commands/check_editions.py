import sys
from typing import Any

from django.core.management.base import BaseCommand

from ...models import Edition, Guidance
from ...publishing import verify


class Command(BaseCommand):
    help = "Recompute every digest, the chain and the index of the public record; exit 1 naming what differs."

    def handle(self, *args: Any, **options: Any) -> None:
        is_sound = True
        for guidance in Guidance.objects.order_by("slug"):
            for fault in verify.faults(guidance):
                self.stderr.write(f"{guidance.slug}: {fault}")
                is_sound = False
        if not is_sound:
            sys.exit(1)
        self.stdout.write(f"Editions checked: {Edition.objects.count()}. All are as they were published.")
